// RUN: %qcc-opt "--pass-pipeline=builtin.module(convert-qnn-to-loops{name=net},canonicalize,cse)" --split-input-file --verify-diagnostics %s | FileCheck %s

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// A layer becomes a private function that is never inlined; the entry gets the caller's tensors and the arena, and
// views the arena at the planned offset. The zero point (3) is folded into the bias: 0 - 3 * 2.
// CHECK-DAG:   memref.global "private" constant @net.fc.bias : memref<1xi32> = dense<-6>
// CHECK-LABEL: func.func private @net.fc(
// CHECK-SAME:    memref<2xi8> {llvm.noalias}, %{{.*}}: memref<1xi8> {llvm.noalias}) attributes {passthrough = ["noinline"], qnn.inputs = 1 : i64, qnn.outputs = 1 : i64,
// CHECK-SAME:    qnn.summary = "fc: i8 1x2 -> i8 1x1, by fully_connected.gemm"}
// CHECK-LABEL: func.func private @net.fc_2(
// CHECK-LABEL: func.func @net_run(
// CHECK-SAME:    %[[IN:[a-z0-9]+]]: memref<2xi8> {llvm.noalias}, %[[OUT:[a-z0-9]+]]: memref<1xi8> {llvm.noalias}, %[[ARENA:[a-z0-9]+]]: memref<80xi8> {llvm.noalias}) -> i32
// CHECK:         %[[OFFSET:.*]] = arith.constant 64 : index
// CHECK:         %[[T:.*]] = memref.view %[[ARENA]][%[[OFFSET]]][] : memref<80xi8> to memref<1xi8>
// CHECK:         call @net.fc(%[[IN]], %[[T]])
// CHECK:         call @net.fc_2(%[[T]], %[[OUT]])
// CHECK:         return %{{.*}} : i32
module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64}} {
  func.func @main(%x: tensor<1x2x!act> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> tensor<1x1x!act>
      attributes {qnn.arena_bytes = 80 : i64} {
    %0 = qnn.layer "fc" (%a = %x) attributes {buffers = [#qnn.buffer<arena, 0, 64>],
        kernel = #qnn.kernel<"fully_connected.gemm", {lanes = 1 : i64, mr = 1 : i64, nv = 1 : i64}>}
        : (tensor<1x2x!act>) -> tensor<1x1x!act> {
      %w = qnn.constant dense<1> : tensor<1x2xi8> as tensor<1x2x!wgt>
      %y = qnn.fully_connected %a, %w : (tensor<1x2x!act>, tensor<1x2x!wgt>) -> tensor<1x1x!act>
      qnn.yield %y : tensor<1x1x!act>
    }
    %1 = qnn.layer "fc_2" (%a = %0) attributes {buffers = [#qnn.buffer<output, 0, 0>],
        kernel = #qnn.kernel<"fully_connected.gemm", {lanes = 1 : i64, mr = 1 : i64, nv = 1 : i64}>}
        : (tensor<1x1x!act>) -> tensor<1x1x!act> {
      %w = qnn.constant dense<1> : tensor<1x1xi8> as tensor<1x1x!wgt>
      %y = qnn.fully_connected %a, %w : (tensor<1x1x!act>, tensor<1x1x!wgt>) -> tensor<1x1x!act>
      qnn.yield %y : tensor<1x1x!act>
    }
    return %1 : tensor<1x1x!act>
  }
}

// -----

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64}} {
  // expected-error @+1 {{argument 0 has no 'qnn.buffer'; run 'qnn-plan-memory' first}}
  func.func @unplanned(%x: tensor<4xf32>) -> tensor<4xf32> {
    return %x : tensor<4xf32>
  }
}

// -----

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64}} {
  func.func @bare_op(%x: tensor<4xf32> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> tensor<4xf32> {
    // expected-error @+1 {{stands outside a layer; run 'qnn-form-layers' first}}
    %0 = qnn.clip %x {clamp = #qnn.clamp<0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
    return %0 : tensor<4xf32>
  }
}

// -----

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64}} {
  func.func @unknown_kernel(%x: tensor<4xf32> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> tensor<4xf32>
      attributes {qnn.arena_bytes = 0 : i64} {
    // expected-error @+1 {{names the unknown kernel "mine"}}
    %y = qnn.layer "clip_0" (%a = %x) attributes {buffers = [#qnn.buffer<output, 0, 0>], kernel = #qnn.kernel<"mine", {}>}
        : (tensor<4xf32>) -> tensor<4xf32> {
      %0 = qnn.clip %a {clamp = #qnn.clamp<0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
      qnn.yield %0 : tensor<4xf32>
    }
    return %y : tensor<4xf32>
  }
}

// -----

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64}} {
  func.func @wrong_anchor(%x: tensor<4xf32> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> tensor<4xf32>
      attributes {qnn.arena_bytes = 0 : i64} {
    // expected-error @+1 {{names kernel 'conv2d.gemm' of 'qnn.conv2d', but holds 'qnn.clip'}}
    %y = qnn.layer "clip_0" (%a = %x) attributes {buffers = [#qnn.buffer<output, 0, 0>], kernel = #qnn.kernel<"conv2d.gemm", {}>}
        : (tensor<4xf32>) -> tensor<4xf32> {
      %0 = qnn.clip %a {clamp = #qnn.clamp<0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
      qnn.yield %0 : tensor<4xf32>
    }
    return %y : tensor<4xf32>
  }
}

// -----

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64, float}} {
  func.func @one_operation(%x: tensor<4xf32> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> tensor<4xf32>
      attributes {qnn.arena_bytes = 0 : i64} {
    // expected-error @+1 {{names kernel 'fused.pointwise' of 'qnn.layer', but holds 'qnn.clip'}}
    %y = qnn.layer "clip_0" (%a = %x) attributes {buffers = [#qnn.buffer<output, 0, 0>], kernel = #qnn.kernel<"fused.pointwise", {}>}
        : (tensor<4xf32>) -> tensor<4xf32> {
      %0 = qnn.clip %a {clamp = #qnn.clamp<0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
      qnn.yield %0 : tensor<4xf32>
    }
    return %y : tensor<4xf32>
  }
}

// -----

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64, float}} {
  func.func @not_by_elements(%x: tensor<4xf32> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> tensor<4xf32>
      attributes {qnn.arena_bytes = 0 : i64} {
    // expected-error @+1 {{names kernel 'fused.pointwise', which does not fit: qnn.softmax is not computed by elements}}
    %y = qnn.layer "clip_0" (%a = %x) attributes {buffers = [#qnn.buffer<output, 0, 0>], kernel = #qnn.kernel<"fused.pointwise", {}>}
        : (tensor<4xf32>) -> tensor<4xf32> {
      %0 = qnn.softmax %a {beta = 1.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
      %1 = qnn.clip %0 {clamp = #qnn.clamp<0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
      qnn.yield %1 : tensor<4xf32>
    }
    return %y : tensor<4xf32>
  }
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64}} {
  func.func @no_tile(%x: tensor<1x2x!act> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> tensor<1x1x!act>
      attributes {qnn.arena_bytes = 0 : i64} {
    // expected-error @+1 {{kernel 'fully_connected.gemm' needs 'mr', such as 1 : i64; run 'qnn-select-kernels' again}}
    %0 = qnn.layer "fc" (%a = %x) attributes {buffers = [#qnn.buffer<output, 0, 0>],
        kernel = #qnn.kernel<"fully_connected.gemm", {lanes = 1 : i64, mr = 0 : i64, nv = 1 : i64}>}
        : (tensor<1x2x!act>) -> tensor<1x1x!act> {
      %w = qnn.constant dense<1> : tensor<1x2xi8> as tensor<1x2x!wgt>
      %y = qnn.fully_connected %a, %w : (tensor<1x2x!act>, tensor<1x2x!wgt>) -> tensor<1x1x!act>
      qnn.yield %y : tensor<1x1x!act>
    }
    return %0 : tensor<1x1x!act>
  }
}
