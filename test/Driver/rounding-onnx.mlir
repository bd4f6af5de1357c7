// Half-way points without floats: the exact formula of 64 bits, in vectors and scalars, is what the interpreter says.
// RUN: rm -rf %t && mkdir %t
// RUN: %qcc diff %s --integer-only | FileCheck %s
// RUN: %qcc diff %s --integer-only interpret x86-64-v2 | FileCheck %s
// RUN: %qcc diff %s | FileCheck %s
// CHECK: no difference in
// RUN: %qcc %s --integer-only --remarks -o %t/a.o 2>&1 | FileCheck %s --check-prefix=REMARK
// REMARK: requantization by the exact formula
// RUN: %python -c "import numpy as np; np.save('%t/x.npy', np.arange(256 * 48, dtype=np.int64).reshape(256, 48).astype(np.int8))"
// RUN: %qcc run %s --interpret --input=%t/x.npy --output=product=%t/a0.npy --output=mean=%t/a1.npy --output=twice=%t/a2.npy --output=square=%t/a3.npy
// RUN: %qcc run %s --integer-only --input=%t/x.npy --output=product=%t/b0.npy --output=mean=%t/b1.npy --output=twice=%t/b2.npy --output=square=%t/b3.npy
// RUN: %python -c "assert all(open(f'%t/a{i}.npy', 'rb').read() == open(f'%t/b{i}.npy', 'rb').read() for i in range(4))"
// RUN: %python -c "import numpy as np; x = np.load('%t/x.npy').astype(float); y = np.load('%t/a3.npy').reshape(x.shape); e = np.clip(np.rint((x - 1) * (x - 1) * 0.25 / 8), -128, 127); assert (y == e).all()"
// RUN: %python -c "import numpy as np; x = np.load('%t/x.npy').astype(float); y = np.load('%t/a1.npy').reshape(-1, 8); e = np.clip(np.rint((x.reshape(-1, 8, 6) - 1).sum(2) / 6), -128, 127); assert (y == e).all()"

!x = !quant.uniform<i8:f32, 5.000000e-01:1>
!w = !quant.uniform<i8:f32, 1.000000e+00>
!y = !quant.uniform<i8:f32, 8.000000e+00:-3>
!z = !quant.uniform<i8:f32, 5.000000e-01>
!s = !quant.uniform<i8:f32, 8.000000e+00>
func.func @main(%x: tensor<1x48x!x> {qnn.name = "x"}) -> (tensor<8x9x!y> {qnn.name = "product"}, tensor<8x!z> {qnn.name = "mean"},
    tensor<1x48x!y> {qnn.name = "twice"}, tensor<1x48x!s> {qnn.name = "square"}) {
  %w = qnn.constant dense<[[1, 0, 2, -1, 3, 0], [0, 1, 0, 0, 0, 0], [2, 2, 2, 2, 2, 2], [5, -5, 5, -5, 5, -5], [0, 0, 0, 0, 0, 8],
    [1, 1, 1, 1, 1, 1], [-7, 0, 0, 9, 0, 0], [4, 0, 0, 0, 0, 0], [127, 127, -127, 127, 127, 127]]> : tensor<9x6xi8> as tensor<9x6x!w>
  %rows = qnn.reshape %x : (tensor<1x48x!x>) -> tensor<8x6x!x>
  %product = qnn.fully_connected %rows, %w {rounding = #qnn.rounding<onnx>} : (tensor<8x6x!x>, tensor<9x6x!w>) -> tensor<8x9x!y>
  %mean = qnn.mean %rows {axes = array<i64: 1>, rounding = #qnn.rounding<onnx>} : (tensor<8x6x!x>) -> tensor<8x!z>
  %twice = qnn.requantize %x {rounding = #qnn.rounding<onnx>} : (tensor<1x48x!x>) -> tensor<1x48x!y>
  %square = qnn.mul %x, %x {rounding = #qnn.rounding<onnx>} : (tensor<1x48x!x>, tensor<1x48x!x>) -> tensor<1x48x!s>
  return %product, %mean, %twice, %square : tensor<8x9x!y>, tensor<8x!z>, tensor<1x48x!y>, tensor<1x48x!s>
}
