// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What has no form in C is refused by name.
//
// RUN: %qcc-translate --loops-to-c --split-input-file --verify-diagnostics %s

func.func private @vectors(%in: memref<4xi8>) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{'vector.load' op makes a vector: it has no form in C}}
  %x = vector.load %in[%c0] : memref<4xi8>, vector<4xi8>
  vector.store %x, %in[%c0] : memref<4xi8>, vector<4xi8>
  return
}

// -----

func.func private @unknown(%in: memref<1xf32>) {
  %c0 = arith.constant 0 : index
  %x = memref.load %in[%c0] : memref<1xf32>
  // expected-error @+1 {{operation 'math.tanh' has no form in C}}
  %y = math.tanh %x : f32
  memref.store %y, %in[%c0] : memref<1xf32>
  return
}

// -----

// expected-error @+1 {{argument 0 of 'shapes' is 'memref<?xi8>', which has no form in C}}
func.func private @shapes(%in: memref<?xi8>) {
  return
}

// -----

// expected-error @+1 {{'memref.global' op is memory that is not constant: it has no form in C}}
memref.global "private" @state : memref<1xi8> = dense<0>
func.func private @writes(%out: memref<1xi8>) {
  %c0 = arith.constant 0 : index
  %state = memref.get_global @state : memref<1xi8>
  %x = memref.load %state[%c0] : memref<1xi8>
  memref.store %x, %out[%c0] : memref<1xi8>
  return
}

// -----

// expected-error @+1 {{public function 'other' is not part of the interface}}
func.func @other(%in: memref<1xi8>) -> i32 {
  %zero = arith.constant 0 : i32
  return %zero : i32
}
