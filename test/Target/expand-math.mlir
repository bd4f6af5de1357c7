// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RUN: %qcc-opt %s -split-input-file -qcc-expand-math | FileCheck %s --check-prefixes=CHECK,FULL
// RUN: %qcc-opt %s -split-input-file -qcc-expand-math="fma=false rounding=false" | FileCheck %s --check-prefixes=CHECK,BARE

// Rounding functions stay where there are instructions for them.
// CHECK-LABEL: func.func @round
// FULL: math.roundeven
// FULL: math.floor
// BARE-NOT: math.{{roundeven|floor}}
// BARE: arith.constant dense<0x4B000000>
// BARE: arith.addf
// BARE: arith.subf
// BARE-NOT: math.{{roundeven|floor}}
// CHECK: return
func.func @round(%x: vector<4xf32>) -> vector<4xf32> {
  %0 = math.roundeven %x : vector<4xf32>
  %1 = math.floor %0 : vector<4xf32>
  return %1 : vector<4xf32>
}

// -----

// No library function is left, and no fused operation without an instruction.
// CHECK-LABEL: func.func @exp
// CHECK-NOT: math.exp
// FULL: math.fma
// BARE-NOT: math.fma
// CHECK: return
func.func @exp(%x: f32) -> f32 {
  %0 = math.exp %x : f32
  return %0 : f32
}

// -----

// CHECK-LABEL: func.func @contraction
// FULL: math.fma
// BARE: arith.mulf
// BARE: arith.addf
// CHECK-NOT: vector.fma
// CHECK: return
func.func @contraction(%a: vector<4xf32>, %b: vector<4xf32>, %c: vector<4xf32>) -> vector<4xf32> {
  %0 = vector.fma %a, %b, %c : vector<4xf32>
  return %0 : vector<4xf32>
}

// -----

// What is an instruction everywhere is left alone.
// CHECK-LABEL: func.func @plain
// CHECK-NEXT: math.absf
// CHECK-NEXT: math.sqrt
// CHECK-NEXT: return
func.func @plain(%x: f32) -> f32 {
  %0 = math.absf %x : f32
  %1 = math.sqrt %0 : f32
  return %1 : f32
}
