// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Contractions and transposes of two dimensions become operations on one; loads and stores of one are left alone.
//
// RUN: %qcc-opt %s -qcc-lower-vectors | FileCheck %s

// CHECK-LABEL: func.func @transpose(
// CHECK-NOT: vector.transpose
// CHECK: vector.insert
func.func @transpose(%v: vector<4x4xi32>) -> vector<4x4xi32> {
  %0 = vector.transpose %v, [1, 0] : vector<4x4xi32> to vector<4x4xi32>
  return %0 : vector<4x4xi32>
}

// CHECK-LABEL: func.func @one_dimension(
// CHECK: vector.load
// CHECK: vector.store
func.func @one_dimension(%m: memref<16xi8>) {
  %c = arith.constant 0 : index
  %0 = vector.load %m[%c] : memref<16xi8>, vector<16xi8>
  vector.store %0, %m[%c] : memref<16xi8>, vector<16xi8>
  return
}
