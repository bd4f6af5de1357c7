// What is no number stays none between the bounds of an activation: compiled code as the interpreter, and as std::min and std::max of the origin.
// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python -c "import numpy as np; x = np.arange(-60, 60, dtype=np.float32).reshape(1, 3, 4, 10); x[0, 1, 1, 3] = np.nan; x[0, 2, 3, 9] = np.inf; np.save('x.npy', x)"
// RUN: %qcc run %s --input=x.npy --output=a0.npy --output=a1.npy --interpret
// RUN: %qcc run %s --input=x.npy --output=b0.npy --output=b1.npy
// RUN: %qcc run %s --input=x.npy --output=c0.npy --output=c1.npy --mcpu=x86-64
// RUN: %python -c "import numpy as np; [np.testing.assert_array_equal(np.load(f'{way}{i}.npy'), np.load(f'a{i}.npy')) for way in 'bc' for i in range(2)]; assert [np.isnan(np.load(f'a{i}.npy')).sum() for i in range(2)] == [9 * 7, 9]"

func.func @main(%x: tensor<1x3x4x10xf32>) -> (tensor<1x3x4x7xf32>, tensor<1x3x4x10xf32>) {
  %w = qnn.constant dense<0.5> : tensor<7x3x3x10xf32> as tensor<7x3x3x10xf32>
  %k = qnn.constant dense<0.5> : tensor<1x3x3x10xf32> as tensor<1x3x3x10xf32>
  %0 = qnn.conv2d %x, %w {padding = array<i64: 1, 1, 1, 1>, clamp = #qnn.clamp<0.0, 6.0>}
    : (tensor<1x3x4x10xf32>, tensor<7x3x3x10xf32>) -> tensor<1x3x4x7xf32>
  %1 = qnn.depthwise_conv2d %x, %k {padding = array<i64: 1, 1, 1, 1>, clamp = #qnn.clamp<0.0, 6.0>}
    : (tensor<1x3x4x10xf32>, tensor<1x3x3x10xf32>) -> tensor<1x3x4x10xf32>
  return %0, %1 : tensor<1x3x4x7xf32>, tensor<1x3x4x10xf32>
}
