// A convolution of floats whose filter alone is quantized.

// RUN: %qcc-opt -split-input-file -verify-diagnostics --verify-roundtrip %s

func.func @hybrid(%x: tensor<1x2x2x1xf32>, %w: tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x2x1xf32> {
  %y = qnn.conv2d %x, %w : (tensor<1x2x2x1xf32>, tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}

// -----

func.func @zero_point(%x: tensor<1x2x2x1xf32>, %w: tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5:1>>) -> tensor<1x2x2x1xf32> {
  // expected-error @below {{beside a float input, a quantized filter must be quantized per tensor in signed 8 bits with zero point 0, but is 'tensor<1x1x1x1x!quant.uniform<i8:f32, 5.000000e-01:1>>'}}
  %y = qnn.conv2d %x, %w : (tensor<1x2x2x1xf32>, tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5:1>>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}

// -----

func.func @depthwise(%x: tensor<1x2x2x1xf32>, %w: tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x2x1xf32> {
  // expected-error @below {{operands and result must be all quantized or all float}}
  %y = qnn.depthwise_conv2d %x, %w : (tensor<1x2x2x1xf32>, tensor<1x1x1x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x2x2x1xf32>
  return %y : tensor<1x2x2x1xf32>
}
