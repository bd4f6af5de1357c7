// qcc in upstream's own mlir-opt. One option brings dialect, passes, pipelines and interfaces.
// RUN: %llvm/mlir-opt --load-dialect-plugin=%plugin %s | FileCheck %s --check-prefix=PARSE
// PARSE: %[[L:.*]] = qnn.logistic %{{.*}} : (tensor<4x!quant.uniform<i8:f32, 5.000000e-01:1>>)

// A pass that evaluates constants: the reference interpreter is attached.
// RUN: %llvm/mlir-opt --load-dialect-plugin=%plugin --pass-pipeline='builtin.module(func.func(qnn-fold-constants))' %s | FileCheck %s --check-prefix=PASS
// PASS: qnn.constant dense<{{\[}}-5.000000e-01, 0.000000e+00, 0.000000e+00, 6.300000e+01]>

// A pipeline with options, and kernels that tabulate functions with the interpreter.
// RUN: %llvm/mlir-opt --load-dialect-plugin=%plugin --pass-pipeline='builtin.module(qcc-optimize,qcc-select{mcpu=x86-64-v3})' %s | FileCheck %s --check-prefix=SELECT
// SELECT: #qnn.kernel<"logistic.table"

// All of the compiler, with both options; the result is qcc-opt's.
// RUN: %llvm/mlir-opt --load-dialect-plugin=%plugin --load-pass-plugin=%plugin "--pass-pipeline=builtin.module(qcc-optimize,qcc-select{triple=aarch64-linux-gnu mcpu=cortex-a72},qcc-schedule,qcc-loops{name=net},qcc-llvm)" %s -o %t.plugin
// RUN: %qcc-opt "--pass-pipeline=builtin.module(qcc-optimize,qcc-select{triple=aarch64-linux-gnu mcpu=cortex-a72},qcc-schedule,qcc-loops{name=net},qcc-llvm)" %s -o %t.own
// RUN: cmp %t.plugin %t.own
// RUN: FileCheck %s --check-prefix=LLVM --input-file=%t.plugin
// LLVM: llvm.func @net_run

// As a pass plugin alone it brings passes, but nobody knows the dialect.
// RUN: not %llvm/mlir-opt --load-pass-plugin=%plugin "--pass-pipeline=builtin.module(qcc-optimize)" %s 2>&1 | FileCheck %s --check-prefix=DIALECT
// DIALECT: Dialect `qnn' not found
// RUN: echo 'module {}' | %llvm/mlir-opt --load-pass-plugin=%plugin "--pass-pipeline=builtin.module(qnn-attach-target{mcpu=x86-64-v3})" | FileCheck %s --check-prefix=ATTACH
// ATTACH: module attributes {qnn.target = {

// Errors are diagnostics of the tool's.
// RUN: not %llvm/mlir-opt --load-dialect-plugin=%plugin "--pass-pipeline=builtin.module(qcc-select{mcpu=nonsense})" %s 2>&1 | FileCheck %s --check-prefix=CPU
// CPU: plugin.mlir:{{.*}} error: unknown cpu 'nonsense'
// RUN: not %llvm/mlir-opt --load-dialect-plugin=%plugin "--pass-pipeline=builtin.module(qcc-loops)" %s 2>&1 | FileCheck %s --check-prefix=EARLY
// EARLY: error: {{.*}}qnn.target

!q = !quant.uniform<i8:f32, 0.5:1>
!s = !quant.uniform<i8:f32, 0.00390625:-128>
func.func @main(%x: tensor<4x!q>) -> (tensor<4x!s>, tensor<4xf32>) {
  %l = qnn.logistic %x : (tensor<4x!q>) -> tensor<4x!s>
  %c = qnn.constant dense<[0, 1, 1, 127]> : tensor<4xi8> as tensor<4x!q>
  %d = qnn.dequantize %c : (tensor<4x!q>) -> tensor<4xf32>
  return %l, %d : tensor<4x!s>, tensor<4xf32>
}
