// RUN: %qcc-opt --split-input-file --qnn-plan-memory --qnn-verify-plan %s | FileCheck %s
// RUN: %qcc-opt --split-input-file --qnn-plan-memory=io-in-arena --qnn-verify-plan %s | FileCheck %s --check-prefix=ARENA

// A chain: what dies in a layer makes room for the layer after it.
#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#dense = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>]}>
module attributes {qnn.target = #target} {
  // CHECK-LABEL: func.func @chain
  // CHECK-SAME: qnn.buffer = #qnn.buffer<input, 0, 0>
  // CHECK-SAME: qnn.buffer = #qnn.buffer<output, 0, 0>
  // CHECK-SAME: qnn.arena_bytes = 48
  // CHECK: qnn.layer "a"
  // CHECK-SAME: #qnn.buffer<arena, 0, [[A:[0-9]+]]>
  // CHECK: qnn.layer "b"
  // CHECK-SAME: #qnn.buffer<arena, 0,
  // CHECK: qnn.layer "c"
  // CHECK-SAME: #qnn.buffer<output, 0, 0>
  // ARENA-LABEL: func.func @chain
  // ARENA-SAME: qnn.arena_bytes = 48
  // ARENA: qnn.layer "c"
  // ARENA-SAME: #qnn.buffer<arena, 0,
  func.func @chain(%x: tensor<16xi8>) -> tensor<8xi8> {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #dense} : (tensor<16xi8>) -> tensor<16xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<16xi8>) -> tensor<16xi8>
      qnn.yield %0 : tensor<16xi8>
    }
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #dense} : (tensor<16xi8>) -> tensor<32xi8> {
      %0 = qnn.pad %i {low = array<i64: 0>, high = array<i64: 16>} : (tensor<16xi8>) -> tensor<32xi8>
      qnn.yield %0 : tensor<32xi8>
    }
    %r = qnn.reshape %b : (tensor<32xi8>) -> tensor<8x4xi8>
    %c = qnn.layer "c" (%i = %r) attributes {kernel = #dense} : (tensor<8x4xi8>) -> tensor<8xi8> {
      %0 = qnn.mean %i {axes = array<i64: 1>} : (tensor<8x4xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    return %c : tensor<8xi8>
  }
}

// -----

// In place: y over x when x dies there, never over the caller's input, and not while x is still needed.
#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#ew = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], in_place = array<i64: 0>}>
#ew2 = #qnn.kernel<"test", {accepts_padding = array<i1: false, false>, pads = [array<i64: 0, 0, 0, 0>, array<i64: 0, 0, 0, 0>], in_place = array<i64: 0, 1>}>
module attributes {qnn.target = #target} {
  // CHECK-LABEL: func.func @in_place
  // CHECK-SAME: qnn.arena_bytes = 16
  // CHECK: qnn.layer "a"
  // CHECK-SAME: #qnn.buffer<arena, 0, 0>
  // CHECK: qnn.layer "b"
  // CHECK-SAME: #qnn.buffer<output, 0, 0>
  // CHECK: qnn.layer "c"
  // CHECK-SAME: #qnn.buffer<output, 0, 0>
  // ARENA-LABEL: func.func @in_place
  // ARENA-SAME: qnn.buffer = #qnn.buffer<arena, 0, [[X:[0-9]+]]>
  // ARENA-SAME: qnn.arena_bytes = 32
  // ARENA: qnn.layer "a"
  // ARENA-SAME: #qnn.buffer<arena, 0, [[X]]>
  // ARENA: qnn.layer "b"
  // ARENA-NOT: #qnn.buffer<arena, 0, [[X]]>
  // ARENA: qnn.layer "c"
  func.func @in_place(%x: tensor<16xi8>) -> tensor<16xi8> {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #ew} : (tensor<16xi8>) -> tensor<16xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<16xi8>) -> tensor<16xi8>
      qnn.yield %0 : tensor<16xi8>
    }
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #ew} : (tensor<16xi8>) -> tensor<16xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<1.0, 6.0>} : (tensor<16xi8>) -> tensor<16xi8>
      qnn.yield %0 : tensor<16xi8>
    }
    %c = qnn.layer "c" (%i = %b, %j = %a) attributes {kernel = #ew2} : (tensor<16xi8>, tensor<16xi8>) -> tensor<16xi8> {
      %0 = qnn.add %i, %j : (tensor<16xi8>, tensor<16xi8>) -> tensor<16xi8>
      qnn.yield %0 : tensor<16xi8>
    }
    return %c : tensor<16xi8>
  }
}

// -----

// An operand that another operand of the layer may not lose: no in-place result.
#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#dense = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>]}>
#first = #qnn.kernel<"test", {accepts_padding = array<i1: false, false>, pads = [array<i64: 0, 0, 0, 0>, array<i64: 0, 0, 0, 0>], in_place = array<i64: 0>}>
module attributes {qnn.target = #target} {
  // CHECK-LABEL: func.func @shared
  // CHECK-SAME: qnn.arena_bytes = 16
  // CHECK: qnn.layer "b"
  // CHECK-SAME: #qnn.buffer<output, 0, 0>
  // ARENA-LABEL: func.func @shared
  // ARENA-SAME: qnn.arena_bytes = 32
  func.func @shared(%x: tensor<16xi8>) -> tensor<16xi8> {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #dense} : (tensor<16xi8>) -> tensor<16xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<16xi8>) -> tensor<16xi8>
      qnn.yield %0 : tensor<16xi8>
    }
    %r = qnn.reshape %a : (tensor<16xi8>) -> tensor<1x16xi8>
    %b = qnn.layer "b" (%i = %a, %j = %r) attributes {kernel = #first} : (tensor<16xi8>, tensor<1x16xi8>) -> tensor<16xi8> {
      %q = qnn.reshape %j : (tensor<1x16xi8>) -> tensor<16xi8>
      %0 = qnn.add %i, %q : (tensor<16xi8>, tensor<16xi8>) -> tensor<16xi8>
      qnn.yield %0 : tensor<16xi8>
    }
    return %b : tensor<16xi8>
  }
}

// -----

// Returned twice, an argument, a constant: each output needs a layer that writes it.
#target = {isa = "x86", vector_bits = 256 : i64, vector_registers = 16 : i64, scalar_registers = 12 : i64, index_bits = 64 : i64, avx2}
#dense = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>]}>
module attributes {qnn.target = #target} {
  // CHECK-LABEL: func.func @returned
  // CHECK: %[[A:.*]] = qnn.layer "a"
  // CHECK-SAME: #qnn.buffer<output, 0, 0>
  // CHECK: %[[B:.*]] = qnn.layer "copy_1" (%{{.*}} = %[[A]])
  // CHECK-SAME: #qnn.buffer<output, 1, 0>
  // CHECK: %[[C:.*]] = qnn.layer "copy_2" (%{{.*}} = %arg0)
  // CHECK-SAME: #qnn.buffer<output, 2, 0>
  // CHECK: qnn.copy
  // CHECK: %[[R:.*]] = qnn.reshape %[[C]]
  // CHECK: %[[D:.*]] = qnn.layer "copy_3" ()
  // CHECK-SAME: #qnn.buffer<output, 3, 0>
  // CHECK: qnn.constant
  // CHECK: qnn.copy
  // CHECK: return %[[A]], %[[B]], %[[R]], %[[D]]
  // ARENA-LABEL: func.func @returned
  func.func @returned(%x: tensor<16xi8>) -> (tensor<16xi8>, tensor<16xi8>, tensor<4x4xi8>, tensor<2xi8>) {
    %c = qnn.constant dense<[1, 2]> : tensor<2xi8> as tensor<2xi8>
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #dense} : (tensor<16xi8>) -> tensor<16xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<16xi8>) -> tensor<16xi8>
      qnn.yield %0 : tensor<16xi8>
    }
    %r = qnn.reshape %x : (tensor<16xi8>) -> tensor<4x4xi8>
    return %a, %a, %r, %c : tensor<16xi8>, tensor<16xi8>, tensor<4x4xi8>, tensor<2xi8>
  }
}

// -----

// Scratch memory lives in its layer alone.
#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#scratch = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], scratch = 40 : i64}>
module attributes {qnn.target = #target} {
  // CHECK-LABEL: func.func @scratch
  // CHECK-SAME: qnn.arena_bytes = 56
  // CHECK-COUNT-2: qnn.scratch_offset = {{[0-9]+}} : i64
  // ARENA-LABEL: func.func @scratch
  // ARENA-SAME: qnn.arena_bytes = 72
  func.func @scratch(%x: tensor<16xi8>) -> tensor<16xi8> {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #scratch} : (tensor<16xi8>) -> tensor<16xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<16xi8>) -> tensor<16xi8>
      qnn.yield %0 : tensor<16xi8>
    }
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #scratch} : (tensor<16xi8>) -> tensor<16xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<1.0, 6.0>} : (tensor<16xi8>) -> tensor<16xi8>
      qnn.yield %0 : tensor<16xi8>
    }
    return %b : tensor<16xi8>
  }
}

// -----

// A result lies one row before the input that it is made of, the next one behind that: rows go upwards, then downwards.
#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#rows = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], row_walks = [array<i64: 0, 1, 0, 1, 1, 0>]}>
module attributes {qnn.target = #target} {
  // CHECK-LABEL: func.func @rows
  // CHECK-SAME: qnn.arena_bytes = 144
  // ARENA-LABEL: func.func @rows
  // ARENA-SAME: qnn.buffer = #qnn.buffer<arena, 0, 0>
  // ARENA-SAME: qnn.arena_bytes = 144
  // ARENA: qnn.layer "a"
  // ARENA-SAME: #qnn.buffer<arena, 0, 16>
  // ARENA-SAME: qnn.descending
  // ARENA: qnn.layer "b"
  // ARENA-SAME: #qnn.buffer<arena, 0, 0>
  // ARENA-NOT: qnn.descending
  // ARENA: qnn.layer "c"
  // ARENA-SAME: #qnn.buffer<arena, 0, 16>
  // ARENA-SAME: qnn.descending
  func.func @rows(%x: tensor<1x8x16x1xi8>) -> tensor<1x8x16x1xi8> {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #rows} : (tensor<1x8x16x1xi8>) -> tensor<1x8x16x1xi8> {
      %0 = qnn.copy %i : (tensor<1x8x16x1xi8>) -> tensor<1x8x16x1xi8>
      qnn.yield %0 : tensor<1x8x16x1xi8>
    }
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #rows} : (tensor<1x8x16x1xi8>) -> tensor<1x8x16x1xi8> {
      %0 = qnn.copy %i : (tensor<1x8x16x1xi8>) -> tensor<1x8x16x1xi8>
      qnn.yield %0 : tensor<1x8x16x1xi8>
    }
    %c = qnn.layer "c" (%i = %b) attributes {kernel = #rows} : (tensor<1x8x16x1xi8>) -> tensor<1x8x16x1xi8> {
      %0 = qnn.copy %i : (tensor<1x8x16x1xi8>) -> tensor<1x8x16x1xi8>
      qnn.yield %0 : tensor<1x8x16x1xi8>
    }
    return %c : tensor<1x8x16x1xi8>
  }
}
