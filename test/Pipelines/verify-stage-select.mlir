// The target is asked for before the layers are looked at.
// RUN: not %qcc-opt --qcc-verify-stage=stage=select %s 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: {{.*}}qnn.target
// RUN: not %qcc-opt "--pass-pipeline=builtin.module(qnn-attach-target{mcpu=x86-64-v3},qcc-verify-stage{stage=select})" %s 2>&1 | FileCheck %s --check-prefix=LAYER
// LAYER: error: operation 'qnn.clip' is in no layer after kernel selection
// RUN: not %qcc-opt "--pass-pipeline=builtin.module(qnn-attach-target{mcpu=x86-64-v3},qnn-form-layers,qcc-verify-stage{stage=select})" %s 2>&1 | FileCheck %s --check-prefix=KERNEL
// KERNEL: error: layer 'clip_0' has no kernel
// RUN: not %qcc-opt "--pass-pipeline=builtin.module(qcc-select{mcpu=x86-64-v3},qcc-verify-stage{stage=schedule})" %s 2>&1 | FileCheck %s --check-prefix=BUFFER
// BUFFER: error: 'qnn.arena_bytes' is missing
// RUN: not %qcc-opt "--pass-pipeline=builtin.module(qcc-select{mcpu=x86-64-v3},qcc-schedule,qcc-verify-stage{stage=loops})" %s 2>&1 | FileCheck %s --check-prefix=LOOPS
// LOOPS: error: operation 'qnn.layer' is left after the lowering to loops
// RUN: not %qcc-opt "--pass-pipeline=builtin.module(qcc-select{mcpu=x86-64-v3},qcc-schedule,qcc-loops,qcc-verify-stage{stage=llvm})" %s 2>&1 | FileCheck %s --check-prefix=LLVM
// LLVM: error: operation 'func.func' is left after the lowering to LLVM
// RUN: %qcc-opt "--pass-pipeline=builtin.module(qcc-optimize,qcc-select{mcpu=x86-64-v3},qcc-schedule,qcc-loops,qcc-llvm)" %s | FileCheck %s
// CHECK: llvm.func @model_run
// RUN: not %qcc-opt "--pass-pipeline=builtin.module(qnn-attach-target{mcpu=nonsense})" %s 2>&1 | FileCheck %s --check-prefix=CPU
// CPU: error: unknown cpu 'nonsense'
// RUN: not %qcc-opt "--pass-pipeline=builtin.module(qnn-attach-target{integer-only=perhaps})" %s 2>&1 | FileCheck %s --check-prefix=BOOL
// BOOL: error: integer-only is 'perhaps', expected auto, true or false
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = qnn.clip %x {clamp = #qnn.clamp<0.0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
