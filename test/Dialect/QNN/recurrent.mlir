// RUN: %qcc-opt --split-input-file --verify-diagnostics %s

func.func @gates(%x: tensor<1x3x2xf32>, %s: tensor<1x1xf32>, %w: tensor<1x2xf32>, %b: tensor<1xf32>) {
  // expected-error @below {{has 2 input and 3 recurrent weights and 3 biases, but must have three or four of each}}
  %y, %h, %c = qnn.lstm %x, %s, %s, (%w, %w), (%s, %s, %s), (%b, %b, %b)
    : (tensor<1x3x2xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x2xf32>, tensor<1x2xf32>,
       tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> (tensor<1x3x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>)
  return
}

// -----

func.func @result(%x: tensor<1x3x2xf32>, %s: tensor<1x1xf32>, %w: tensor<1x2xf32>, %b: tensor<1xf32>) {
  // expected-error @below {{results must have the shape [1, 3, 1], but have [1, 2, 1]}}
  %y, %h, %c = qnn.lstm %x, %s, %s, (%w, %w, %w), (%s, %s, %s), (%b, %b, %b)
    : (tensor<1x3x2xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>,
       tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> (tensor<1x2x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>)
  return
}

// -----

func.func @states(%x: tensor<1x3x2xf32>, %s: tensor<1x1xf32>, %l: tensor<2x1xf32>, %w: tensor<1x2xf32>, %b: tensor<1xf32>) {
  // expected-error @below {{a state has shape [2, 1], but must have 1 times 1 elements}}
  %y, %h, %c = qnn.lstm %x, %s, %l, (%w, %w, %w), (%s, %s, %s), (%b, %b, %b)
    : (tensor<1x3x2xf32>, tensor<1x1xf32>, tensor<2x1xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>,
       tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> (tensor<1x3x1xf32>, tensor<1x1xf32>, tensor<2x1xf32>)
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
!c = !quant.uniform<i16:f32, 0.3>
func.func @cell_scale(%x: tensor<1x1x1x!q>, %h: tensor<1x1x!q>, %s: tensor<1x1x!c>, %w: tensor<1x1x!q>, %b: tensor<1xi32>) {
  // expected-error @below {{the cell state must have a scale of 2^-15 to 2^-9 and zero point 0}}
  %y, %h1, %c1 = qnn.lstm %x, %h, %s, (%w, %w, %w), (%w, %w, %w), (%b, %b, %b) {hidden = !q}
    : (tensor<1x1x1x!q>, tensor<1x1x!q>, tensor<1x1x!c>, tensor<1x1x!q>, tensor<1x1x!q>, tensor<1x1x!q>,
       tensor<1x1x!q>, tensor<1x1x!q>, tensor<1x1x!q>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>)
    -> (tensor<1x1x1x!q>, tensor<1x1x!q>, tensor<1x1x!c>)
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
!c = !quant.uniform<i16:f32, 0.0009765625>
func.func @hidden(%x: tensor<1x1x1x!q>, %h: tensor<1x1x!q>, %s: tensor<1x1x!c>, %w: tensor<1x1x!q>, %b: tensor<1xi32>) {
  // expected-error @below {{must have an int8 type 'hidden'}}
  %y, %h1, %c1 = qnn.lstm %x, %h, %s, (%w, %w, %w), (%w, %w, %w), (%b, %b, %b)
    : (tensor<1x1x1x!q>, tensor<1x1x!q>, tensor<1x1x!c>, tensor<1x1x!q>, tensor<1x1x!q>, tensor<1x1x!q>,
       tensor<1x1x!q>, tensor<1x1x!q>, tensor<1x1x!q>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>)
    -> (tensor<1x1x1x!q>, tensor<1x1x!q>, tensor<1x1x!c>)
  return
}

// -----

func.func @svdf_rank(%x: tensor<1x3xf32>, %s: tensor<1x8xf32>, %f: tensor<2x3xf32>, %t: tensor<2x4xf32>) {
  // expected-error @below {{rank 3 does not divide 2 filters}}
  %y, %n = qnn.svdf %x, %s, %f, %t {rank = 3 : i64} : (tensor<1x3xf32>, tensor<1x8xf32>, tensor<2x3xf32>, tensor<2x4xf32>)
    -> (tensor<1x2xf32>, tensor<1x8xf32>)
  return
}

// -----

func.func @svdf_state(%x: tensor<1x3xf32>, %s: tensor<1x9xf32>, %f: tensor<2x3xf32>, %t: tensor<2x4xf32>) {
  // expected-error @below {{state has shape [1, 9], but must have 1 times 2 times 4 elements}}
  %y, %n = qnn.svdf %x, %s, %f, %t {rank = 1 : i64} : (tensor<1x3xf32>, tensor<1x9xf32>, tensor<2x3xf32>, tensor<2x4xf32>)
    -> (tensor<1x2xf32>, tensor<1x9xf32>)
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
!s = !quant.uniform<i16:f32, 0.5:1>
func.func @svdf_types(%x: tensor<1x3x!q>, %s: tensor<1x8x!s>, %f: tensor<2x3x!q>, %t: tensor<2x4x!s>) {
  // expected-error @below {{state must be int16 per tensor with zero point 0, but is}}
  %y, %n = qnn.svdf %x, %s, %f, %t {rank = 1 : i64} : (tensor<1x3x!q>, tensor<1x8x!s>, tensor<2x3x!q>, tensor<2x4x!s>)
    -> (tensor<1x2x!q>, tensor<1x8x!s>)
  return
}
