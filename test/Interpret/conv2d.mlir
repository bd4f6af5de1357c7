// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Convolution on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment
// gives the sum.

// RUN: qcc-test-interpret %s

!q0 = !quant.uniform<i8:f32, 0.30000001192092896:-5>
!q1 = !quant.uniform<i8:f32, 0.05000000074505806:3>
!q2 = !quant.uniform<i8:f32:0, {0.019999999552965164, 0.013000000268220901}>
!q3 = !quant.uniform<i8:f32, 0.0471000000834465:-128>
!q4 = !quant.uniform<i8:f32, 0.10000000149011612:-128>
!q5 = !quant.uniform<i8:f32, 0.07000000029802322>
!q6 = !quant.uniform<i8:f32, 0.5>
!q7 = !quant.uniform<i8:f32, 0.10000000149011612:127>
!q8 = !quant.uniform<i8:f32, 0.4000000059604645:11>
!q9 = !quant.uniform<i8:f32, 0.10000000149011612>
!q10 = !quant.uniform<i8:f32:0, {0.07000000029802322, 0.019999999552965164, 0.009999999776482582, 0.10000000149011612}>
!q11 = !quant.uniform<i8:f32, 0.25>
!q12 = !quant.uniform<i8:f32:0, {0.5, 0.5}>
!q13 = !quant.uniform<i8:f32, 1.0>
!q14 = !quant.uniform<u8:f32, 0.05999999865889549:100>
!q15 = !quant.uniform<u8:f32, 0.04699999839067459:128>
!q16 = !quant.uniform<u8:f32, 0.013100000098347664:117>
!q17 = !quant.uniform<u8:f32, 0.09061611443758011:128>
!q18 = !quant.uniform<u8:f32, 0.02369629219174385>
!q19 = !quant.uniform<u8:f32, 0.019421128556132317>
!q20 = !quant.uniform<i8:f32, 0.09061611443758011>
!q21 = !quant.uniform<i8:f32, 0.02369629219174385>
!q22 = !quant.uniform<i8:f32, 0.019421128556132317>
!q23 = !quant.uniform<i8:f32, 0.012299999594688416>
!q24 = !quant.uniform<i8:f32, 1.0:4>

// Padding on all sides: outside the input the value is the zero point, 3.
func.func @per_channel_same() -> tensor<1x3x4x2x!q0>
    attributes {expect = [dense<[[[[16, -40], [116, -62], [-54, 8], [6, -48]], [[72, -19], [56, 42], [-86, -61], [46, 17]], [[-48, -49], [-49, 13], [-42, -61], [14, 62]]]]> : tensor<1x3x4x2xi8>]} {
  %0 = qnn.constant dense<[[[[113, 32], [47, 101], [20, 70], [85, -71]], [[-114, -52], [-56, 95], [105, -127], [-1, 82]], [[-95, 76], [-98, -9], [81, -51], [-41, -57]]]]> : tensor<1x3x4x2xi8> as tensor<1x3x4x2x!q1>
  %1 = qnn.constant dense<[[[[56, -63], [125, -15], [-6, 1]], [[21, 13], [2, 126], [78, 74]], [[51, 31], [-41, 125], [-9, -73]]], [[[88, -87], [91, 28], [-99, -117]], [[-15, -119], [-92, 3], [120, -9]], [[78, 106], [82, 33], [-16, 3]]]]> : tensor<2x3x3x2xi8> as tensor<2x3x3x2x!q2>
  %2 = qnn.constant dense<[100, -250]> : tensor<2xi32> as tensor<2xi32>
  %r = qnn.conv2d %0, %1 bias %2 {padding = array<i64: 1, 1, 1, 1>} : (tensor<1x3x4x2x!q1>, tensor<2x3x3x2x!q2>, tensor<2xi32>) -> tensor<1x3x4x2x!q0>
  return %r : tensor<1x3x4x2x!q0>
}

// Strides 2 and 3 leave a row and columns of the input unread; input zero point at the lower end;
// a fused relu6.
func.func @stride_remainder() -> tensor<1x2x2x1x!q3>
    attributes {expect = [dense<[[[[-128], [-128]], [[-128], [-128]]]]> : tensor<1x2x2x1xi8>]} {
  %0 = qnn.constant dense<[[[[-60], [-1], [-31], [-65], [126], [-125]], [[-104], [-79], [120], [49], [97], [-77]], [[56], [-34], [-3], [-128], [30], [84]], [[41], [-89], [8], [-60], [119], [97]], [[-81], [2], [112], [88], [53], [35]]]]> : tensor<1x5x6x1xi8> as tensor<1x5x6x1x!q4>
  %1 = qnn.constant dense<[[[[-118], [61], [-7]], [[-105], [-66], [10]]]]> : tensor<1x2x3x1xi8> as tensor<1x2x3x1x!q5>
  %2 = qnn.constant dense<[-3000]> : tensor<1xi32> as tensor<1xi32>
  %r = qnn.conv2d %0, %1 bias %2 {strides = array<i64: 2, 3>, clamp = #qnn.clamp<-128, -1>} : (tensor<1x5x6x1x!q4>, tensor<1x2x3x1x!q5>, tensor<1xi32>) -> tensor<1x2x2x1x!q3>
  return %r : tensor<1x2x2x1x!q3>
}

// Dilations 2 and 3 with an even filter: asymmetric padding; input zero point at the upper end.
func.func @dilated_same() -> tensor<1x7x5x1x!q6>
    attributes {expect = [dense<[[[[-78], [127], [127], [127], [127]], [[-101], [127], [39], [105], [127]], [[96], [127], [127], [127], [127]], [[127], [127], [127], [127], [127]], [[24], [127], [127], [127], [127]], [[-30], [127], [127], [77], [127]], [[120], [108], [121], [127], [127]]]]> : tensor<1x7x5x1xi8>]} {
  %0 = qnn.constant dense<[[[[58], [1], [28], [95], [47]], [[-36], [36], [25], [-101], [-113]], [[41], [-29], [25], [-46], [-71]], [[-90], [-31], [80], [-26], [-31]], [[19], [122], [-28], [23], [-16]], [[26], [-14], [35], [12], [45]], [[116], [-90], [15], [-16], [-37]]]]> : tensor<1x7x5x1xi8> as tensor<1x7x5x1x!q7>
  %1 = qnn.constant dense<[[[[-67], [-115]], [[-25], [83]], [[-104], [-25]]]]> : tensor<1x3x2x1xi8> as tensor<1x3x2x1x!q5>
  %2 = qnn.constant dense<[77]> : tensor<1xi32> as tensor<1xi32>
  %r = qnn.conv2d %0, %1 bias %2 {padding = array<i64: 2, 2, 1, 2>, dilations = array<i64: 2, 3>} : (tensor<1x7x5x1x!q7>, tensor<1x3x2x1x!q5>, tensor<1xi32>) -> tensor<1x7x5x1x!q6>
  return %r : tensor<1x7x5x1x!q6>
}

// Two groups of two channels, two samples.
func.func @groups() -> tensor<2x2x1x4x!q8>
    attributes {expect = [dense<[[[[127, -128, 47, -128]], [[-74, 127, -8, 122]]], [[[127, -32, 1, -128]], [[-24, -105, 26, -128]]]]> : tensor<2x2x1x4xi8>]} {
  %0 = qnn.constant dense<[[[[119, 115, -73, -127], [43, -125, -52, -1]], [[95, -105, 41, 8], [-95, 88, 88, -5]]], [[[113, 27, 103, 117], [17, -57, -91, 16]], [[-79, 64, 109, -66], [13, -116, -82, -32]]]]> : tensor<2x2x2x4xi8> as tensor<2x2x2x4x!q9>
  %1 = qnn.constant dense<[[[[98, 120], [36, 21]]], [[[17, -113], [-32, 123]]], [[[-23, -74], [-67, 54]]], [[[-119, 120], [96, 17]]]]> : tensor<4x1x2x2xi8> as tensor<4x1x2x2x!q10>
  %2 = qnn.constant dense<[5, -6, 7, -8]> : tensor<4xi32> as tensor<4xi32>
  %r = qnn.conv2d %0, %1 bias %2 {groups = 2 : i64} : (tensor<2x2x2x4x!q9>, tensor<4x1x2x2x!q10>, tensor<4xi32>) -> tensor<2x2x1x4x!q8>
  return %r : tensor<2x2x1x4x!q8>
}

// Both ends of the storage range.
func.func @saturates() -> tensor<1x1x1x2x!q11>
    attributes {expect = [dense<[[[[127, -128]]]]> : tensor<1x1x1x2xi8>]} {
  %0 = qnn.constant dense<[[[[127, 127]]]]> : tensor<1x1x1x2xi8> as tensor<1x1x1x2x!q6>
  %1 = qnn.constant dense<[[[[127, 127]]], [[[-128, -128]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!q12>
  %2 = qnn.constant dense<[0, 0]> : tensor<2xi32> as tensor<2xi32>
  %r = qnn.conv2d %0, %1 bias %2 : (tensor<1x1x1x2x!q6>, tensor<2x1x1x2x!q12>, tensor<2xi32>) -> tensor<1x1x1x2x!q11>
  return %r : tensor<1x1x1x2x!q11>
}

// Multiplier 1/2, a shift of 0: half-way cases go up. acc/2 = -2.5 -1.5 -1 -0.5 0.5 1 1.5 2.5.
func.func @half_way_one() -> tensor<1x1x8x1x!q6>
    attributes {expect = [dense<[[[[-2], [-1], [-1], [0], [1], [1], [2], [3]]]]> : tensor<1x1x8x1xi8>]} {
  %0 = qnn.constant dense<[[[[-5], [-3], [-2], [-1], [1], [2], [3], [5]]]]> : tensor<1x1x8x1xi8> as tensor<1x1x8x1x!q6>
  %1 = qnn.constant dense<[[[[1]]]]> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!q6>
  %2 = qnn.constant dense<[0]> : tensor<1xi32> as tensor<1xi32>
  %r = qnn.conv2d %0, %1 bias %2 : (tensor<1x1x8x1x!q6>, tensor<1x1x1x1x!q6>, tensor<1xi32>) -> tensor<1x1x8x1x!q6>
  return %r : tensor<1x1x8x1x!q6>
}

// Multiplier 1/4: the doubling multiply rounds half up, the shift after it half away from zero.
func.func @half_way_two() -> tensor<1x1x8x1x!q13>
    attributes {expect = [dense<[[[[-2], [-2], [-1], [-1], [1], [1], [2], [2]]]]> : tensor<1x1x8x1xi8>]} {
  %0 = qnn.constant dense<[[[[-7], [-6], [-3], [-2], [2], [3], [6], [7]]]]> : tensor<1x1x8x1xi8> as tensor<1x1x8x1x!q6>
  %1 = qnn.constant dense<[[[[1]]]]> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!q6>
  %2 = qnn.constant dense<[0]> : tensor<1xi32> as tensor<1xi32>
  %r = qnn.conv2d %0, %1 bias %2 : (tensor<1x1x8x1x!q6>, tensor<1x1x1x1x!q6>, tensor<1xi32>) -> tensor<1x1x8x1x!q13>
  return %r : tensor<1x1x8x1x!q13>
}

// uint8 with a filter zero point; s_in·s_w is a float32 product.
func.func @uint8_same() -> tensor<1x2x2x2x!q14>
    attributes {expect = [dense<[[[[100, 255], [162, 255]], [[142, 100], [100, 100]]]]> : tensor<1x2x2x2xi8>]} {
  %0 = qnn.constant dense<[[[[119, 194], [140, 122], [82, 114], [192, 14]], [[6, 184], [95, 205], [7, 232], [31, 106]], [[247, 27], [168, 186], [109, 20], [134, 110]], [[223, 174], [88, 14], [151, 71], [175, 221]]]]> : tensor<1x4x4x2xi8> as tensor<1x4x4x2x!q15>
  %1 = qnn.constant dense<[[[[90, 231], [132, 135], [195, 202]], [[232, 255], [38, 105], [238, 78]], [[1, 147], [192, 190], [207, 164]]], [[[35, 216], [107, 216], [208, 248]], [[3, 221], [160, 124], [203, 243]], [[131, 22], [185, 59], [57, 49]]]]> : tensor<2x3x3x2xi8> as tensor<2x3x3x2x!q16>
  %2 = qnn.constant dense<[1000, -1000]> : tensor<2xi32> as tensor<2xi32>
  %r = qnn.conv2d %0, %1 bias %2 {strides = array<i64: 2, 2>, padding = array<i64: 0, 1, 0, 1>, clamp = #qnn.clamp<100, 255>, single_scale_product} : (tensor<1x4x4x2x!q15>, tensor<2x3x3x2x!q16>, tensor<2xi32>) -> tensor<1x2x2x2x!q14>
  return %r : tensor<1x2x2x2x!q14>
}

// An accumulator (-19591, all of it bias) for which the float32 product of the scales matters:
// the product in double would give 29.
func.func @uint8_float_product() -> tensor<1x1x1x1x!q17>
    attributes {expect = [dense<[[[[28]]]]> : tensor<1x1x1x1xi8>]} {
  %0 = qnn.constant dense<[[[[0]]]]> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!q18>
  %1 = qnn.constant dense<[[[[1]]]]> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!q19>
  %2 = qnn.constant dense<[-19591]> : tensor<1xi32> as tensor<1xi32>
  %r = qnn.conv2d %0, %1 bias %2 {single_scale_product} : (tensor<1x1x1x1x!q18>, tensor<1x1x1x1x!q19>, tensor<1xi32>) -> tensor<1x1x1x1x!q17>
  return %r : tensor<1x1x1x1x!q17>
}

// The same in int8, where the product is taken in double.
func.func @int8_double_product() -> tensor<1x1x1x1x!q20>
    attributes {expect = [dense<[[[[-99]]]]> : tensor<1x1x1x1xi8>]} {
  %0 = qnn.constant dense<[[[[0]]]]> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!q21>
  %1 = qnn.constant dense<[[[[1]]]]> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!q22>
  %2 = qnn.constant dense<[-19591]> : tensor<1xi32> as tensor<1xi32>
  %r = qnn.conv2d %0, %1 bias %2 : (tensor<1x1x1x1x!q21>, tensor<1x1x1x1x!q22>, tensor<1xi32>) -> tensor<1x1x1x1x!q20>
  return %r : tensor<1x1x1x1x!q20>
}

// Floats.
func.func @float_relu() -> tensor<1x3x3x1xf32>
    attributes {expect = [dense<[[[[6.25], [0.0], [1.5]], [[0.0], [12.75], [0.0]], [[6.25], [0.0], [5.25]]]]> : tensor<1x3x3x1xf32>]} {
  %0 = qnn.constant dense<[[[[1.0], [-2.0], [3.0]], [[-4.0], [5.0], [-6.0]], [[7.0], [-8.0], [9.0]]]]> : tensor<1x3x3x1xf32> as tensor<1x3x3x1xf32>
  %1 = qnn.constant dense<[[[[0.5], [-0.25]], [[0.125], [1.0]]]]> : tensor<1x2x2x1xf32> as tensor<1x2x2x1xf32>
  %2 = qnn.constant dense<[0.75]> : tensor<1xf32> as tensor<1xf32>
  %r = qnn.conv2d %0, %1 bias %2 {padding = array<i64: 0, 1, 0, 1>, clamp = #qnn.clamp<0.0, inf>} : (tensor<1x3x3x1xf32>, tensor<1x2x2x1xf32>, tensor<1xf32>) -> tensor<1x3x3x1xf32>
  return %r : tensor<1x3x3x1xf32>
}

// A float input and an int8 filter: each sample is rounded to 8 bits by its own range.
func.func @hybrid_same() -> tensor<2x2x3x2xf32>
    attributes {expect = [dense<[[[[3.3038322925567627, 0.0], [2.633700370788574, 0.0], [2.31038761138916, 0.0]], [[0.0, 2.1781461238861084], [0.0, 0.0], [0.0, 0.7112786173820496]]], [[[0.0, 6.0], [0.0, 3.769981861114502], [0.0, 0.0]], [[4.8459696769714355, 6.0], [0.0, 0.0], [6.0, 0.9946805238723755]]]]> : tensor<2x2x3x2xf32>]} {
  %0 = qnn.constant dense<[[[[-2.128999948501587, 0.847000002861023], [-1.746000051498413, 0.7570000290870667], [-0.8450000286102295, 0.7789999842643738]], [[0.13099999725818634, -1.5369999408721924], [1.2489999532699585, 1.4420000314712524], [-0.06599999964237213, -0.27399998903274536]], [[-0.1599999964237213, -0.9750000238418579], [1.0989999771118164, -0.5429999828338623], [-0.050999999046325684, -0.7929999828338623]]], [[[-3.130000114440918, -6.388999938964844], [6.284999847412109, -0.7699999809265137], [4.829999923706055, 0.06700000166893005]], [[-3.4719998836517334, -1.6330000162124634], [-2.8010001182556152, 0.03999999910593033], [-1.8760000467300415, -1.5]], [[-6.89300012588501, -4.033999919891357], [8.270000457763672, -3.3559999465942383], [-5.269999980926514, 1.687000036239624]]]]> : tensor<2x3x3x2xf32> as tensor<2x3x3x2xf32>
  %1 = qnn.constant dense<[[[[-78, 104], [-6, -84]], [[24, -12], [40, -32]]], [[[-50, -96], [118, 65]], [[-9, -68], [32, -23]]]]> : tensor<2x2x2x2xi8> as tensor<2x2x2x2x!q23>
  %2 = qnn.constant dense<[0.5, -0.25]> : tensor<2xf32> as tensor<2xf32>
  %r = qnn.conv2d %0, %1 bias %2 {strides = array<i64: 2, 1>, padding = array<i64: 0, 1, 0, 1>, clamp = #qnn.clamp<0.0, 6.0>} : (tensor<2x3x3x2xf32>, tensor<2x2x2x2x!q23>, tensor<2xf32>) -> tensor<2x2x3x2xf32>
  return %r : tensor<2x2x3x2xf32>
}

// A sample of zeros has no range.
func.func @hybrid_zeros() -> tensor<1x1x2x1xf32>
    attributes {expect = [dense<[[[[1.5], [1.5]]]]> : tensor<1x1x2x1xf32>]} {
  %0 = qnn.constant dense<[[[[0.0], [0.0]]]]> : tensor<1x1x2x1xf32> as tensor<1x1x2x1xf32>
  %1 = qnn.constant dense<[[[[3]]]]> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!q6>
  %2 = qnn.constant dense<[1.5]> : tensor<1xf32> as tensor<1xf32>
  %r = qnn.conv2d %0, %1 bias %2 : (tensor<1x1x2x1xf32>, tensor<1x1x1x1x!q6>, tensor<1xf32>) -> tensor<1x1x2x1xf32>
  return %r : tensor<1x1x2x1xf32>
}

// By hand: one rounding, half-way cases up. acc/4 = -1.75 -1.5 -1.25 -0.75 -0.5 -0.25 0.25 0.5
// 0.75 1.25 1.5 1.75, and 4 is added.
func.func @tflite_single() -> tensor<1x1x12x1x!q24>
    attributes {expect = [dense<[[[[2], [3], [3], [3], [4], [4], [4], [5], [5], [5], [6], [6]]]]> : tensor<1x1x12x1xi8>]} {
  %0 = qnn.constant dense<[[[[-7], [-6], [-5], [-3], [-2], [-1], [1], [2], [3], [5], [6], [7]]]]> : tensor<1x1x12x1xi8> as tensor<1x1x12x1x!q6>
  %1 = qnn.constant dense<[[[[1]]]]> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!q6>
  %r = qnn.conv2d %0, %1 {rounding = #qnn.rounding<tflite_single>} : (tensor<1x1x12x1x!q6>, tensor<1x1x1x1x!q6>) -> tensor<1x1x12x1x!q24>
  return %r : tensor<1x1x12x1x!q24>
}

// By hand: half-way cases to even: -1.5 is -2, -0.5 and 0.5 are 0, 1.5 is 2, and 4 is added.
func.func @half_even_float() -> tensor<1x1x12x1x!q24>
    attributes {expect = [dense<[[[[2], [2], [3], [3], [4], [4], [4], [4], [5], [5], [6], [6]]]]> : tensor<1x1x12x1xi8>]} {
  %0 = qnn.constant dense<[[[[-7], [-6], [-5], [-3], [-2], [-1], [1], [2], [3], [5], [6], [7]]]]> : tensor<1x1x12x1xi8> as tensor<1x1x12x1x!q6>
  %1 = qnn.constant dense<[[[[1]]]]> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!q6>
  %r = qnn.conv2d %0, %1 {rounding = #qnn.rounding<half_even_float>} : (tensor<1x1x12x1x!q6>, tensor<1x1x1x1x!q6>) -> tensor<1x1x12x1x!q24>
  return %r : tensor<1x1x12x1x!q24>
}
