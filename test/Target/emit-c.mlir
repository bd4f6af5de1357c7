// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What C looks like: names, loops, tables, and the arithmetic that cannot overflow beside the one that may.
//
// RUN: %qcc-translate --loops-to-c %s | FileCheck %s

// CHECK:      #include "net.h"
// CHECK-NEXT: #include <float.h>
// CHECK-NEXT: #include <limits.h>
// CHECK:      #if CHAR_BIT != 8 || INT_MAX != 2147483647
// CHECK:      typedef char net_assumptions[
// Only what is used is defined.
// CHECK-NOT:  net_min(
// CHECK:      static inline int32_t net_clamp(int32_t x, int32_t lo, int32_t hi) {
// CHECK-NOT:  net_sqrt

memref.global "private" constant @net.dot.weights : memref<4xi8> = dense<[1, -2, 127, -128]>
memref.global "private" constant @net.dot.bias : memref<2xi32> = dense<[-2147483648, 7]>

// CHECK:      /* dot: a sum of products */
// CHECK-NEXT: static const int8_t dot_weights[4] = {
// CHECK-NEXT:     1, -2, 127, -128
// CHECK-NEXT: };
// CHECK:      static const int32_t dot_bias[2] = {
// CHECK-NEXT:     INT32_MIN, 7
// CHECK-NEXT: };
// The products fit 32 bits, their sum with any bias may not.
// CHECK:      static void net_dot(const int8_t *restrict in, int8_t *restrict out) {
// CHECK-NEXT:   for (int i = 0; i < 2; i++) {
// CHECK-NEXT:     uint32_t acc = (uint32_t)dot_bias[i];
// CHECK-NEXT:     for (int j = 0; j < 4; j++) {
// CHECK-NEXT:       acc += (uint32_t)(in[j] * dot_weights[j]);
// CHECK-NEXT:     }
// CHECK-NEXT:     const int32_t t = net_clamp((int32_t)(((int64_t)(int32_t)acc * 3 + 1) >> 32), -128, 127);
// CHECK-NEXT:     out[i] = (int8_t)t;
// CHECK-NEXT:   }
// CHECK-NEXT: }
func.func private @net.dot(%in: memref<4xi8> {llvm.noalias}, %out: memref<2xi8> {llvm.noalias})
    attributes {qnn.summary = "dot: a sum of products", qnn.inputs = 1 : i64, qnn.outputs = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %one = arith.constant 1 : i64
  %three = arith.constant 3 : i64
  %c32 = arith.constant 32 : i64
  %lo = arith.constant -128 : i32
  %hi = arith.constant 127 : i32
  %weights = memref.get_global @net.dot.weights : memref<4xi8>
  %bias = memref.get_global @net.dot.bias : memref<2xi32>
  scf.for %i = %c0 to %c2 step %c1 {
    %b = memref.load %bias[%i] : memref<2xi32>
    %sum = scf.for %j = %c0 to %c4 step %c1 iter_args(%acc = %b) -> i32 {
      %x = memref.load %in[%j] : memref<4xi8>
      %w = memref.load %weights[%j] : memref<4xi8>
      %x32 = arith.extsi %x : i8 to i32
      %w32 = arith.extsi %w : i8 to i32
      %p = arith.muli %x32, %w32 : i32
      %next = arith.addi %acc, %p : i32
      scf.yield %next : i32
    }
    %wide = arith.extsi %sum : i32 to i64
    %scaled = arith.muli %wide, %three : i64
    %rounded = arith.addi %scaled, %one : i64
    %high = arith.shrui %rounded, %c32 : i64
    %q = arith.trunci %high : i64 to i32
    %max = arith.maxsi %q, %lo : i32
    %min = arith.minsi %max, %hi : i32
    %narrow = arith.trunci %min : i32 to i8
    memref.store %narrow, %out[%i] : memref<2xi8>
  }
  return
}

// An addition that promises not to overflow is a signed one. Bytes that are zero-extended are unsigned.
// CHECK:      static void net_sum(const uint8_t *in, int32_t *out) {
// CHECK-NEXT:   int32_t acc = 0;
// CHECK-NEXT:   for (int i = 0; i < 4; i++) {
// CHECK-NEXT:     acc += in[i];
// CHECK-NEXT:   }
// CHECK-NEXT:   out[0] = acc;
func.func private @net.sum(%in: memref<4xi8>, %out: memref<1xi32>) attributes {qnn.inputs = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0 : i32
  %sum = scf.for %i = %c0 to %c4 step %c1 iter_args(%acc = %zero) -> i32 {
    %x = memref.load %in[%i] : memref<4xi8>
    %x32 = arith.extui %x : i8 to i32
    %next = arith.addi %acc, %x32 overflow<nsw> : i32
    scf.yield %next : i32
  }
  memref.store %sum, %out[%c0] : memref<1xi32>
  return
}

// What is read before memory changes is read before it in C, too; values that swap do not meet.
// CHECK:      static void net_order(int8_t *in) {
// CHECK-NEXT:   const int8_t x = in[0];
// CHECK-NEXT:   in[0] = in[1];
// CHECK-NEXT:   in[1] = x;
// CHECK-NEXT:   int32_t acc = 1;
// CHECK-NEXT:   int32_t acc1 = 2;
// CHECK-NEXT:   for (int i = 0; i < 4; i++) {
// CHECK-NEXT:     const int32_t next = acc;
// CHECK-NEXT:     acc = acc1;
// CHECK-NEXT:     acc1 = next;
// CHECK-NEXT:   }
// CHECK-NEXT:   in[2] = (int8_t)acc;
func.func private @net.order(%in: memref<4xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %one = arith.constant 1 : i32
  %two = arith.constant 2 : i32
  %a = memref.load %in[%c0] : memref<4xi8>
  %b = memref.load %in[%c1] : memref<4xi8>
  memref.store %b, %in[%c0] : memref<4xi8>
  memref.store %a, %in[%c1] : memref<4xi8>
  %r:2 = scf.for %i = %c0 to %c4 step %c1 iter_args(%x = %one, %y = %two) -> (i32, i32) {
    scf.yield %y, %x : i32, i32
  }
  %t = arith.trunci %r#0 : i32 to i8
  memref.store %t, %in[%c2] : memref<4xi8>
  return
}

// CHECK:      static void net_choose(const float *in, float *out) {
// CHECK-NEXT:   const float x = in[0];
// CHECK-NEXT:   float y;
// CHECK-NEXT:   if (x > 1.5f) {
// CHECK-NEXT:     y = x * -0.100000001f;
// CHECK-NEXT:   } else {
// CHECK-NEXT:     y = net_from_bits(2139095040u);
// CHECK-NEXT:   }
// CHECK-NEXT:   out[0] = y;
func.func private @net.choose(%in: memref<1xf32>, %out: memref<1xf32>) attributes {qnn.inputs = 1 : i64} {
  %c0 = arith.constant 0 : index
  %limit = arith.constant 1.5 : f32
  %slope = arith.constant -0.1 : f32
  %infinity = arith.constant 0x7F800000 : f32
  %x = memref.load %in[%c0] : memref<1xf32>
  %is = arith.cmpf ogt, %x, %limit : f32
  %y = scf.if %is -> f32 {
    %product = arith.mulf %x, %slope : f32
    scf.yield %product : f32
  } else {
    scf.yield %infinity : f32
  }
  memref.store %y, %out[%c0] : memref<1xf32>
  return
}

// CHECK:      struct qcc_model_info {
// CHECK:      const struct qcc_model_info net_info = {
