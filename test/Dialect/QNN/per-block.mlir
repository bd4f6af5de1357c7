// RUN: %qcc-opt --split-input-file --verify-diagnostics %s

// A constant may be quantized per block.
func.func @constant() -> tensor<2x4x!quant.uniform<i8:f32:{0:1, 1:2}, {{0.5, 1.0}, {2.0, 4.0}}>> {
  %0 = qnn.constant dense<1> : tensor<2x4xi8> as tensor<2x4x!quant.uniform<i8:f32:{0:1, 1:2}, {{0.5, 1.0}, {2.0, 4.0}}>>
  return %0 : tensor<2x4x!quant.uniform<i8:f32:{0:1, 1:2}, {{0.5, 1.0}, {2.0, 4.0}}>>
}

// -----

func.func @fully_connected(%x: tensor<1x4x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x!quant.uniform<i8:f32, 0.5>> {
  %w = qnn.constant dense<1> : tensor<2x4xi8> as tensor<2x4x!quant.uniform<i8:f32:{0:1, 1:2}, {{0.5, 1.0}, {2.0, 4.0}}>>
  // expected-error @+1 {{is not defined on types quantized per block}}
  %y = qnn.fully_connected %x, %w : (tensor<1x4x!quant.uniform<i8:f32, 0.5>>,
    tensor<2x4x!quant.uniform<i8:f32:{0:1, 1:2}, {{0.5, 1.0}, {2.0, 4.0}}>>) -> tensor<1x2x!quant.uniform<i8:f32, 0.5>>
  return %y : tensor<1x2x!quant.uniform<i8:f32, 0.5>>
}
