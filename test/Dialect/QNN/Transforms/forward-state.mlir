// RUN: %qcc-opt --split-input-file --qnn-forward-state %s | FileCheck %s

// What is read behind an assignment is the assigned value; the last assignment stays.
// CHECK: qnn.variable @a
qnn.variable @a dense<0.0> : tensor<2xf32> as tensor<2xf32>
// CHECK-LABEL: func.func @forward
// CHECK-NEXT: %[[OLD:.*]] = qnn.read_variable @a
// CHECK-NEXT: %[[NEW:.*]] = qnn.add %[[OLD]], %arg0
// CHECK-NEXT: qnn.assign_variable @a, %[[NEW]]
// CHECK-NEXT: return %[[OLD]], %arg0
func.func @forward(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %0 = qnn.read_variable @a : tensor<2xf32>
  qnn.assign_variable @a, %x : tensor<2xf32>
  %1 = qnn.read_variable @a : tensor<2xf32>
  %2 = qnn.add %0, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  qnn.assign_variable @a, %2 : tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// -----

// Nothing reads @unread; @same is assigned what it holds; @fixed is never assigned; @passing is assigned first.
// CHECK-NOT: qnn.variable
qnn.variable @unread dense<0.0> : tensor<2xf32> as tensor<2xf32>
qnn.variable @same dense<0.0> : tensor<2xf32> as tensor<2xf32>
qnn.variable @fixed dense<[1.0, 2.0]> : tensor<2xf32> as tensor<2xf32>
qnn.variable @passing dense<0.0> : tensor<2xf32> as tensor<2xf32>
// CHECK-LABEL: func.func @gone
// CHECK-NEXT: %[[C:.*]] = qnn.constant dense<[1.000000e+00, 2.000000e+00]>
// CHECK-NEXT: return %[[C]], %arg0
func.func @gone(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  qnn.assign_variable @unread, %x : tensor<2xf32>
  %0 = qnn.read_variable @same : tensor<2xf32>
  qnn.assign_variable @same, %0 : tensor<2xf32>
  %1 = qnn.read_variable @fixed : tensor<2xf32>
  qnn.assign_variable @passing, %x : tensor<2xf32>
  %2 = qnn.read_variable @passing : tensor<2xf32>
  return %1, %2 : tensor<2xf32>, tensor<2xf32>
}

// -----

// An exchange needs both: nothing to forward.
qnn.variable @a dense<0.0> : tensor<2xf32> as tensor<2xf32>
qnn.variable @b dense<1.0> : tensor<2xf32> as tensor<2xf32>
// CHECK-LABEL: func.func @exchange
// CHECK-NEXT: %[[A:.*]] = qnn.read_variable @a
// CHECK-NEXT: %[[B:.*]] = qnn.read_variable @b
// CHECK-NEXT: qnn.assign_variable @a, %[[B]]
// CHECK-NEXT: qnn.assign_variable @b, %[[A]]
func.func @exchange() -> tensor<2xf32> {
  %0 = qnn.read_variable @a : tensor<2xf32>
  %1 = qnn.read_variable @b : tensor<2xf32>
  qnn.assign_variable @a, %1 : tensor<2xf32>
  qnn.assign_variable @b, %0 : tensor<2xf32>
  return %0 : tensor<2xf32>
}
