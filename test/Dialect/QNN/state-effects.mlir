// RUN: %qcc-opt --cse --canonicalize %s | FileCheck %s

// Reads merge where no assignment stands between them, unused ones go, and no assignment moves.
qnn.variable @a dense<0.0> : tensor<2xf32> as tensor<2xf32>
// CHECK-LABEL: func.func @order
// CHECK: %[[A:.*]] = qnn.read_variable @a
// CHECK-NEXT: qnn.assign_variable @a, %arg0
// CHECK-NEXT: %[[B:.*]] = qnn.read_variable @a
// CHECK-NEXT: qnn.assign_variable @a, %[[A]]
// CHECK-NEXT: return %[[A]], %[[A]], %[[B]]
func.func @order(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0 = qnn.read_variable @a : tensor<2xf32>
  %1 = qnn.read_variable @a : tensor<2xf32>
  qnn.assign_variable @a, %x : tensor<2xf32>
  %2 = qnn.read_variable @a : tensor<2xf32>
  qnn.assign_variable @a, %1 : tensor<2xf32>
  %3 = qnn.read_variable @a : tensor<2xf32>
  return %0, %1, %2 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}
