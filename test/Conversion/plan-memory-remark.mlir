// RUN: %qcc-opt --qnn-plan-memory=io-in-arena --remark-policy=all --remarks-filter=qnn-plan-memory --remark-format=emitRemark %s 2>&1 >/dev/null | FileCheck %s

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#dense = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>]}>
module attributes {qnn.target = #target} {
  // CHECK: chain: arena of 32 bytes, the least for these lifetimes
  func.func @chain(%x: tensor<16xi8>) -> tensor<16xi8> {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #dense} : (tensor<16xi8>) -> tensor<16xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<16xi8>) -> tensor<16xi8>
      qnn.yield %0 : tensor<16xi8>
    }
    return %a : tensor<16xi8>
  }
}
