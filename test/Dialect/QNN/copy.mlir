// RUN: %qcc-opt --split-input-file --verify-diagnostics --canonicalize %s | FileCheck %s

// The canonicalizer leaves a copy alone.
// CHECK-LABEL: func.func @kept
// CHECK: qnn.copy
func.func @kept(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = qnn.copy %x : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// (C1)
func.func @type(%x: tensor<4xf32>) -> tensor<4xi32> {
  // expected-error @below {{operand and result must have the same type, but got 'tensor<4xf32>' and 'tensor<4xi32>'}}
  %y = qnn.copy %x : (tensor<4xf32>) -> tensor<4xi32>
  return %y : tensor<4xi32>
}
