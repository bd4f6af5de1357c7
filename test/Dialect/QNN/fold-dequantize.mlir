// RUN: %qcc-opt --canonicalize %s | FileCheck %s

// CHECK-LABEL: @dequantized_constant
// CHECK: qnn.constant dense<{{\[\[}}5.000000e-01, -1.000000e+00], [5.000000e-01, 1.000000e+00]]>
// CHECK-NOT: qnn.dequantize
func.func @dequantized_constant() -> tensor<2x2xf32> {
  %0 = qnn.constant dense<[[1, -2], [3, 5]]> : tensor<2x2xi8> as tensor<2x2x!quant.uniform<i8:f32:0, {0.5, 0.25:1}>>
  %1 = qnn.dequantize %0 : (tensor<2x2x!quant.uniform<i8:f32:0, {0.5, 0.25:1}>>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}
