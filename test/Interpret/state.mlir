// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Variables within one run. Expected values: what was written last before the read.

// RUN: qcc-test-interpret %s

!q = !quant.uniform<i8:f32, 0.5:3>
qnn.variable @v dense<[3, 5]> : tensor<2xi8> as tensor<2x!q>
qnn.variable @untouched dense<-1.5> : tensor<2xf32> as tensor<2xf32>

func.func @before_and_after() -> (tensor<2x!q>, tensor<2x!q>, tensor<2xf32>)
    attributes {expect = [dense<[3, 5]> : tensor<2xi8>, dense<[7, 8]> : tensor<2xi8>, dense<-1.5> : tensor<2xf32>]} {
  %0 = qnn.read_variable @v : tensor<2x!q>
  %1 = qnn.constant dense<[7, 8]> : tensor<2xi8> as tensor<2x!q>
  qnn.assign_variable @v, %1 : tensor<2x!q>
  %2 = qnn.read_variable @v : tensor<2x!q>
  %3 = qnn.read_variable @untouched : tensor<2xf32>
  return %0, %2, %3 : tensor<2x!q>, tensor<2x!q>, tensor<2xf32>
}
