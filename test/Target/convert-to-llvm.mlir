// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One index width in all dialects, bare pointers, no casts left behind.
//
// RUN: %qcc-opt %s -qcc-lower-vectors -convert-scf-to-cf -qcc-convert-to-llvm="index-bitwidth=32" | FileCheck %s --check-prefixes=CHECK,W32
// RUN: %qcc-opt %s -qcc-lower-vectors -convert-scf-to-cf -qcc-convert-to-llvm | FileCheck %s --check-prefixes=CHECK,W64

// CHECK-LABEL: llvm.func @copy(
// CHECK-SAME: !llvm.ptr {llvm.noalias}, %{{.*}}: !llvm.ptr {llvm.align = 16 : i64})
// W32-NOT: i64
// W64-NOT: i32
// CHECK-NOT: unrealized_conversion_cast
// W32: llvm.getelementptr %{{.*}}[%{{.*}}] : (!llvm.ptr, i32)
// W64: llvm.getelementptr %{{.*}}[%{{.*}}] : (!llvm.ptr, i64)
// CHECK: llvm.return
func.func @copy(%in: memref<64xi8> {llvm.noalias}, %out: memref<64xi8> {llvm.align = 16 : i64}) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  scf.for %i = %c0 to %c64 step %c16 {
    %x = vector.load %in[%i] : memref<64xi8>, vector<16xi8>
    vector.store %x, %out[%i] : memref<64xi8>, vector<16xi8>
  }
  return
}
