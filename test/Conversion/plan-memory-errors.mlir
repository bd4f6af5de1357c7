// RUN: %qcc-opt --split-input-file --verify-diagnostics --qnn-plan-memory %s

// expected-error @below {{module has no 'qnn.target'}}
module {
  func.func @no_target() { return }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
module attributes {qnn.target = #target} {
  func.func @no_layer(%x: tensor<4xi8>) -> tensor<4xi8> {
    // expected-error @below {{stands outside a layer; run 'qnn-form-layers' first}}
    %0 = qnn.clip %x {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<4xi8>) -> tensor<4xi8>
    return %0 : tensor<4xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
module attributes {qnn.target = #target} {
  func.func @no_kernel(%x: tensor<4xi8>) -> tensor<4xi8> {
    // expected-error @below {{has no kernel; run 'qnn-select-kernels' first}}
    %a = qnn.layer "a" (%i = %x) : (tensor<4xi8>) -> tensor<4xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<4xi8>) -> tensor<4xi8>
      qnn.yield %0 : tensor<4xi8>
    }
    return %a : tensor<4xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
module attributes {qnn.target = #target} {
  func.func @operands(%x: tensor<4xi8>) -> tensor<4xi8> {
    // expected-error @below {{has 1 operands, but its kernel describes 0}}
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #qnn.kernel<"test", {}>} : (tensor<4xi8>) -> tensor<4xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<4xi8>) -> tensor<4xi8>
      qnn.yield %0 : tensor<4xi8>
    }
    return %a : tensor<4xi8>
  }
}
