// A module of each stage keeps its contract; what qcc itself makes is checked by its pipelines.
// RUN: %qcc-opt --qcc-verify-stage=stage=import %s | FileCheck %s
// RUN: %qcc-opt --qcc-verify-stage=stage=optimize %s | FileCheck %s
// RUN: not %qcc-opt --qcc-verify-stage=stage=nonsense %s 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: error: unknown stage 'nonsense'; known: import, optimize, select, schedule, loops, llvm
// CHECK-LABEL: func.func @main
// CHECK: qnn.clip
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = qnn.clip %x {clamp = #qnn.clamp<0.0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
