// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integers at the ends of their ranges, and floats that are none, computed by the C that is printed: what must come
// out was computed by hand and is in the program.
//
// REQUIRES: gcc
// RUN: rm -rf %t && mkdir %t && touch %t/net.h
// RUN: %qcc-translate --loops-to-c %s -o %t/net.c
// RUN: gcc -std=c99 -O0 -include stdint.h -fsanitize=undefined -fno-sanitize-recover=all -I%t %S/Inputs/emit-c-arithmetic.c -o %t/program -lm && %t/program
// RUN: gcc -std=gnu99 -O3 -include stdint.h -I%t %S/Inputs/emit-c-arithmetic.c -o %t/program -lm && %t/program
// With half precision in registers GCC says 16, which is no excess precision either; x87 says 2.
// RUN: gcc -std=gnu99 -O1 -include stdint.h -U__FLT_EVAL_METHOD__ -D__FLT_EVAL_METHOD__=16 -I%t %S/Inputs/emit-c-arithmetic.c -o %t/program -lm && %t/program
// RUN: not gcc -std=gnu99 -O1 -include stdint.h -U__FLT_EVAL_METHOD__ -D__FLT_EVAL_METHOD__=2 -I%t %S/Inputs/emit-c-arithmetic.c -o %t/program -lm 2>&1 | FileCheck %s --check-prefix=EXCESS
// EXCESS: error: {{.*}}float arithmetic must not have excess precision
// RUN: g++ -x c++ -O2 -include stdint.h -I%t %S/Inputs/emit-c-arithmetic.c -o %t/program -lm && %t/program

func.func private @net.i32(%a: memref<2xi32>, %out: memref<16xi32>) attributes {qnn.inputs = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %c6 = arith.constant 6 : index
  %c7 = arith.constant 7 : index
  %c8 = arith.constant 8 : index
  %c9 = arith.constant 9 : index
  %c10 = arith.constant 10 : index
  %c11 = arith.constant 11 : index
  %c12 = arith.constant 12 : index
  %c13 = arith.constant 13 : index
  %c14 = arith.constant 14 : index
  %c15 = arith.constant 15 : index
  %x = memref.load %a[%c0] : memref<2xi32>
  %y = memref.load %a[%c1] : memref<2xi32>
  %add = arith.addi %x, %y : i32
  memref.store %add, %out[%c0] : memref<16xi32>
  %sub = arith.subi %x, %y : i32
  memref.store %sub, %out[%c1] : memref<16xi32>
  %mul = arith.muli %x, %y : i32
  memref.store %mul, %out[%c2] : memref<16xi32>
  %five = arith.constant 5 : i32
  %shl = arith.shli %x, %five : i32
  memref.store %shl, %out[%c3] : memref<16xi32>
  %shrs = arith.shrsi %x, %five : i32
  memref.store %shrs, %out[%c4] : memref<16xi32>
  %shru = arith.shrui %x, %five : i32
  memref.store %shru, %out[%c5] : memref<16xi32>
  %minu = arith.minui %x, %y : i32
  memref.store %minu, %out[%c6] : memref<16xi32>
  %maxs = arith.maxsi %x, %y : i32
  memref.store %maxs, %out[%c7] : memref<16xi32>
  %ult = arith.cmpi ult, %x, %y : i32
  %slt = arith.cmpi slt, %x, %y : i32
  %which = arith.select %ult, %x, %y : i32
  memref.store %which, %out[%c8] : memref<16xi32>
  %sign = arith.extsi %slt : i1 to i32
  memref.store %sign, %out[%c9] : memref<16xi32>
  %divu = arith.divui %x, %five : i32
  memref.store %divu, %out[%c10] : memref<16xi32>
  %rems = arith.remsi %x, %five : i32
  memref.store %rems, %out[%c11] : memref<16xi32>
  %low, %high = arith.mulsi_extended %x, %y : i32
  memref.store %high, %out[%c12] : memref<16xi32>
  %zeros = math.ctlz %y : i32
  memref.store %zeros, %out[%c13] : memref<16xi32>
  %byte = arith.trunci %x : i32 to i8
  %again = arith.extui %byte : i8 to i32
  memref.store %again, %out[%c14] : memref<16xi32>
  %wide = arith.extsi %sub : i32 to i64
  %square = arith.muli %wide, %wide : i64
  %double = arith.addi %square, %square : i64
  %c62 = arith.constant 33 : i64
  %top = arith.shrsi %double, %c62 : i64
  %topLow = arith.trunci %top : i64 to i32
  memref.store %topLow, %out[%c15] : memref<16xi32>
  return
}

func.func private @net.f32(%a: memref<2xf32>, %out: memref<8xf32>, %flags: memref<8xi32>) attributes {qnn.inputs = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %x = memref.load %a[%c0] : memref<2xf32>
  %y = memref.load %a[%c1] : memref<2xf32>
  %max = arith.maxnumf %x, %y : f32
  memref.store %max, %out[%c0] : memref<8xf32>
  %minimum = arith.minimumf %x, %y : f32
  memref.store %minimum, %out[%c1] : memref<8xf32>
  %sqrt = math.sqrt %y : f32
  memref.store %sqrt, %out[%c2] : memref<8xf32>
  %signed = math.copysign %y, %x : f32
  memref.store %signed, %out[%c3] : memref<8xf32>
  %abs = math.absf %x : f32
  memref.store %abs, %out[%c4] : memref<8xf32>
  %ult = arith.cmpf ult, %x, %y : f32
  %one = arith.cmpf one, %x, %y : f32
  %uno = arith.cmpf uno, %x, %y : f32
  %ueq = arith.cmpf ueq, %x, %y : f32
  %f0 = arith.extui %ult : i1 to i32
  memref.store %f0, %flags[%c0] : memref<8xi32>
  %f1 = arith.extui %one : i1 to i32
  memref.store %f1, %flags[%c1] : memref<8xi32>
  %f2 = arith.extui %uno : i1 to i32
  memref.store %f2, %flags[%c2] : memref<8xi32>
  %f3 = arith.extui %ueq : i1 to i32
  memref.store %f3, %flags[%c3] : memref<8xi32>
  %bits = arith.bitcast %x : f32 to i32
  memref.store %bits, %flags[%c4] : memref<8xi32>
  return
}
