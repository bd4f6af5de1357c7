// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// lstm on literals. Expected values of the quantized one: tflite-runtime 2.14, BUILTIN_REF.

// RUN: qcc-test-interpret %s

!x = !quant.uniform<i8:f32, 0.05:-3>
!h = !quant.uniform<i8:f32, 0.0078125:-2>
!c = !quant.uniform<i16:f32, 4.8828125e-04>
!wi = !quant.uniform<i8:f32, 0.02>
!wr = !quant.uniform<i8:f32, 0.015>

// Two steps of two cells.
func.func @quantized() -> (tensor<1x2x2x!h>, tensor<1x2x!h>, tensor<1x2x!c>)
    attributes {expect = [dense<[[[95, 4], [-2, 93]]]> : tensor<1x2x2xi8>, dense<[[-2, 93]]> : tensor<1x2xi8>,
                          dense<[[2117, 1977]]> : tensor<1x2xi16>]} {
  %x = qnn.constant dense<[[[-33, 45, -97], [94, -41, -70]]]> : tensor<1x2x3xi8> as tensor<1x2x3x!x>
  %h = qnn.constant dense<-2> : tensor<1x2xi8> as tensor<1x2x!h>
  %c = qnn.constant dense<0> : tensor<1x2xi16> as tensor<1x2x!c>
  %wi = qnn.constant dense<[[44, 78, -122], [79, -8, 4]]> : tensor<2x3xi8> as tensor<2x3x!wi>
  %ri = qnn.constant dense<[[-56, -17], [-60, 121]]> : tensor<2x2xi8> as tensor<2x2x!wr>
  %bi = qnn.constant dense<[459, 55]> : tensor<2xi32> as tensor<2xi32>
  %wf = qnn.constant dense<[[33, -55, 122], [-114, -57, -30]]> : tensor<2x3xi8> as tensor<2x3x!wi>
  %rf = qnn.constant dense<[[-82, 101], [76, 88]]> : tensor<2x2xi8> as tensor<2x2x!wr>
  %bf = qnn.constant dense<[403, -229]> : tensor<2xi32> as tensor<2xi32>
  %wg = qnn.constant dense<[[18, -23, -94], [-116, -127, -115]]> : tensor<2x3xi8> as tensor<2x3x!wi>
  %rg = qnn.constant dense<[[-98, -27], [33, -2]]> : tensor<2x2xi8> as tensor<2x2x!wr>
  %bg = qnn.constant dense<[-139, 379]> : tensor<2xi32> as tensor<2xi32>
  %wo = qnn.constant dense<[[-90, 127, -79], [39, 64, -68]]> : tensor<2x3xi8> as tensor<2x3x!wi>
  %ro = qnn.constant dense<[[42, 45], [42, -112]]> : tensor<2x2xi8> as tensor<2x2x!wr>
  %bo = qnn.constant dense<[-314, -436]> : tensor<2xi32> as tensor<2xi32>
  %y, %h1, %c1 = qnn.lstm %x, %h, %c, (%wi, %wf, %wg, %wo), (%ri, %rf, %rg, %ro), (%bi, %bf, %bg, %bo) {hidden = !h}
    : (tensor<1x2x3x!x>, tensor<1x2x!h>, tensor<1x2x!c>, tensor<2x3x!wi>, tensor<2x3x!wi>, tensor<2x3x!wi>, tensor<2x3x!wi>,
       tensor<2x2x!wr>, tensor<2x2x!wr>, tensor<2x2x!wr>, tensor<2x2x!wr>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>)
    -> (tensor<1x2x2x!h>, tensor<1x2x!h>, tensor<1x2x!c>)
  return %y, %h1, %c1 : tensor<1x2x2x!h>, tensor<1x2x!h>, tensor<1x2x!c>
}

// Gates of 1/2 and an update of 1: c = c/2 + 1/2, h = tanh(c)/2: 1/2 and 3/4 from 0. Time comes first.
func.func @float() -> (tensor<2x1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>)
    attributes {expect = [dense<[[[0.2310586]], [[0.3175745]]]> : tensor<2x1x1xf32>, dense<0.3175745> : tensor<1x1xf32>,
                          dense<0.75> : tensor<1x1xf32>]} {
  %x = qnn.constant dense<3.0> : tensor<2x1x1xf32> as tensor<2x1x1xf32>
  %s = qnn.constant dense<0.0> : tensor<1x1xf32> as tensor<1x1xf32>
  %0 = qnn.constant dense<0.0> : tensor<1xf32> as tensor<1xf32>
  %1 = qnn.constant dense<100.0> : tensor<1xf32> as tensor<1xf32>
  %y, %h, %c = qnn.lstm %x, %s, %s, (%s, %s, %s, %s), (%s, %s, %s, %s), (%0, %0, %1, %0) {time_major}
    : (tensor<2x1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>,
       tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> (tensor<2x1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>)
  return %y, %h, %c : tensor<2x1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>
}

// The input gate is 1 - 1/2, the cell is held to 0.6.
func.func @coupled_and_clipped() -> (tensor<1x2x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>)
    attributes {expect = [dense<[[[0.2310586], [0.2685248]]]> : tensor<1x2x1xf32>, dense<0.2685248> : tensor<1x1xf32>,
                          dense<0.6> : tensor<1x1xf32>]} {
  %x = qnn.constant dense<3.0> : tensor<1x2x1xf32> as tensor<1x2x1xf32>
  %s = qnn.constant dense<0.0> : tensor<1x1xf32> as tensor<1x1xf32>
  %0 = qnn.constant dense<0.0> : tensor<1xf32> as tensor<1xf32>
  %1 = qnn.constant dense<100.0> : tensor<1xf32> as tensor<1xf32>
  %y, %h, %c = qnn.lstm %x, %s, %s, (%s, %s, %s), (%s, %s, %s), (%0, %1, %0) {cell_clip = 0.6 : f32}
    : (tensor<1x2x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>,
       tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> (tensor<1x2x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>)
  return %y, %h, %c : tensor<1x2x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>
}
