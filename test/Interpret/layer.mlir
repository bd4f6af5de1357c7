// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A scheduled function: layers with several operations and several results.
// Expected values: by hand.

// RUN: qcc-test-interpret %s

func.func @two_results() -> (tensor<2xf32>, tensor<2xf32>)
    attributes {expect = [dense<[0.0, 4.0]> : tensor<2xf32>, dense<[-2.0, 8.0]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[-1.0, 4.0]> : tensor<2xf32> as tensor<2xf32>
  %a, %b = qnn.layer "double" (%x = %0) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
    %r = qnn.clip %x {clamp = #qnn.clamp<0.0, inf>} : (tensor<2xf32>) -> tensor<2xf32>
    %s = qnn.add %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    qnn.yield %r, %s : tensor<2xf32>, tensor<2xf32>
  }
  return %a, %b : tensor<2xf32>, tensor<2xf32>
}

func.func @constant_inside() -> tensor<2xf32> attributes {expect = [dense<[1.5, 2.5]> : tensor<2xf32>]} {
  %0 = qnn.constant dense<[1.0, 2.0]> : tensor<2xf32> as tensor<2xf32>
  %a = qnn.layer "shift" (%x = %0) : (tensor<2xf32>) -> (tensor<2xf32>) {
    %c = qnn.constant dense<0.5> : tensor<1xf32> as tensor<1xf32>
    %s = qnn.add %x, %c : (tensor<2xf32>, tensor<1xf32>) -> tensor<2xf32>
    qnn.yield %s : tensor<2xf32>
  }
  return %a : tensor<2xf32>
}
