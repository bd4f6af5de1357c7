// RUN: %qcc-opt --qnn-form-layers --split-input-file %s | FileCheck %s

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// Constants move into the layer that uses them; the layer is named by op and index.
// CHECK-LABEL: func.func @one_layer
// CHECK-NOT:     qnn.constant
// CHECK:         qnn.layer "fully_connected_0" (%[[X:.*]] = %{{.*}}) :
// CHECK:           %[[W:.*]] = qnn.constant
// CHECK:           %[[Y:.*]] = qnn.fully_connected %[[X]], %[[W]]
// CHECK:           qnn.yield %[[Y]]
func.func @one_layer(%x: tensor<1x4x!act>) -> tensor<1x2x!act> {
  %w = qnn.constant dense<1> : tensor<2x4xi8> as tensor<2x4x!wgt>
  %y = qnn.fully_connected %x, %w : (tensor<1x4x!act>, tensor<2x4x!wgt>) -> tensor<1x2x!act>
  return %y : tensor<1x2x!act>
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>

// A constant with two users is cloned into both layers; an operand used twice is one input.
// CHECK-LABEL: func.func @shared
// CHECK:         qnn.layer "add_0" (%{{.*}} = %{{[a-z0-9]+}}) :
// CHECK:           qnn.constant
// CHECK:         qnn.layer "add_1" (%{{.*}} = %{{[a-z0-9]+}}) :
// CHECK:           qnn.constant
// CHECK:         qnn.layer "add_2" (%[[A:.*]] = %{{[a-z0-9]+}}) :
// CHECK-NEXT:      qnn.add %[[A]], %[[A]]
func.func @shared(%x: tensor<4x!act>) -> tensor<4x!act> {
  %c = qnn.constant dense<7> : tensor<4xi8> as tensor<4x!act>
  %0 = qnn.add %x, %c : (tensor<4x!act>, tensor<4x!act>) -> tensor<4x!act>
  %1 = qnn.add %0, %c : (tensor<4x!act>, tensor<4x!act>) -> tensor<4x!act>
  %2 = qnn.add %1, %1 : (tensor<4x!act>, tensor<4x!act>) -> tensor<4x!act>
  return %2 : tensor<4x!act>
}

// -----

// Reshapes stay outside as views; a function without work is left as it is.
// CHECK-LABEL: func.func @reshape_only
// CHECK-NOT:     qnn.layer
// CHECK:         qnn.reshape
func.func @reshape_only(%x: tensor<2x2xf32>) -> tensor<4xf32> {
  %0 = qnn.reshape %x : (tensor<2x2xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
