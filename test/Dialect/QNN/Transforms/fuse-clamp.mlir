// RUN: %qcc-opt --qnn-fuse-clamp %s | FileCheck %s

!q = !quant.uniform<i8:f32, 0.5:3>

// CHECK-LABEL: func.func @float
// CHECK: %[[Y:.*]] = qnn.add {{.*}} {clamp = #qnn.clamp<0, 6>}
// CHECK-NEXT: return %[[Y]]
func.func @float(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %0 = qnn.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = qnn.clip %0 {clamp = #qnn.clamp<0.0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
  %2 = qnn.clip %1 {clamp = #qnn.clamp<-1.0, 6.0>} : (tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}

// Ranges that do not meet: everything becomes the second one's nearer end.
// CHECK-LABEL: func.func @apart
// CHECK: qnn.add {{.*}} {clamp = #qnn.clamp<5, 5>}
// CHECK-NOT: qnn.clip
func.func @apart(%a: tensor<4xi32>, %b: tensor<4xi32>) -> tensor<4xi32> {
  %0 = qnn.add %a, %b {clamp = #qnn.clamp<0.0, 2.0>} : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %1 = qnn.clip %0 {clamp = #qnn.clamp<5.0, 9.0>} : (tensor<4xi32>) -> tensor<4xi32>
  return %1 : tensor<4xi32>
}

// CHECK-LABEL: func.func @quantized
// CHECK: qnn.max_pool2d {{.*}}clamp = #qnn.clamp<3, 27>
// CHECK-NEXT: return
func.func @quantized(%x: tensor<1x2x2x1x!q>) -> tensor<1x1x1x1x!q> {
  %0 = qnn.max_pool2d %x {kernel = array<i64: 2, 2>, clamp = #qnn.clamp<-128.0, 27.0>} : (tensor<1x2x2x1x!q>) -> tensor<1x1x1x1x!q>
  %1 = qnn.requantize %0 {clamp = #qnn.clamp<3.0, 127.0>} : (tensor<1x1x1x1x!q>) -> tensor<1x1x1x1x!q>
  return %1 : tensor<1x1x1x1x!q>
}

// CHECK-LABEL: func.func @other_use
// CHECK: qnn.add
// CHECK: qnn.clip
func.func @other_use(%a: tensor<4xf32>, %b: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = qnn.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = qnn.clip %0 {clamp = #qnn.clamp<0.0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// Another scale, and a producer without a clamp.
// CHECK-LABEL: func.func @not
// CHECK: qnn.add
// CHECK: qnn.requantize
// CHECK: qnn.tanh
// CHECK: qnn.clip
func.func @not(%a: tensor<4x!q>, %b: tensor<4xf32>) -> (tensor<4x!quant.uniform<i8:f32, 0.25:3>>, tensor<4xf32>) {
  %0 = qnn.add %a, %a : (tensor<4x!q>, tensor<4x!q>) -> tensor<4x!q>
  %1 = qnn.requantize %0 {clamp = #qnn.clamp<3.0, 127.0>} : (tensor<4x!q>) -> tensor<4x!quant.uniform<i8:f32, 0.25:3>>
  %2 = qnn.tanh %b : (tensor<4xf32>) -> tensor<4xf32>
  %3 = qnn.clip %2 {clamp = #qnn.clamp<0.0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
  return %1, %3 : tensor<4x!quant.uniform<i8:f32, 0.25:3>>, tensor<4xf32>
}
