// RUN: %qcc-opt --qnn-fold-pad --canonicalize %s | FileCheck %s

!x = !quant.uniform<i8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.25>
!y = !quant.uniform<i8:f32, 2.0:-3>

// CHECK-LABEL: func.func @conv
// CHECK-NOT: qnn.pad
// CHECK: qnn.conv2d %arg0, %{{.*}} {padding = array<i64: 3, 1, 2, 4>}
func.func @conv(%x: tensor<1x4x4x2x!x>, %w: tensor<3x2x2x2x!w>) -> tensor<1x7x9x3x!y> {
  %p = qnn.pad %x {low = array<i64: 0, 2, 1, 0>, high = array<i64: 0, 1, 3, 0>} : (tensor<1x4x4x2x!x>) -> tensor<1x7x8x2x!x>
  %y = qnn.conv2d %p, %w {padding = array<i64: 1, 0, 1, 1>} : (tensor<1x7x8x2x!x>, tensor<3x2x2x2x!w>) -> tensor<1x7x9x3x!y>
  return %y : tensor<1x7x9x3x!y>
}

// CHECK-LABEL: func.func @depthwise_twice
// CHECK-NOT: qnn.pad
// CHECK: qnn.depthwise_conv2d %arg0, %{{.*}} {padding = array<i64: 1, 1, 1, 0>}
func.func @depthwise_twice(%x: tensor<1x4x4x2xf32>, %w: tensor<1x3x3x2xf32>) -> tensor<1x4x3x2xf32> {
  %p = qnn.pad %x {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x2xf32>) -> tensor<1x5x4x2xf32>
  %q = qnn.pad %p {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 1, 0, 0>} : (tensor<1x5x4x2xf32>) -> tensor<1x6x5x2xf32>
  %y = qnn.depthwise_conv2d %q, %w : (tensor<1x6x5x2xf32>, tensor<1x3x3x2xf32>) -> tensor<1x4x3x2xf32>
  return %y : tensor<1x4x3x2xf32>
}

// The pad has another reader: the convolution folds it all the same.
// CHECK-LABEL: func.func @shared
// CHECK: qnn.pad
// CHECK: qnn.conv2d %arg0, %{{.*}} {padding = array<i64: 1, 0, 0, 0>}
func.func @shared(%x: tensor<1x4x4x2xf32>, %w: tensor<1x2x2x2xf32>) -> (tensor<1x4x3x1xf32>, tensor<1x5x4x2xf32>) {
  %p = qnn.pad %x {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x2xf32>) -> tensor<1x5x4x2xf32>
  %y = qnn.conv2d %p, %w : (tensor<1x5x4x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x4x3x1xf32>
  return %y, %p : tensor<1x4x3x1xf32>, tensor<1x5x4x2xf32>
}

// Channels are no window.
// CHECK-LABEL: func.func @channels
// CHECK: qnn.pad
// CHECK-NOT: padding =
func.func @channels(%x: tensor<1x4x4x1xf32>, %w: tensor<1x2x2x2xf32>) -> tensor<1x4x3x1xf32> {
  %p = qnn.pad %x {low = array<i64: 0, 1, 0, 1>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x1xf32>) -> tensor<1x5x4x2xf32>
  %y = qnn.conv2d %p, %w : (tensor<1x5x4x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x4x3x1xf32>
  return %y : tensor<1x4x3x1xf32>
}

// Padding does not count in pooling, but a padded zero does.
// CHECK-LABEL: func.func @pool
// CHECK: qnn.pad
// CHECK: qnn.avg_pool2d
// CHECK: qnn.pad
// CHECK: qnn.max_pool2d
func.func @pool(%x: tensor<1x4x4x1xf32>) -> (tensor<1x4x3x1xf32>, tensor<1x4x3x1xf32>) {
  %p = qnn.pad %x {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x1xf32>) -> tensor<1x5x4x1xf32>
  %a = qnn.avg_pool2d %p {kernel = array<i64: 2, 2>} : (tensor<1x5x4x1xf32>) -> tensor<1x4x3x1xf32>
  %q = qnn.pad %x {low = array<i64: 0, 0, 0, 0>, high = array<i64: 0, 1, 0, 0>} : (tensor<1x4x4x1xf32>) -> tensor<1x5x4x1xf32>
  %m = qnn.max_pool2d %q {kernel = array<i64: 2, 2>} : (tensor<1x5x4x1xf32>) -> tensor<1x4x3x1xf32>
  return %a, %m : tensor<1x4x3x1xf32>, tensor<1x4x3x1xf32>
}

// A pad with a value of its own is no padding of the convolution, and no part of another pad.
// CHECK-LABEL: func.func @value
// CHECK: qnn.pad
// CHECK: qnn.pad
// CHECK-NOT: padding =
func.func @value(%x: tensor<1x4x4x2xf32>, %w: tensor<1x2x2x2xf32>) -> tensor<1x5x3x1xf32> {
  %p = qnn.pad %x {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x2xf32>) -> tensor<1x5x4x2xf32>
  %q = qnn.pad %p {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>, value = 1.0 : f32} : (tensor<1x5x4x2xf32>) -> tensor<1x6x4x2xf32>
  %y = qnn.conv2d %q, %w : (tensor<1x6x4x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x5x3x1xf32>
  return %y : tensor<1x5x3x1xf32>
}
