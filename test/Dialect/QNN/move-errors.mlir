// RUN: %qcc-opt --split-input-file --verify-diagnostics %s

// broadcast (C2)
func.func @f(%x: tensor<2x3xf32>) -> tensor<2x4xf32> {
  // expected-error @below {{shape [2, 3] does not broadcast to [2, 4]}}
  %y = qnn.broadcast %x : (tensor<2x3xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// mirror_pad (C1): the mirror on the edge has one element less
func.func @f(%x: tensor<3xf32>) -> tensor<6xf32> {
  // expected-error @below {{axis 0 of extent 3 has a mirror of at most 2 elements, but is to be padded by 3}}
  %y = qnn.mirror_pad %x {low = array<i64: 3>, high = array<i64: 0>} : (tensor<3xf32>) -> tensor<6xf32>
  return %y : tensor<6xf32>
}

// -----

// pad (C3)
func.func @f(%x: tensor<3x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>> {
  // expected-error @below {{'value' 128 lies outside the storage range [-128, 127]}}
  %y = qnn.pad %x {low = array<i64: 1>, high = array<i64: 0>, value = 128 : i64} : (tensor<3x!quant.uniform<i8:f32, 0.5>>) -> tensor<4x!quant.uniform<i8:f32, 0.5>>
  return %y : tensor<4x!quant.uniform<i8:f32, 0.5>>
}

// -----

// pad (C3)
func.func @f(%x: tensor<3xf32>) -> tensor<4xf32> {
  // expected-error @below {{'value' 1 : i64 is no element of the result 'tensor<4xf32>'}}
  %y = qnn.pad %x {low = array<i64: 1>, high = array<i64: 0>, value = 1 : i64} : (tensor<3xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// slice (C2)
func.func @f(%x: tensor<4xf32>) -> tensor<3xf32> {
  // expected-error @below {{takes the elements 1 to -1 of axis 0, which has extent 4}}
  %y = qnn.slice %x {starts = array<i64: 1>, sizes = array<i64: 3>, steps = array<i64: -1>} : (tensor<4xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

// slice (C1)
func.func @f(%x: tensor<4xf32>) -> tensor<0xf32> {
  // expected-error @below {{'sizes' must hold numbers in [1, 2147483647], but holds 0}}
  %y = qnn.slice %x {starts = array<i64: 1>, sizes = array<i64: 0>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<0xf32>
  return %y : tensor<0xf32>
}

// -----

// transpose (C1)
func.func @f(%x: tensor<2x3xf32>) -> tensor<3x3xf32> {
  // expected-error @below {{'permutation' [1, 1] is none of 2 axes}}
  %y = qnn.transpose %x {permutation = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>
}

// -----

// transpose: the axis of the scales would move
func.func @f(%x: tensor<2x1x!quant.uniform<i8:f32:0, {0.5,0.25}>>) -> tensor<2x1x!quant.uniform<i8:f32:0, {0.5,0.25}>> {
  // expected-error @below {{is not defined on types quantized per axis}}
  %y = qnn.transpose %x {permutation = array<i64: 0, 1>} : (tensor<2x1x!quant.uniform<i8:f32:0, {0.5,0.25}>>) -> tensor<2x1x!quant.uniform<i8:f32:0, {0.5,0.25}>>
  return %y : tensor<2x1x!quant.uniform<i8:f32:0, {0.5,0.25}>>
}

// -----

// arg_max (C1)
func.func @f(%x: tensor<2xf32>) -> tensor<i32> {
  // expected-error @below {{axis 1 lies outside [0, 1)}}
  %y = qnn.arg_max %x {axis = 1 : i64} : (tensor<2xf32>) -> tensor<i32>
  return %y : tensor<i32>
}

// -----

// arg_min (C2)
func.func @f(%x: tensor<2xf32>) -> tensor<i16> {
  // expected-error @below {{the result's elements must be i32 or i64, but are 'i16'}}
  %y = qnn.arg_min %x {axis = 0 : i64} : (tensor<2xf32>) -> tensor<i16>
  return %y : tensor<i16>
}

// -----

// cumsum (C2)
func.func @f(%x: tensor<2x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x!quant.uniform<i8:f32, 0.5>> {
  // expected-error @below {{is defined on f32 and plain signed integers}}
  %y = qnn.cumsum %x {axis = 0 : i64} : (tensor<2x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x!quant.uniform<i8:f32, 0.5>>
  return %y : tensor<2x!quant.uniform<i8:f32, 0.5>>
}

// -----

// gather (C1)
func.func @f(%x: tensor<2x3xf32>, %i: tensor<2xi32>) -> tensor<3xf32> {
  // expected-error @below {{'batch_dims' 1 lies outside [0, 0]}}
  %y = qnn.gather %x, %i {axis = 0 : i64, batch_dims = 1 : i64} : (tensor<2x3xf32>, tensor<2xi32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

// gather (C2)
func.func @f(%x: tensor<2x3xf32>, %i: tensor<2xf32>) -> tensor<2x3xf32> {
  // expected-error @below {{indices must be plain signed integers}}
  %y = qnn.gather %x, %i {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// gather (C2)
func.func @f(%x: tensor<2x3xf32>, %i: tensor<3x1xi32>) -> tensor<2x1xf32> {
  // expected-error @below {{the first 1 extents of input and indices must be equal, but got [2, 3] and [3, 1]}}
  %y = qnn.gather %x, %i {axis = 1 : i64, batch_dims = 1 : i64} : (tensor<2x3xf32>, tensor<3x1xi32>) -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}

// -----

// gather_nd (C1)
func.func @f(%x: tensor<2xf32>, %i: tensor<1x2xi32>) -> tensor<1xf32> {
  // expected-error @below {{indices of shape [1, 2] do not address a tensor of rank 1}}
  %y = qnn.gather_nd %x, %i : (tensor<2xf32>, tensor<1x2xi32>) -> tensor<1xf32>
  return %y : tensor<1xf32>
}

// -----

// one_hot (C3)
func.func @f(%i: tensor<2xi32>, %o: tensor<2xf32>, %z: tensor<f32>) -> tensor<3x2xf32> {
  // expected-error @below {{'on' and 'off' must have one element, but got 'tensor<2xf32>'}}
  %y = qnn.one_hot %i, %o, %z {axis = 0 : i64, depth = 3 : i64} : (tensor<2xi32>, tensor<2xf32>, tensor<f32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// -----

// resize_bilinear (C1)
func.func @f(%x: tensor<1x2x2x1xf32>) -> tensor<1x4x4x1xf32> {
  // expected-error @below {{'align_corners' and 'half_pixel_centers' exclude each other}}
  %y = qnn.resize_bilinear %x {size = array<i64: 4, 4>, align_corners, half_pixel_centers} : (tensor<1x2x2x1xf32>) -> tensor<1x4x4x1xf32>
  return %y : tensor<1x4x4x1xf32>
}

// -----

// resize_bilinear (C2)
func.func @f(%x: tensor<1x2x2x1xi32>) -> tensor<1x4x4x1xi32> {
  // expected-error @below {{is defined on f32 and on 8-bit and signed 16-bit quantized types}}
  %y = qnn.resize_bilinear %x {size = array<i64: 4, 4>} : (tensor<1x2x2x1xi32>) -> tensor<1x4x4x1xi32>
  return %y : tensor<1x4x4x1xi32>
}

// -----

// resize_nearest (C1)
func.func @f(%x: tensor<1x2x2x1xi32>) -> tensor<1x4x4x1xi32> {
  // expected-error @below {{'size' must have 2 numbers, but has 1}}
  %y = qnn.resize_nearest %x {size = array<i64: 4>} : (tensor<1x2x2x1xi32>) -> tensor<1x4x4x1xi32>
  return %y : tensor<1x4x4x1xi32>
}

// -----

// top_k (C1)
func.func @f(%x: tensor<3xf32>) -> tensor<4xi32> {
  // expected-error @below {{has no 4 elements along the last axis of [3]}}
  %y = qnn.top_k %x {k = 4 : i64} : (tensor<3xf32>) -> tensor<4xi32>
  return %y : tensor<4xi32>
}

// -----

// top_k (C2)
func.func @f(%x: tensor<3xf32>) -> tensor<2xi64> {
  // expected-error @below {{the result's elements must be i32, but are 'i64'}}
  %y = qnn.top_k %x {k = 2 : i64} : (tensor<3xf32>) -> tensor<2xi64>
  return %y : tensor<2xi64>
}

// -----

// dynamic_update_slice (C1)
func.func @f(%x: tensor<3xf32>, %u: tensor<4xf32>, %i: tensor<1xi32>) -> tensor<3xf32> {
  // expected-error @below {{an update of shape [4] does not fit into [3]}}
  %y = qnn.dynamic_update_slice %x, %u, %i : (tensor<3xf32>, tensor<4xf32>, tensor<1xi32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

// dynamic_update_slice (C2)
func.func @f(%x: tensor<3xf32>, %u: tensor<2xf32>, %i: tensor<2xi32>) -> tensor<3xf32> {
  // expected-error @below {{'starts' must have the shape [1], but has [2]}}
  %y = qnn.dynamic_update_slice %x, %u, %i : (tensor<3xf32>, tensor<2xf32>, tensor<2xi32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

!b = !qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 0.5>>

// pad: what would be 0 is no value
func.func @f(%x: tensor<1x3x!b>) -> tensor<1x5x!b> {
  // expected-error @below {{pads with the zero point, which is no value of 'tensor<1x5x!qnn.bipolar<!quant.uniform<i8<-1:1>:f32, 5.000000e-01>>>'}}
  %y = qnn.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 1>} : (tensor<1x3x!b>) -> tensor<1x5x!b>
  return %y : tensor<1x5x!b>
}
