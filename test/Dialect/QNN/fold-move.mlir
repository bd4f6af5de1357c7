// RUN: %qcc-opt --canonicalize %s | FileCheck %s

// Nothing moves.
// CHECK-LABEL: func.func @identities
// CHECK-NEXT: return %arg0, %arg0, %arg0
func.func @identities(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %a = qnn.slice %x {starts = array<i64: 0, 0>, sizes = array<i64: 2, 3>, steps = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %b = qnn.transpose %x {permutation = array<i64: 0, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %c = qnn.broadcast %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %a, %b, %c : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// A reversal and a square transposition keep the type, not the elements.
// CHECK-LABEL: func.func @no_identities
// CHECK: qnn.slice
// CHECK: qnn.transpose
func.func @no_identities(%x: tensor<3x3xf32>) -> (tensor<3x3xf32>, tensor<3x3xf32>) {
  %a = qnn.slice %x {starts = array<i64: 0, 2>, sizes = array<i64: 3, 3>, steps = array<i64: 1, -1>} : (tensor<3x3xf32>) -> tensor<3x3xf32>
  %b = qnn.transpose %x {permutation = array<i64: 1, 0>} : (tensor<3x3xf32>) -> tensor<3x3xf32>
  return %a, %b : tensor<3x3xf32>, tensor<3x3xf32>
}

// Twice is once: axis i of the result is axis [2, 0, 1][[1, 0, 2][i]] of the operand.
// CHECK-LABEL: func.func @twice
// CHECK-NEXT: %[[Y:.*]] = qnn.transpose %arg0 {permutation = array<i64: 0, 2, 1>}
// CHECK-NEXT: return %[[Y]]
func.func @twice(%x: tensor<2x3x4xf32>) -> tensor<2x4x3xf32> {
  %a = qnn.transpose %x {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %b = qnn.transpose %a {permutation = array<i64: 1, 0, 2>} : (tensor<4x2x3xf32>) -> tensor<2x4x3xf32>
  return %b : tensor<2x4x3xf32>
}

// Only an axis of extent 1 moves.
// CHECK-LABEL: func.func @reshape
// CHECK-NEXT: qnn.reshape %arg0 : (tensor<2x1x4xf32>) -> tensor<2x4x1xf32>
func.func @reshape(%x: tensor<2x1x4xf32>) -> tensor<2x4x1xf32> {
  %a = qnn.transpose %x {permutation = array<i64: 0, 2, 1>} : (tensor<2x1x4xf32>) -> tensor<2x4x1xf32>
  return %a : tensor<2x4x1xf32>
}
