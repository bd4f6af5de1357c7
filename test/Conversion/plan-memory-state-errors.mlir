// RUN: %qcc-opt --split-input-file --verify-diagnostics --qnn-plan-memory %s

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
module attributes {qnn.target = #target} {
  qnn.variable @v dense<0> : tensor<8xi8> as tensor<8xi8>
  func.func @read_after_assignment(%x: tensor<8xi8>) -> tensor<8xi8> {
    qnn.assign_variable @v, %x : tensor<8xi8>
    // expected-error @below {{reads @v, which has been assigned already; run 'qnn-forward-state' first}}
    %y = qnn.read_variable @v : tensor<8xi8>
    return %y : tensor<8xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
module attributes {qnn.target = #target} {
  qnn.variable @v dense<0> : tensor<8xi8> as tensor<8xi8>
  func.func @read_twice() -> (tensor<8xi8>, tensor<8xi8>) {
    %x = qnn.read_variable @v : tensor<8xi8>
    // expected-error @below {{reads @v, which has been read already; run 'qnn-forward-state' first}}
    %y = qnn.read_variable @v : tensor<8xi8>
    return %x, %y : tensor<8xi8>, tensor<8xi8>
  }
}
