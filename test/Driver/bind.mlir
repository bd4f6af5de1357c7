// A bound input is a constant: it is gone from the interface.
// RUN: rm -rf %t && mkdir %t
// RUN: %python -c "import numpy as np; np.save('%t/b.npy', np.array([1, 2, 3, 4], np.float32)); np.save('%t/a.npy', np.array([10, 20, 30, 40], np.float32)); np.save('%t/bad.npy', np.array([1], np.float32))"
// RUN: %qcc run %s --bind=b=%t/b.npy --input=%t/a.npy | FileCheck %s
// CHECK: sum float32 [4]: 11 22 33 44
// RUN: %qcc run %s --input=b=%t/b.npy --input=a=%t/a.npy --interpret | FileCheck %s
// RUN: not %qcc run %s --bind=c=%t/b.npy 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: error: the model has no input 'c' to bind; it has 'a', 'b'
// RUN: not %qcc run %s --bind=b=%t/bad.npy 2>&1 | FileCheck %s --check-prefix=SHAPE
// SHAPE: error: the constant for input 'b' has shape [1], expected [4]
func.func @main(%a: tensor<4xf32> {qnn.name = "a"}, %b: tensor<4xf32> {qnn.name = "b"}) -> (tensor<4xf32> {qnn.name = "sum"}) {
  %0 = qnn.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
