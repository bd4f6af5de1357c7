// RUN: %qcc-opt --split-input-file --verify-diagnostics --qnn-verify-plan %s

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#ew = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], in_place = array<i64: 0>}>
module attributes {qnn.target = #target} {
  func.func @in_place_is_fine(%x: tensor<8xi8> {qnn.buffer = #qnn.buffer<arena, 0, 0>}) -> (tensor<8xi8> {qnn.buffer = #qnn.buffer<arena, 0, 0>})
      attributes {qnn.arena_bytes = 8 : i64} {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #ew, buffers = [#qnn.buffer<arena, 0, 0>]} : (tensor<8xi8>) -> tensor<8xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<8xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    return %a : tensor<8xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#dense = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>]}>
module attributes {qnn.target = #target} {
  func.func @overlap(%x: tensor<8xi8> {qnn.buffer = #qnn.buffer<arena, 0, 0>}) -> (tensor<8xi8> {qnn.buffer = #qnn.buffer<arena, 0, 0>})
      attributes {qnn.arena_bytes = 8 : i64} {
    // expected-error @below {{has the result of layer 'a' in #qnn.buffer<arena, 0, 0>, where argument 0 is still live}}
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #dense, buffers = [#qnn.buffer<arena, 0, 0>]} : (tensor<8xi8>) -> tensor<8xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<8xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    return %a : tensor<8xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#ew = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], in_place = array<i64: 0>}>
#dense2 = #qnn.kernel<"test", {accepts_padding = array<i1: false, false>, pads = [array<i64: 0, 0, 0, 0>, array<i64: 0, 0, 0, 0>]}>
module attributes {qnn.target = #target} {
  func.func @read_later(%x: tensor<8xi8> {qnn.buffer = #qnn.buffer<arena, 0, 0>}) -> (tensor<8xi8> {qnn.buffer = #qnn.buffer<arena, 0, 8>})
      attributes {qnn.arena_bytes = 16 : i64} {
    // expected-error @below {{has the result of layer 'a' in #qnn.buffer<arena, 0, 0>, where argument 0 is still live}}
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #ew, buffers = [#qnn.buffer<arena, 0, 0>]} : (tensor<8xi8>) -> tensor<8xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<8xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    %b = qnn.layer "b" (%i = %a, %j = %x) attributes {kernel = #dense2, buffers = [#qnn.buffer<arena, 0, 8>]} : (tensor<8xi8>, tensor<8xi8>) -> tensor<8xi8> {
      %0 = qnn.add %i, %j : (tensor<8xi8>, tensor<8xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    return %b : tensor<8xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#dense = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>]}>
module attributes {qnn.target = #target} {
  func.func @bounds(%x: tensor<8xi8> {qnn.buffer = #qnn.buffer<arena, 0, 0>}) -> (tensor<8xi8> {qnn.buffer = #qnn.buffer<arena, 0, 8>})
      attributes {qnn.arena_bytes = 15 : i64} {
    // expected-error @below {{has the result of layer 'a' in bytes [8, 16) of an arena of 15}}
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #dense, buffers = [#qnn.buffer<arena, 0, 8>]} : (tensor<8xi8>) -> tensor<8xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<8xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    return %a : tensor<8xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#conv = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 0, 1, 0, 1>]}>
module attributes {qnn.target = #target} {
  func.func @padding(%x: tensor<1x2x2x1xi8> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> (tensor<1x2x2x1xi8> {qnn.buffer = #qnn.buffer<output, 0, 0>})
      attributes {qnn.arena_bytes = 0 : i64} {
    // expected-error @below {{wants padding [0, 1, 0, 1] of operand 0, but its buffer has []}}
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #conv, buffers = [#qnn.buffer<output, 0, 0>]} : (tensor<1x2x2x1xi8>) -> tensor<1x2x2x1xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<1x2x2x1xi8>) -> tensor<1x2x2x1xi8>
      qnn.yield %0 : tensor<1x2x2x1xi8>
    }
    return %a : tensor<1x2x2x1xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#dense = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>]}>
module attributes {qnn.target = #target} {
  func.func @input_is_the_callers(%x: tensor<8xi8> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> (tensor<8xi8> {qnn.buffer = #qnn.buffer<input, 0, 0>})
      attributes {qnn.arena_bytes = 0 : i64} {
    // expected-error @below {{writes its result into the caller's input}}
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #dense, buffers = [#qnn.buffer<input, 0, 0>]} : (tensor<8xi8>) -> tensor<8xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<8xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    return %a : tensor<8xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#scratch = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], scratch = 8 : i64}>
module attributes {qnn.target = #target} {
  func.func @scratch(%x: tensor<8xi8> {qnn.buffer = #qnn.buffer<arena, 0, 0>}) -> (tensor<8xi8> {qnn.buffer = #qnn.buffer<arena, 0, 8>})
      attributes {qnn.arena_bytes = 16 : i64} {
    // expected-error @below {{has the scratch memory of layer 'a' in #qnn.buffer<arena, 0, 8>, where the result of layer 'a' is still live}}
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #scratch, qnn.scratch_offset = 8 : i64, buffers = [#qnn.buffer<arena, 0, 8>]} : (tensor<8xi8>) -> tensor<8xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<8xi8>) -> tensor<8xi8>
      qnn.yield %0 : tensor<8xi8>
    }
    return %a : tensor<8xi8>
  }
}

// -----

// Rows of 4 bytes; a row of the result takes the rows above, at and below it. The input's buffer has a spare row above and below.
#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#window = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 1, 1, 0, 0>], row_walks = [array<i64: 0, 1, -1, 3, 1, 0>]}>
#copy = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], produces_padding}>
module attributes {qnn.target = #target} {
  func.func @one_row_ahead(%x: tensor<1x4x4x1xi8> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> (tensor<1x4x4x1xi8> {qnn.buffer = #qnn.buffer<arena, 0, 0>})
      attributes {qnn.arena_bytes = 32 : i64} {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #copy, buffers = [#qnn.buffer<arena, 0, 8, [1, 1, 0, 0]>]} : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8> {
      %0 = qnn.copy %i : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8>
      qnn.yield %0 : tensor<1x4x4x1xi8>
    }
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #window, buffers = [#qnn.buffer<arena, 0, 0>]} : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8> {
      %0 = qnn.copy %i : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8>
      qnn.yield %0 : tensor<1x4x4x1xi8>
    }
    return %b : tensor<1x4x4x1xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#window = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 1, 1, 0, 0>], row_walks = [array<i64: 0, 1, -1, 3, 1, 0>]}>
#copy = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], produces_padding}>
module attributes {qnn.target = #target} {
  // Row 0 of the result would lie where row 0 takes its spare row from.
  func.func @no_row_ahead(%x: tensor<1x4x4x1xi8> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> (tensor<1x4x4x1xi8> {qnn.buffer = #qnn.buffer<arena, 0, 0>})
      attributes {qnn.arena_bytes = 32 : i64} {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #copy, buffers = [#qnn.buffer<arena, 0, 0, [1, 1, 0, 0]>]} : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8> {
      %0 = qnn.copy %i : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8>
      qnn.yield %0 : tensor<1x4x4x1xi8>
    }
    // expected-error @below {{has the result of layer 'b' in #qnn.buffer<arena, 0, 0>, where the result of layer 'a' is still live}}
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #window, buffers = [#qnn.buffer<arena, 0, 0>]} : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8> {
      %0 = qnn.copy %i : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8>
      qnn.yield %0 : tensor<1x4x4x1xi8>
    }
    return %b : tensor<1x4x4x1xi8>
  }
}

// -----

// Downwards, the last row of the result lies just behind the spare row that it takes.
#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#window = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 1, 1, 0, 0>], row_walks = [array<i64: 0, 1, -1, 3, 1, 0>]}>
#copy = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], produces_padding}>
module attributes {qnn.target = #target} {
  func.func @downwards(%x: tensor<1x4x4x1xi8> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> (tensor<1x4x4x1xi8> {qnn.buffer = #qnn.buffer<arena, 0, 16>})
      attributes {qnn.arena_bytes = 32 : i64} {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #copy, buffers = [#qnn.buffer<arena, 0, 0, [1, 1, 0, 0]>]} : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8> {
      %0 = qnn.copy %i : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8>
      qnn.yield %0 : tensor<1x4x4x1xi8>
    }
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #window, qnn.descending, buffers = [#qnn.buffer<arena, 0, 16>]} : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8> {
      %0 = qnn.copy %i : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8>
      qnn.yield %0 : tensor<1x4x4x1xi8>
    }
    return %b : tensor<1x4x4x1xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#window = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 1, 1, 0, 0>], row_walks = [array<i64: 0, 1, -1, 3, 1, 0>]}>
#copy = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], produces_padding}>
module attributes {qnn.target = #target} {
  func.func @not_downwards(%x: tensor<1x4x4x1xi8> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> (tensor<1x4x4x1xi8> {qnn.buffer = #qnn.buffer<arena, 0, 16>})
      attributes {qnn.arena_bytes = 32 : i64} {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #copy, buffers = [#qnn.buffer<arena, 0, 0, [1, 1, 0, 0]>]} : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8> {
      %0 = qnn.copy %i : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8>
      qnn.yield %0 : tensor<1x4x4x1xi8>
    }
    // expected-error @below {{where the result of layer 'a' is still live}}
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #window, buffers = [#qnn.buffer<arena, 0, 16>]} : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8> {
      %0 = qnn.copy %i : (tensor<1x4x4x1xi8>) -> tensor<1x4x4x1xi8>
      qnn.yield %0 : tensor<1x4x4x1xi8>
    }
    return %b : tensor<1x4x4x1xi8>
  }
}

// -----

// Packed rows: their bits are the type's, their readers go by rows, and nobody outside reads them.
#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#rows = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 0, 0, 0, 0>], row_walks = [array<i64: 0, 1, 0, 1, 1, 0>], scratch = 64 : i64}>
!act = !quant.uniform<u8<0:15>:f32, 1.0>
module attributes {qnn.target = #target} {
  func.func @wrong_bits(%x: tensor<1x4x4x4x!act> {qnn.buffer = #qnn.buffer<arena, 0, 128>}) -> (tensor<1x4x4x4x!act> {qnn.buffer = #qnn.buffer<arena, 0, 0>})
      attributes {qnn.arena_bytes = 512 : i64} {
    // expected-error @below {{has rows of 'tensor<1x4x4x4x!quant.uniform<u8<0:15>:f32, 1.000000e+00>>' packed at 3 bits}}
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #rows, buffers = [#qnn.buffer<arena, 0, 0 row_bits 3>], qnn.scratch_offset = 256 : i64} : (tensor<1x4x4x4x!act>) -> tensor<1x4x4x4x!act> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0, 6>} : (tensor<1x4x4x4x!act>) -> tensor<1x4x4x4x!act>
      qnn.yield %0 : tensor<1x4x4x4x!act>
    }
    return %a : tensor<1x4x4x4x!act>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#rows = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 0, 0, 0, 0>], row_walks = [array<i64: 0, 1, 0, 1, 1, 0>], scratch = 64 : i64}>
#any = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 0, 0, 0, 0>]}>
!act = !quant.uniform<u8<0:15>:f32, 1.0>
module attributes {qnn.target = #target} {
  func.func @reader(%x: tensor<1x4x4x4x!act> {qnn.buffer = #qnn.buffer<arena, 0, 128>}) -> (tensor<1x4x4x4x!act> {qnn.buffer = #qnn.buffer<arena, 0, 192>})
      attributes {qnn.arena_bytes = 512 : i64} {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #rows, buffers = [#qnn.buffer<arena, 0, 0 row_bits 4>], qnn.scratch_offset = 256 : i64} : (tensor<1x4x4x4x!act>) -> tensor<1x4x4x4x!act> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0, 6>} : (tensor<1x4x4x4x!act>) -> tensor<1x4x4x4x!act>
      qnn.yield %0 : tensor<1x4x4x4x!act>
    }
    // expected-error @below {{reads operand 0 otherwise than by rows, but its rows lie packed}}
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #any, buffers = [#qnn.buffer<arena, 0, 192>]} : (tensor<1x4x4x4x!act>) -> tensor<1x4x4x4x!act> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0, 6>} : (tensor<1x4x4x4x!act>) -> tensor<1x4x4x4x!act>
      qnn.yield %0 : tensor<1x4x4x4x!act>
    }
    return %b : tensor<1x4x4x4x!act>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#any = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 0, 0, 0, 0>]}>
!act = !quant.uniform<u8<0:15>:f32, 1.0>
module attributes {qnn.target = #target} {
  func.func @writer(%x: tensor<1x4x4x4x!act> {qnn.buffer = #qnn.buffer<arena, 0, 128>}) -> (tensor<1x4x4x4x!act> {qnn.buffer = #qnn.buffer<arena, 0, 0 row_bits 4>})
      attributes {qnn.arena_bytes = 512 : i64} {
    // expected-error @below {{writes otherwise than by rows, but its result's rows are to lie packed}}
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #any, buffers = [#qnn.buffer<arena, 0, 0 row_bits 4>]} : (tensor<1x4x4x4x!act>) -> tensor<1x4x4x4x!act> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0, 6>} : (tensor<1x4x4x4x!act>) -> tensor<1x4x4x4x!act>
      qnn.yield %0 : tensor<1x4x4x4x!act>
    }
    return %a : tensor<1x4x4x4x!act>
  }
}
