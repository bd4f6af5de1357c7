// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: %qcc-opt %s -qcc-expand-math="fma=false" -verify-diagnostics

func.func @fused(%x: f32) -> f32 {
  // expected-error @below {{'math.fma' op has no instruction on this target, and a product and a sum would round twice}}
  %0 = math.fma %x, %x, %x : f32
  return %0 : f32
}
