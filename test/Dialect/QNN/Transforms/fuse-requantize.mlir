// RUN: %qcc-opt --qnn-fuse-requantize %s | FileCheck %s

!s = !quant.uniform<i8:f32, 0.5:-3>
!u = !quant.uniform<u8:f32, 0.5:125>
!w = !quant.uniform<i8:f32, 0.25>

// uint8 at both ends of an int8 network.
// CHECK-LABEL: func.func @ends
// CHECK: %[[Y:.*]] = qnn.conv2d %arg0, {{.*}} {clamp = #qnn.clamp<125, 255>} : (tensor<1x4x4x2x!quant.uniform<u8:f32, 5.000000e-01:125>>, {{.*}} -> tensor<1x4x4x3x!quant.uniform<u8:f32, 5.000000e-01:125>>
// CHECK-NEXT: return %[[Y]]
func.func @ends(%x: tensor<1x4x4x2x!u>, %w: tensor<3x1x1x2x!w>) -> tensor<1x4x4x3x!u> {
  %0 = qnn.requantize %x : (tensor<1x4x4x2x!u>) -> tensor<1x4x4x2x!s>
  %1 = qnn.conv2d %0, %w {clamp = #qnn.clamp<-3.0, 127.0>} : (tensor<1x4x4x2x!s>, tensor<3x1x1x2x!w>) -> tensor<1x4x4x3x!s>
  %2 = qnn.requantize %1 : (tensor<1x4x4x3x!s>) -> tensor<1x4x4x3x!u>
  return %2 : tensor<1x4x4x3x!u>
}

// A clamp that the shift narrows: -128 … 127 become 0 … 255, of which 10 … 20 are left, which were -118 … -108.
// CHECK-LABEL: func.func @clamped
// CHECK: qnn.add {{.*}} {clamp = #qnn.clamp<10, 20>}
// CHECK-NOT: qnn.requantize
func.func @clamped(%x: tensor<4x!s>) -> tensor<4x!u> {
  %0 = qnn.add %x, %x : (tensor<4x!s>, tensor<4x!s>) -> tensor<4x!s>
  %1 = qnn.requantize %0 {clamp = #qnn.clamp<10.0, 20.0>} : (tensor<4x!s>) -> tensor<4x!u>
  return %1 : tensor<4x!u>
}

// Behind a pad, and for a function of the real value.
// CHECK-LABEL: func.func @users
// CHECK-NEXT: qnn.pad %arg0 {{.*}} -> tensor<6x!quant.uniform<u8
// CHECK-NEXT: qnn.tanh
// CHECK-NEXT: qnn.dequantize %arg0
func.func @users(%x: tensor<4x!u>) -> (tensor<6x!s>, tensor<4xf32>) {
  %0 = qnn.requantize %x : (tensor<4x!u>) -> tensor<4x!s>
  %1 = qnn.pad %0 {low = array<i64: 1>, high = array<i64: 1>} : (tensor<4x!s>) -> tensor<6x!s>
  %2 = qnn.tanh %1 : (tensor<6x!s>) -> tensor<6x!s>
  %3 = qnn.dequantize %0 : (tensor<4x!s>) -> tensor<4xf32>
  return %2, %3 : tensor<6x!s>, tensor<4xf32>
}

// Another scale.
// CHECK-LABEL: func.func @scale
// CHECK: qnn.requantize
func.func @scale(%x: tensor<4x!s>) -> tensor<4xf32> {
  %0 = qnn.requantize %x : (tensor<4x!s>) -> tensor<4x!quant.uniform<i8:f32, 0.25:-3>>
  %1 = qnn.dequantize %0 : (tensor<4x!quant.uniform<i8:f32, 0.25:-3>>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// A shift that saturates stays before its users.
// CHECK-LABEL: func.func @saturates
// CHECK: qnn.requantize
func.func @saturates(%x: tensor<4x!s>) -> tensor<4xf32> {
  %0 = qnn.requantize %x : (tensor<4x!s>) -> tensor<4x!quant.uniform<i8:f32, 0.5:4>>
  %1 = qnn.dequantize %0 : (tensor<4x!quant.uniform<i8:f32, 0.5:4>>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// Average pooling rounds stored values. Softmax has the zero point that its result's sign prescribes.
// CHECK-LABEL: func.func @pool_softmax
// CHECK: qnn.requantize
// CHECK: qnn.avg_pool2d
// CHECK: qnn.requantize
// CHECK: %[[Y:.*]] = qnn.softmax {{.*}} -> tensor<1x4x!quant.uniform<u8:f32, 3.906250e-03>>
// CHECK-NEXT: return %[[Y]]
func.func @pool_softmax(%x: tensor<1x2x2x4x!u>) -> tensor<1x4x!quant.uniform<u8:f32, 0.00390625>> {
  %0 = qnn.requantize %x : (tensor<1x2x2x4x!u>) -> tensor<1x2x2x4x!s>
  %1 = qnn.avg_pool2d %0 {kernel = array<i64: 2, 2>} : (tensor<1x2x2x4x!s>) -> tensor<1x1x1x4x!s>
  %2 = qnn.requantize %1 {clamp = #qnn.clamp<0.0, 127.0>} : (tensor<1x1x1x4x!s>) -> tensor<1x1x1x4x!quant.uniform<i8:f32, 0.5:-2>>
  %3 = qnn.reshape %2 : (tensor<1x1x1x4x!quant.uniform<i8:f32, 0.5:-2>>) -> tensor<1x4x!quant.uniform<i8:f32, 0.5:-2>>
  %4 = qnn.softmax %3 : (tensor<1x4x!quant.uniform<i8:f32, 0.5:-2>>) -> tensor<1x4x!quant.uniform<i8:f32, 0.00390625:-128>>
  %5 = qnn.requantize %4 : (tensor<1x4x!quant.uniform<i8:f32, 0.00390625:-128>>) -> tensor<1x4x!quant.uniform<u8:f32, 0.00390625>>
  return %5 : tensor<1x4x!quant.uniform<u8:f32, 0.00390625>>
}

// The result is also returned as it is.
// CHECK-LABEL: func.func @other_use
// CHECK: qnn.add
// CHECK: qnn.requantize
func.func @other_use(%x: tensor<4x!s>) -> (tensor<4x!s>, tensor<4x!u>) {
  %0 = qnn.add %x, %x : (tensor<4x!s>, tensor<4x!s>) -> tensor<4x!s>
  %1 = qnn.requantize %0 : (tensor<4x!s>) -> tensor<4x!u>
  return %0, %1 : tensor<4x!s>, tensor<4x!u>
}
