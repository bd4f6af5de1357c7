// Samples of zeros, of NaN, with NaN, with infinities, denormal ones and ties: compiled code rounds as the interpreter says.
// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python -c "import numpy as np; x = np.tile(np.arange(-18, 19, dtype=np.float32) / 2, (8, 1)); x[0] = 0; x[1] = np.nan; x[2, ::5] = np.nan; x[3, 7] = np.inf; x[4, 7] = -np.inf; x[5] *= 1e-42; x[6, 0] = 63.5; x[7] = -1e38 * abs(x[7]); np.save('x.npy', x); np.save('i.npy', x.reshape(2, 4, 37, 1).repeat(20, 3))"
// RUN: %qcc run %s --input=x.npy --input=i.npy --output=a0.npy --output=a1.npy --output=a2.npy --output=a3.npy --interpret
// RUN: %qcc run %s --input=x.npy --input=i.npy --output=b0.npy --output=b1.npy --output=b2.npy --output=b3.npy
// RUN: %qcc run %s --input=x.npy --input=i.npy --output=c0.npy --output=c1.npy --output=c2.npy --output=c3.npy --mcpu=x86-64
// RUN: %python -c "import numpy as np; [np.testing.assert_array_equal(np.load(f'{way}{i}.npy'), np.load(f'a{i}.npy')) for way in 'bc' for i in range(4)]; a = np.load('a1.npy'); assert (a[:2] == 3).all(), a"

func.func @main(%x: tensor<8x37xf32>, %i: tensor<2x4x37x20xf32>)
    -> (tensor<8x5xf32>, tensor<8x5xf32>, tensor<2x4x37x20xf32>, tensor<2x4x37x20xf32>) {
  %w = qnn.constant dense<-7> : tensor<5x37xi8> as tensor<5x37x!quant.uniform<i8:f32, 0.25>>
  %k = qnn.constant dense<11> : tensor<1x3x3x20xi8> as tensor<1x3x3x20x!quant.uniform<i8:f32, 0.25>>
  %b = qnn.constant dense<3.0> : tensor<5xf32> as tensor<5xf32>
  %0 = qnn.fully_connected %x, %w bias %b
    : (tensor<8x37xf32>, tensor<5x37x!quant.uniform<i8:f32, 0.25>>, tensor<5xf32>) -> tensor<8x5xf32>
  %1 = qnn.fully_connected %x, %w bias %b {asymmetric_inputs}
    : (tensor<8x37xf32>, tensor<5x37x!quant.uniform<i8:f32, 0.25>>, tensor<5xf32>) -> tensor<8x5xf32>
  %2 = qnn.depthwise_conv2d %i, %k {padding = array<i64: 1, 1, 1, 1>}
    : (tensor<2x4x37x20xf32>, tensor<1x3x3x20x!quant.uniform<i8:f32, 0.25>>) -> tensor<2x4x37x20xf32>
  %3 = qnn.depthwise_conv2d %i, %k {padding = array<i64: 1, 1, 1, 1>, asymmetric_inputs}
    : (tensor<2x4x37x20xf32>, tensor<1x3x3x20x!quant.uniform<i8:f32, 0.25>>) -> tensor<2x4x37x20xf32>
  return %0, %1, %2, %3 : tensor<8x5xf32>, tensor<8x5xf32>, tensor<2x4x37x20xf32>, tensor<2x4x37x20xf32>
}
