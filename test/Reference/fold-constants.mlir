// RUN: %qcc-opt --split-input-file --qnn-fold-constants --canonicalize %s | FileCheck %s

!q = !quant.uniform<i8:f32, 0.5:1>
!u = !quant.uniform<u8:f32, 0.5:129>

// CHECK-LABEL: func.func @chain
// CHECK-NEXT: %[[C:.*]] = qnn.constant dense<{{\[}}-5.000000e-01, 0.000000e+00, 0.000000e+00, 6.300000e+01]> : tensor<4xf32> as tensor<4xf32>
// CHECK-NEXT: return %[[C]]
func.func @chain() -> tensor<4xf32> {
  %c = qnn.constant dense<[[0, 1], [1, 127]]> : tensor<2x2xi8> as tensor<2x2x!q>
  %r = qnn.reshape %c : (tensor<2x2x!q>) -> tensor<4x!q>
  %d = qnn.dequantize %r : (tensor<4x!q>) -> tensor<4xf32>
  return %d : tensor<4xf32>
}

// -----

!q = !quant.uniform<i8:f32, 0.5:1>
!u = !quant.uniform<u8:f32, 0.5:129>

// Stored as unsigned: 255 and 129, which print as the i8 of the same bits, are 63.0 and 0.0.
// CHECK-LABEL: func.func @unsigned
// CHECK-DAG: %[[Q:.*]] = qnn.constant dense<[0, -1, -127]> : tensor<3xi8> as
// CHECK-DAG: %[[R:.*]] = qnn.constant dense<[-6.450000e+01, 6.300000e+01, 0.000000e+00]> : tensor<3xf32> as
// CHECK: return %[[Q]], %[[R]]
func.func @unsigned() -> (tensor<3x!u>, tensor<3xf32>) {
  %c = qnn.constant dense<[-128, 127, 1]> : tensor<3xi8> as tensor<3x!q>
  %r = qnn.requantize %c : (tensor<3x!q>) -> tensor<3x!u>
  %d = qnn.dequantize %r : (tensor<3x!u>) -> tensor<3xf32>
  return %r, %d : tensor<3x!u>, tensor<3xf32>
}

// -----

// One operand is not known; a copy is wanted; what grows too much stays.
// CHECK-LABEL: func.func @stays
// CHECK: qnn.add
// CHECK: qnn.copy
// CHECK: qnn.pad
func.func @stays(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<100004xf32>) {
  %c = qnn.constant dense<1.0> : tensor<4xf32> as tensor<4xf32>
  %a = qnn.add %x, %c : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %b = qnn.copy %c : (tensor<4xf32>) -> tensor<4xf32>
  %p = qnn.pad %c {low = array<i64: 0>, high = array<i64: 100000>} : (tensor<4xf32>) -> tensor<100004xf32>
  return %a, %b, %p : tensor<4xf32>, tensor<4xf32>, tensor<100004xf32>
}

// -----

// More work than a small file may ask for: windows of a million elements, and a splat that would be written out.
// CHECK-LABEL: func.func @costs
// CHECK: qnn.avg_pool2d
// CHECK: qnn.neg
func.func @costs() -> (tensor<1x1000x1000x1xf32>, tensor<20000000xf32>) {
  %c = qnn.constant dense<1.0> : tensor<1x1000x1000x1xf32> as tensor<1x1000x1000x1xf32>
  %s = qnn.constant dense<1.0> : tensor<20000000xf32> as tensor<20000000xf32>
  %p = qnn.avg_pool2d %c {kernel = array<i64: 999, 999>, padding = array<i64: 499, 499, 499, 499>}
    : (tensor<1x1000x1000x1xf32>) -> tensor<1x1000x1000x1xf32>
  %n = qnn.neg %s : (tensor<20000000xf32>) -> tensor<20000000xf32>
  return %p, %n : tensor<1x1000x1000x1xf32>, tensor<20000000xf32>
}

// -----

// Not defined by the interpreter: left alone, without a word.
// CHECK-LABEL: func.func @undefined
// CHECK: qnn.softmax
func.func @undefined() -> tensor<1x4x!quant.uniform<i8:f32, 0.5>> {
  %c = qnn.constant dense<1> : tensor<1x4xi8> as tensor<1x4x!quant.uniform<i8:f32, 0.5>>
  %s = qnn.softmax %c : (tensor<1x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x4x!quant.uniform<i8:f32, 0.5>>
  return %s : tensor<1x4x!quant.uniform<i8:f32, 0.5>>
}
