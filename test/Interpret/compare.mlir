// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Comparisons, logic and selection on literals; the expected values are computed by hand.

// RUN: qcc-test-interpret %s

!half = !quant.uniform<i8:f32, 0.5:3>
!quarter = !quant.uniform<u8:f32, 0.25:128>

// 2 against 2, 1.5 against 2, 2.5 against 2, of other scales and signs.
func.func @equal() -> tensor<3xi1>
    attributes {expect = [dense<[true, false, false]> : tensor<3xi1>]} {
  %0 = qnn.constant dense<[7, 6, 8]> : tensor<3xi8> as tensor<3x!half>
  %1 = qnn.constant dense<[136]> : tensor<1xi8> as tensor<1x!quarter>
  %r = qnn.compare %0, %1 {predicate = #qnn.predicate<equal>} : (tensor<3x!half>, tensor<1x!quarter>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @not_equal() -> tensor<3xi1>
    attributes {expect = [dense<[false, true, true]> : tensor<3xi1>]} {
  %0 = qnn.constant dense<[7, 6, 8]> : tensor<3xi8> as tensor<3x!half>
  %1 = qnn.constant dense<[136]> : tensor<1xi8> as tensor<1x!quarter>
  %r = qnn.compare %0, %1 {predicate = #qnn.predicate<not_equal>} : (tensor<3x!half>, tensor<1x!quarter>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @less() -> tensor<3xi1>
    attributes {expect = [dense<[false, true, false]> : tensor<3xi1>]} {
  %0 = qnn.constant dense<[7, 6, 8]> : tensor<3xi8> as tensor<3x!half>
  %1 = qnn.constant dense<[136]> : tensor<1xi8> as tensor<1x!quarter>
  %r = qnn.compare %0, %1 {predicate = #qnn.predicate<less>} : (tensor<3x!half>, tensor<1x!quarter>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @less_equal() -> tensor<3xi1>
    attributes {expect = [dense<[true, true, false]> : tensor<3xi1>]} {
  %0 = qnn.constant dense<[7, 6, 8]> : tensor<3xi8> as tensor<3x!half>
  %1 = qnn.constant dense<[136]> : tensor<1xi8> as tensor<1x!quarter>
  %r = qnn.compare %0, %1 {predicate = #qnn.predicate<less_equal>} : (tensor<3x!half>, tensor<1x!quarter>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @greater() -> tensor<3xi1>
    attributes {expect = [dense<[false, false, true]> : tensor<3xi1>]} {
  %0 = qnn.constant dense<[7, 6, 8]> : tensor<3xi8> as tensor<3x!half>
  %1 = qnn.constant dense<[136]> : tensor<1xi8> as tensor<1x!quarter>
  %r = qnn.compare %0, %1 {predicate = #qnn.predicate<greater>} : (tensor<3x!half>, tensor<1x!quarter>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @greater_equal() -> tensor<3xi1>
    attributes {expect = [dense<[true, false, true]> : tensor<3xi1>]} {
  %0 = qnn.constant dense<[7, 6, 8]> : tensor<3xi8> as tensor<3x!half>
  %1 = qnn.constant dense<[136]> : tensor<1xi8> as tensor<1x!quarter>
  %r = qnn.compare %0, %1 {predicate = #qnn.predicate<greater_equal>} : (tensor<3x!half>, tensor<1x!quarter>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

// Nothing but not_equal holds with a NaN.
func.func @less_f32() -> tensor<3xi1>
    attributes {expect = [dense<[true, false, false]> : tensor<3xi1>]} {
  %0 = qnn.constant dense<[1.0, 2.0, 0x7FC00000]> : tensor<3xf32> as tensor<3xf32>
  %1 = qnn.constant dense<[1.5]> : tensor<1xf32> as tensor<1xf32>
  %r = qnn.compare %0, %1 {predicate = #qnn.predicate<less>} : (tensor<3xf32>, tensor<1xf32>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

func.func @not_equal_f32() -> tensor<3xi1>
    attributes {expect = [dense<[true, false, true]> : tensor<3xi1>]} {
  %0 = qnn.constant dense<[1.0, 1.5, 0x7FC00000]> : tensor<3xf32> as tensor<3xf32>
  %1 = qnn.constant dense<[1.5]> : tensor<1xf32> as tensor<1xf32>
  %r = qnn.compare %0, %1 {predicate = #qnn.predicate<not_equal>} : (tensor<3xf32>, tensor<1xf32>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}

// 64 bits, which no float holds.
func.func @greater_i64() -> tensor<2xi1>
    attributes {expect = [dense<[true, false]> : tensor<2xi1>]} {
  %0 = qnn.constant dense<[9007199254740993, 9007199254740992]> : tensor<2xi64> as tensor<2xi64>
  %1 = qnn.constant dense<[9007199254740992]> : tensor<1xi64> as tensor<1xi64>
  %r = qnn.compare %0, %1 {predicate = #qnn.predicate<greater>} : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi1>
  return %r : tensor<2xi1>
}

func.func @logical_and() -> tensor<4xi1>
    attributes {expect = [dense<[true, false, false, false]> : tensor<4xi1>]} {
  %0 = qnn.constant dense<[true, true, false, false]> : tensor<4xi1> as tensor<4xi1>
  %1 = qnn.constant dense<[true, false, true, false]> : tensor<4xi1> as tensor<4xi1>
  %r = qnn.logical_and %0, %1 : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  return %r : tensor<4xi1>
}

func.func @logical_or() -> tensor<4xi1>
    attributes {expect = [dense<[true, true, true, false]> : tensor<4xi1>]} {
  %0 = qnn.constant dense<[true, true, false, false]> : tensor<4xi1> as tensor<4xi1>
  %1 = qnn.constant dense<[true, false, true, false]> : tensor<4xi1> as tensor<4xi1>
  %r = qnn.logical_or %0, %1 : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  return %r : tensor<4xi1>
}

func.func @logical_not() -> tensor<2xi1>
    attributes {expect = [dense<[false, true]> : tensor<2xi1>]} {
  %0 = qnn.constant dense<[true, false]> : tensor<2xi1> as tensor<2xi1>
  %r = qnn.logical_not %0 : (tensor<2xi1>) -> tensor<2xi1>
  return %r : tensor<2xi1>
}

// All three broadcast.
func.func @select() -> tensor<2x2xi32>
    attributes {expect = [dense<[[1, 9], [9, 2]]> : tensor<2x2xi32>]} {
  %0 = qnn.constant dense<[[true, false], [false, true]]> : tensor<2x2xi1> as tensor<2x2xi1>
  %1 = qnn.constant dense<[[1], [2]]> : tensor<2x1xi32> as tensor<2x1xi32>
  %2 = qnn.constant dense<9> : tensor<i32> as tensor<i32>
  %r = qnn.select %0, %1, %2 : (tensor<2x2xi1>, tensor<2x1xi32>, tensor<i32>) -> tensor<2x2xi32>
  return %r : tensor<2x2xi32>
}
