// The module says which machine it is for: a fused multiply-add stays where it is an instruction, indices have the
// machine's width. Without a target there is an error, not a guess.
// RUN: %qcc-opt --pass-pipeline='builtin.module(qnn-attach-target{triple=aarch64-linux-gnu},qcc-llvm)' %s | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: %qcc-opt --pass-pipeline='builtin.module(qnn-attach-target{triple=thumbv7em-none-eabihf mcpu=cortex-m7 integer-only=false},qcc-llvm)' %s | FileCheck %s --check-prefixes=CHECK,NARROW
// RUN: not %qcc-opt --pass-pipeline='builtin.module(qnn-attach-target{mcpu=x86-64-v2 triple=x86_64-linux-gnu},qcc-llvm)' %s 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not %qcc-opt --qcc-llvm %s 2>&1 | FileCheck %s --check-prefix=MISSING
// NONE: error: 'math.fma' op has no instruction on this target
// MISSING: error: module has no 'qnn.target'

// CHECK-LABEL: llvm.func @fused
// WIDE: llvm.getelementptr {{.*}} (!llvm.ptr, i64)
// NARROW: llvm.getelementptr {{.*}} (!llvm.ptr, i32)
// CHECK: llvm.intr.fma
func.func @fused(%m: memref<8xf32>, %i: index) -> f32 {
  %x = memref.load %m[%i] : memref<8xf32>
  %0 = math.fma %x, %x, %x : f32
  return %0 : f32
}
