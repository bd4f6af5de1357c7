// RUN: %qcc-opt --split-input-file --qnn-plan-memory --qnn-verify-plan %s | FileCheck %s
// RUN: %qcc-opt --split-input-file --qnn-plan-memory=io-in-arena --qnn-verify-plan %s | FileCheck %s

// The layer reads the old value last and may write over it: no copy.
#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#ew = #qnn.kernel<"test", {accepts_padding = array<i1: false, false>, pads = [array<i64: 0, 0, 0, 0>, array<i64: 0, 0, 0, 0>], in_place = array<i64: 0, 1>}>
module attributes {qnn.target = #target} {
  // CHECK: qnn.variable @first {{.*}}qnn.buffer = #qnn.buffer<state, 0, 0>
  // CHECK: qnn.variable @second {{.*}}qnn.buffer = #qnn.buffer<state, 0, 8>
  qnn.variable @first dense<0> : tensor<3xi8> as tensor<3xi8>
  qnn.variable @second dense<0> : tensor<3xi8> as tensor<3xi8>
  // CHECK-LABEL: func.func @in_place
  // CHECK-SAME: qnn.state_bytes = 11
  // CHECK-NOT: qnn.copy
  // CHECK: qnn.layer "a"
  // CHECK-SAME: #qnn.buffer<state, 0, 0>
  // CHECK: qnn.layer "b"
  // CHECK-SAME: #qnn.buffer<state, 0, 8>
  // CHECK: qnn.layer "c"
  // CHECK-NOT: qnn.layer
  func.func @in_place(%x: tensor<3xi8>) -> tensor<3xi8> {
    %p = qnn.read_variable @first : tensor<3xi8>
    %q = qnn.read_variable @second : tensor<3xi8>
    %a = qnn.layer "a" (%i = %p, %j = %x) attributes {kernel = #ew} : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8> {
      %0 = qnn.add %i, %j : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
      qnn.yield %0 : tensor<3xi8>
    }
    qnn.assign_variable @first, %a : tensor<3xi8>
    %b = qnn.layer "b" (%i = %a, %j = %q) attributes {kernel = #ew} : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8> {
      %0 = qnn.add %i, %j : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
      qnn.yield %0 : tensor<3xi8>
    }
    qnn.assign_variable @second, %b : tensor<3xi8>
    %c = qnn.layer "c" (%i = %a, %j = %b) attributes {kernel = #ew} : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8> {
      %0 = qnn.add %i, %j : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
      qnn.yield %0 : tensor<3xi8>
    }
    return %c : tensor<3xi8>
  }
}

// -----

// The old value is read after the new one is there: a copy behind its last reader.
#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
#ew = #qnn.kernel<"test", {accepts_padding = array<i1: false, false>, pads = [array<i64: 0, 0, 0, 0>, array<i64: 0, 0, 0, 0>], in_place = array<i64: 0, 1>}>
module attributes {qnn.target = #target} {
  qnn.variable @v dense<0> : tensor<3xi8> as tensor<3xi8>
  // CHECK-LABEL: func.func @late_reader
  // CHECK: qnn.layer "a"
  // CHECK-SAME: #qnn.buffer<arena, 0,
  // CHECK: qnn.layer "b"
  // CHECK: %[[COPY:.*]] = qnn.layer "copy_
  // CHECK-SAME: #qnn.buffer<state, 0, 0>
  // CHECK: qnn.assign_variable @v, %[[COPY]]
  func.func @late_reader(%x: tensor<3xi8>) -> tensor<3xi8> {
    %p = qnn.read_variable @v : tensor<3xi8>
    %a = qnn.layer "a" (%i = %x, %j = %x) attributes {kernel = #ew} : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8> {
      %0 = qnn.add %i, %j : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
      qnn.yield %0 : tensor<3xi8>
    }
    qnn.assign_variable @v, %a : tensor<3xi8>
    %b = qnn.layer "b" (%i = %a, %j = %p) attributes {kernel = #ew} : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8> {
      %0 = qnn.add %i, %j : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
      qnn.yield %0 : tensor<3xi8>
    }
    return %b : tensor<3xi8>
  }
}

// -----

// Two variables exchange their values: three copies.
#target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 12 : i64, index_bits = 32 : i64}
module attributes {qnn.target = #target} {
  qnn.variable @a dense<0> : tensor<3xi8> as tensor<3xi8>
  qnn.variable @b dense<1> : tensor<3xi8> as tensor<3xi8>
  // CHECK-LABEL: func.func @exchange
  // CHECK: %[[B:.*]] = qnn.read_variable @b
  // CHECK: %[[SPARE:.*]] = qnn.layer "copy_{{[0-9]}}" (%{{.*}} = %[[B]])
  // CHECK-SAME: #qnn.buffer<arena
  // CHECK: qnn.layer "copy_
  // CHECK-SAME: #qnn.buffer<state
  // CHECK: qnn.layer "copy_{{[0-9]}}" (%{{.*}} = %[[SPARE]])
  // CHECK-SAME: #qnn.buffer<state
  func.func @exchange(%x: tensor<3xi8>) -> tensor<3xi8> {
    %p = qnn.read_variable @a : tensor<3xi8>
    %q = qnn.read_variable @b : tensor<3xi8>
    qnn.assign_variable @a, %q : tensor<3xi8>
    qnn.assign_variable @b, %p : tensor<3xi8>
    return %x : tensor<3xi8>
  }
}
