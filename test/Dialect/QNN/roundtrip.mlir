// RUN: %qcc-opt --verify-roundtrip %s | FileCheck %s

// CHECK-LABEL: func.func @conv
// CHECK: qnn.conv2d {{.*}} bias {{.*}}clamp = #qnn.clamp<-3, inf>
// CHECK-LABEL: func.func @layer
// CHECK: qnn.layer "clip_0" ({{.*}}) attributes {buffers = [#qnn.buffer<arena, 0, 64, [1, 1, 1, 1]>]
func.func @conv(%x: tensor<1x8x8x3x!quant.uniform<i8:f32, 0.0235285:7>>) -> tensor<1x8x8x4x!quant.uniform<i8:f32, 2.0:-3>> {
  %w = qnn.constant dense<1> : tensor<4x3x3x3xi8> as tensor<4x3x3x3x!quant.uniform<i8<-127:127>:f32:0, {0.25,0.5,0.1,0.2}>>
  %b = qnn.constant dense<[1,2,3,4]> : tensor<4xi32> as tensor<4xi32>
  %y = qnn.conv2d %x, %w bias %b {strides = array<i64: 1, 1>, padding = array<i64: 1, 1, 1, 1>, clamp = #qnn.clamp<-3, inf>, rounding = #qnn.rounding<tflite_single>} : (tensor<1x8x8x3x!quant.uniform<i8:f32, 0.0235285:7>>, tensor<4x3x3x3x!quant.uniform<i8<-127:127>:f32:0, {0.25,0.5,0.1,0.2}>>, tensor<4xi32>) -> tensor<1x8x8x4x!quant.uniform<i8:f32, 2.0:-3>>
  return %y : tensor<1x8x8x4x!quant.uniform<i8:f32, 2.0:-3>>
}
func.func @layer(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = qnn.layer "clip_0" (%a = %x) attributes {kernel = #qnn.kernel<"elementwise", {lanes = 4 : i64}>, buffers = [#qnn.buffer<arena, 0, 64, [1, 1, 1, 1]>]} : (tensor<4xf32>) -> tensor<4xf32> {
    %0 = qnn.clip %a {clamp = #qnn.clamp<0.0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
    qnn.yield %0 : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}
