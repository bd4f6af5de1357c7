// RUN: %qcc-opt --split-input-file --qnn-plan-memory --qnn-verify-plan %s | FileCheck %s

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#conv = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 1, 1, 1, 1>], produces_padding}>
module attributes {qnn.target = #target} {
  // The argument is dense: its padded reader gets a copy. The second convolution reads what the first wrote padded.
  // CHECK-LABEL: func.func @conv
  // CHECK-SAME: qnn.buffer = #qnn.buffer<input, 0, 0>
  // CHECK: %[[COPY:.*]] = qnn.layer "copy_2" (%{{.*}} = %arg0)
  // CHECK-SAME: #qnn.buffer<arena, 0, {{[0-9]+}}, [1, 1, 1, 1]>
  // CHECK: qnn.layer "a" (%{{.*}} = %[[COPY]])
  // CHECK-SAME: #qnn.buffer<arena, 0, {{[0-9]+}}, [1, 1, 1, 1]>
  // CHECK: qnn.layer "b"
  // CHECK-SAME: #qnn.buffer<output, 0, 0>
  func.func @conv(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #conv} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, inf>} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
      qnn.yield %0 : tensor<1x4x4x2xf32>
    }
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #conv} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<1.0, inf>} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
      qnn.yield %0 : tensor<1x4x4x2xf32>
    }
    return %b : tensor<1x4x4x2xf32>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#make = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], produces_padding}>
#low = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 2, 0, 0, 0>]}>
#high = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 0, 0, 0, 1>]}>
#dense = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>]}>
module attributes {qnn.target = #target} {
  // The padding is the largest that any reader wants.
  // CHECK-LABEL: func.func @two_readers
  // CHECK: qnn.layer "a"
  // CHECK-SAME: #qnn.buffer<arena, 0, {{[0-9]+}}, [2, 0, 0, 1]>
  // CHECK-NOT: copy
  // CHECK-LABEL: func.func @dense_reader
  // A dense reader among them: the others read a copy.
  // CHECK: %[[A:.*]] = qnn.layer "a"
  // CHECK-SAME: #qnn.buffer<arena, 0, {{[0-9]+}}>]
  // CHECK: %[[B:.*]] = qnn.layer "b" (%{{.*}} = %[[A]])
  // CHECK: %[[COPY:.*]] = qnn.layer "copy_3" (%{{.*}} = %[[A]])
  // CHECK-SAME: #qnn.buffer<arena, 0, {{[0-9]+}}, [2, 0, 0, 0]>
  // CHECK: qnn.layer "c" (%{{.*}} = %[[COPY]])
  func.func @two_readers(%x: tensor<1x4x4x2xi8>) -> (tensor<1x4x4x2xi8>, tensor<1x4x4x2xi8>) {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #make} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, inf>} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
      qnn.yield %0 : tensor<1x4x4x2xi8>
    }
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #low} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<1.0, inf>} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
      qnn.yield %0 : tensor<1x4x4x2xi8>
    }
    %c = qnn.layer "c" (%i = %a) attributes {kernel = #high} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<1.0, inf>} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
      qnn.yield %0 : tensor<1x4x4x2xi8>
    }
    return %b, %c : tensor<1x4x4x2xi8>, tensor<1x4x4x2xi8>
  }
  func.func @dense_reader(%x: tensor<1x4x4x2xi8>) -> (tensor<1x4x4x2xi8>, tensor<1x4x4x2xi8>) {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #make} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, inf>} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
      qnn.yield %0 : tensor<1x4x4x2xi8>
    }
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #dense} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<1.0, inf>} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
      qnn.yield %0 : tensor<1x4x4x2xi8>
    }
    %c = qnn.layer "c" (%i = %a) attributes {kernel = #low} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<1.0, inf>} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
      qnn.yield %0 : tensor<1x4x4x2xi8>
    }
    return %b, %c : tensor<1x4x4x2xi8>, tensor<1x4x4x2xi8>
  }
}

// -----

#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#make = #qnn.kernel<"test", {accepts_padding = array<i1: false>, pads = [array<i64: 0, 0, 0, 0>], produces_padding}>
#add = #qnn.kernel<"test", {accepts_padding = array<i1: true, true>, pads = [array<i64: 0, 0, 0, 0>, array<i64: 0, 0, 0, 0>], produces_padding, in_place = array<i64: 0, 1>}>
#conv = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 1, 1, 1, 1>], produces_padding}>
#small = #qnn.kernel<"test", {accepts_padding = array<i1: true>, pads = [array<i64: 0, 1, 0, 1>]}>
module attributes {qnn.target = #target} {
  // A residual block: the sum takes over the block's input, though its own reader wants less padding.
  // CHECK-LABEL: func.func @residual
  // CHECK: qnn.layer "a"
  // CHECK-SAME: #qnn.buffer<arena, 0, [[A:[0-9]+]], [1, 1, 1, 1]>
  // CHECK: qnn.layer "b"
  // CHECK-SAME: #qnn.buffer<arena, 0, {{[0-9]+}}>
  // CHECK: qnn.layer "sum"
  // CHECK-SAME: #qnn.buffer<arena, 0, [[A]], [1, 1, 1, 1]>
  func.func @residual(%x: tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
    %a = qnn.layer "a" (%i = %x) attributes {kernel = #make} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<0.0, inf>} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
      qnn.yield %0 : tensor<1x4x4x2xi8>
    }
    %b = qnn.layer "b" (%i = %a) attributes {kernel = #conv} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<1.0, inf>} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
      qnn.yield %0 : tensor<1x4x4x2xi8>
    }
    %s = qnn.layer "sum" (%i = %b, %j = %a) attributes {kernel = #add} : (tensor<1x4x4x2xi8>, tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
      %0 = qnn.add %i, %j : (tensor<1x4x4x2xi8>, tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
      qnn.yield %0 : tensor<1x4x4x2xi8>
    }
    %c = qnn.layer "c" (%i = %s) attributes {kernel = #small} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8> {
      %0 = qnn.clip %i {clamp = #qnn.clamp<1.0, inf>} : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
      qnn.yield %0 : tensor<1x4x4x2xi8>
    }
    return %c : tensor<1x4x4x2xi8>
  }
}
