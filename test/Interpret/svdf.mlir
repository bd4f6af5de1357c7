// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// svdf on literals. Expected values: the sums in the comments.

// RUN: qcc-test-interpret %s

!x = !quant.uniform<i8:f32, 0.5:1>
!w = !quant.uniform<i8:f32, 0.25>
!s = !quant.uniform<i16:f32, 0.125>
!t = !quant.uniform<i16:f32, 0.5>
!y = !quant.uniform<i8:f32, 0.5:-3>

// Two filters of one unit, a memory of two. Features: 2*(5-1) + 3*(2-1) = 11, -4*4 + 1*1 = -15, times 0.5*0.25/0.125.
// The sum: 7 + (20*1 + 11*2) + (40*3 + -15*4) = 109, times 0.125*0.5/0.5 = 13.625.
func.func @quantized() -> (tensor<1x1x!y>, tensor<1x4x!s>)
    attributes {expect = [dense<11> : tensor<1x1xi8>, dense<[[20, 11, 40, -15]]> : tensor<1x4xi16>]} {
  %x = qnn.constant dense<[[5, 2]]> : tensor<1x2xi8> as tensor<1x2x!x>
  %s = qnn.constant dense<[[10, 20, 30, 40]]> : tensor<1x4xi16> as tensor<1x4x!s>
  %f = qnn.constant dense<[[2, 3], [-4, 1]]> : tensor<2x2xi8> as tensor<2x2x!w>
  %t = qnn.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi16> as tensor<2x2x!t>
  %b = qnn.constant dense<7> : tensor<1xi32> as tensor<1xi32>
  %y, %n = qnn.svdf %x, %s, %f, %t bias %b {rank = 2 : i64}
    : (tensor<1x2x!x>, tensor<1x4x!s>, tensor<2x2x!w>, tensor<2x2x!t>, tensor<1xi32>) -> (tensor<1x1x!y>, tensor<1x4x!s>)
  return %y, %n : tensor<1x1x!y>, tensor<1x4x!s>
}

// Features 2*5 + 3*2 = 16 and -4*5 + 1*2 = -18; 20*1 + 16*2 = 52 and 40*3 - 18*4 = 48, clamped to 50.
func.func @float() -> (tensor<1x2xf32>, tensor<1x4xf32>)
    attributes {expect = [dense<[[50.0, 48.0]]> : tensor<1x2xf32>, dense<[[20.0, 16.0, 40.0, -18.0]]> : tensor<1x4xf32>]} {
  %x = qnn.constant dense<[[5.0, 2.0]]> : tensor<1x2xf32> as tensor<1x2xf32>
  %s = qnn.constant dense<[[10.0, 20.0, 30.0, 40.0]]> : tensor<1x4xf32> as tensor<1x4xf32>
  %f = qnn.constant dense<[[2.0, 3.0], [-4.0, 1.0]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %t = qnn.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> as tensor<2x2xf32>
  %y, %n = qnn.svdf %x, %s, %f, %t {rank = 1 : i64, clamp = #qnn.clamp<0.0, 50.0>}
    : (tensor<1x2xf32>, tensor<1x4xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> (tensor<1x2xf32>, tensor<1x4xf32>)
  return %y, %n : tensor<1x2xf32>, tensor<1x4xf32>
}
