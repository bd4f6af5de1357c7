// RUN: %qcc-opt --split-input-file --verify-diagnostics --qnn-verify-plan %s

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#ew = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], in_place = array<i64: 0>}>
module attributes {qnn.target = #target} {
  qnn.variable @v dense<0> : tensor<8xi8> as tensor<8xi8> {qnn.buffer = #qnn.buffer<state, 0, 0>}
  func.func @update_is_fine() attributes {qnn.arena_bytes = 0 : i64, qnn.state_bytes = 8 : i64} {
    %x = qnn.read_variable @v : tensor<8xi8>
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #ew, buffers = [#qnn.buffer<state, 0, 0>]} : (tensor<8xi8>) -> tensor<8xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<8xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    qnn.assign_variable @v, %a : tensor<8xi8>
    return
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#dense = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>]}>
module attributes {qnn.target = #target} {
  qnn.variable @v dense<0> : tensor<8xi8> as tensor<8xi8> {qnn.buffer = #qnn.buffer<state, 0, 0>}
  func.func @not_in_place() attributes {qnn.arena_bytes = 0 : i64, qnn.state_bytes = 8 : i64} {
    %x = qnn.read_variable @v : tensor<8xi8>
    // expected-error @below {{has the result of layer 'a' in #qnn.buffer<state, 0, 0>, where variable 'v' is still live}}
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #dense, buffers = [#qnn.buffer<state, 0, 0>]} : (tensor<8xi8>) -> tensor<8xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<8xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    qnn.assign_variable @v, %a : tensor<8xi8>
    return
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#ew = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], in_place = array<i64: 0>}>
module attributes {qnn.target = #target} {
  qnn.variable @v dense<0> : tensor<8xi8> as tensor<8xi8> {qnn.buffer = #qnn.buffer<state, 0, 0>}
  func.func @elsewhere() attributes {qnn.arena_bytes = 8 : i64, qnn.state_bytes = 8 : i64} {
    %x = qnn.read_variable @v : tensor<8xi8>
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #ew, buffers = [#qnn.buffer<arena, 0, 0>]} : (tensor<8xi8>) -> tensor<8xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<8xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    // expected-error @below {{takes a value in #qnn.buffer<arena, 0, 0>, but the variable lies in #qnn.buffer<state, 0, 0>}}
    qnn.assign_variable @v, %a : tensor<8xi8>
    return
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
module attributes {qnn.target = #target} {
  qnn.variable @v dense<0> : tensor<8xi8> as tensor<8xi8> {qnn.buffer = #qnn.buffer<state, 0, 0>}
  // expected-error @below {{lies in #qnn.buffer<state, 0, 0>, where 'v' lies too}}
  qnn.variable @w dense<0> : tensor<4xi8> as tensor<4xi8> {qnn.buffer = #qnn.buffer<state, 0, 0>}
  func.func @two_in_one_place() attributes {qnn.arena_bytes = 0 : i64, qnn.state_bytes = 8 : i64} {
    return
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
module attributes {qnn.target = #target} {
  // expected-error @below {{lies in bytes [8, 16) of a state of 8 aligned to 8}}
  qnn.variable @v dense<0> : tensor<8xi8> as tensor<8xi8> {qnn.buffer = #qnn.buffer<state, 0, 8>}
  func.func @outside() attributes {qnn.arena_bytes = 0 : i64, qnn.state_bytes = 8 : i64} {
    return
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#ew = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], in_place = array<i64: 0>}>
module attributes {qnn.target = #target} {
  qnn.variable @v dense<0> : tensor<8xi8> as tensor<8xi8> {qnn.buffer = #qnn.buffer<state, 0, 0>}
  func.func @no_place_for_others(%x: tensor<8xi8> {qnn.buffer = #qnn.buffer<arena, 0, 0>}) -> (tensor<8xi8> {qnn.buffer = #qnn.buffer<state, 0, 0>})
      attributes {qnn.arena_bytes = 8 : i64, qnn.state_bytes = 8 : i64} {
    // expected-error @below {{has the result of layer 'a' in the state, but no variable is assigned it}}
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #ew, buffers = [#qnn.buffer<state, 0, 0>]} : (tensor<8xi8>) -> tensor<8xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<8xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    return %a : tensor<8xi8>
  }
}
