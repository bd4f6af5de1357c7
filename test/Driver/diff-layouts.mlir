// Tensors of an .onnx model have channels before the axes of space, and code has them behind: they are compared, and dumped, in the model's layout.
// The location says so, of squares as well, whose extents would not tell.
// RUN: rm -rf %t && mkdir -p %t/a %t/b && cd %t
// RUN: %python -c "import numpy as np; np.save('x.npy', np.random.RandomState(7).randn(2, 3, 5, 6).astype(np.float32))"
// RUN: %qcc diff %s interpret native --input=x.npy | FileCheck %s
// RUN: %qcc diff %s interpret native --input=x.npy --threads=2 | FileCheck %s
// RUN: sed 's/5x6/4x4/g; s/5, 6\([],>]\)/4, 4\1/g; s/120/64/g' %s > square.mlir
// RUN: %python -c "import numpy as np; np.save('y.npy', np.random.RandomState(7).randn(2, 3, 4, 4).astype(np.float32))"
// RUN: %qcc diff square.mlir interpret native --input=y.npy | FileCheck %s
// RUN: %qcc run %s --input=x.npy --interpret --dump-tensors=a
// RUN: %qcc run %s --input=x.npy --dump-tensors=b
// RUN: %python -c "import numpy as np; a, b = np.load('a/002_relu.npy'), np.load('b/002_relu.npy'); assert a.shape == (2, 4, 5, 6); np.testing.assert_array_equal(a, b)"
// CHECK:  no difference in 4 tensors between interpret and native on 2 samples

!a = !quant.uniform<i8:f32, 0.0625>
!w = !quant.uniform<i8:f32, 1.0>

func.func @main(%x: tensor<1x3x5x6xf32> {qnn.name = "x"}) -> (tensor<1x120xf32> {qnn.name = "flat"}) {
  %q = qnn.quantize %x : (tensor<1x3x5x6xf32>) -> tensor<1x3x5x6x!a> loc("q"("m.onnx":0:0))
  %t = qnn.transpose %q {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x5x6x!a>) -> tensor<1x5x6x3x!a> loc("m.onnx":1:0)
  %w = qnn.constant dense<[[[[1, 0, 0]]], [[[0, 2, 0]]], [[[0, 0, 3]]], [[[1, 1, 1]]]]> : tensor<4x1x1x3xi8> as tensor<4x1x1x3x!w>
  %c = qnn.conv2d %t, %w : (tensor<1x5x6x3x!a>, tensor<4x1x1x3x!w>) -> tensor<1x5x6x4x!a> loc(fused<[array<i64: 2, 0, 1>, array<i64: 1, 4, 5, 6>]>["conv"("m.onnx":1:0)])
  %n = qnn.transpose %c {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x5x6x4x!a>) -> tensor<1x4x5x6x!a> loc("conv"("m.onnx":1:0))
  %r = qnn.clip %n {clamp = #qnn.clamp<0.0, inf>} : (tensor<1x4x5x6x!a>) -> tensor<1x4x5x6x!a> loc("relu"("m.onnx":2:0))
  %d = qnn.dequantize %r : (tensor<1x4x5x6x!a>) -> tensor<1x4x5x6xf32> loc("d"("m.onnx":3:0))
  %f = qnn.reshape %d : (tensor<1x4x5x6xf32>) -> tensor<1x120xf32> loc("flat"("m.onnx":4:0))
  return %f : tensor<1x120xf32>
}
