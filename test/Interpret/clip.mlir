// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// clip on literals. Expected values: tflite-runtime 2.14, BUILTIN_REF, unless a comment gives the
// sum.

// RUN: qcc-test-interpret %s

// RELU.
func.func @relu() -> tensor<4xf32>
    attributes {expect = [dense<[0.0, -0.0, 0.5, 100.0]> : tensor<4xf32>]} {
  %0 = qnn.constant dense<[-1.0, -0.0, 0.5, 100.0]> : tensor<4xf32> as tensor<4xf32>
  %r = qnn.clip %0 {clamp = #qnn.clamp<0.0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// RELU6.
func.func @relu6() -> tensor<4xf32>
    attributes {expect = [dense<[0.0, 5.5, 6.0, 6.0]> : tensor<4xf32>]} {
  %0 = qnn.constant dense<[-1.0, 5.5, 6.0, 100.0]> : tensor<4xf32> as tensor<4xf32>
  %r = qnn.clip %0 {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// RELU_N1_TO_1.
func.func @relu_n1_to_1() -> tensor<4xf32>
    attributes {expect = [dense<[-1.0, -0.5, 0.5, 1.0]> : tensor<4xf32>]} {
  %0 = qnn.constant dense<[-2.0, -0.5, 0.5, 2.0]> : tensor<4xf32> as tensor<4xf32>
  %r = qnn.clip %0 {clamp = #qnn.clamp<-1.0, 1.0>} : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
