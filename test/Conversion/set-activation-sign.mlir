// RUN: %qcc-opt --qnn-set-activation-sign --split-input-file %s | FileCheck %s

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// vpdpbusd wants unsigned: the input gets a shifted copy, the tensor between the layers changes its type and its
// producer's clamp, the output stays.
// CHECK-LABEL: func.func @vnni
// CHECK-SAME:    (%[[X:.*]]: tensor<1x4x!quant.uniform<i8:f32
// CHECK:         %[[U:.*]] = qnn.requantize %[[X]] : {{.*}} -> tensor<1x4x!quant.uniform<u8:f32, 5.000000e-01:131>>
// CHECK:         %[[Y:.*]] = qnn.fully_connected %[[U]], %{{.*}} {clamp = #qnn.clamp<131, 255>}
// CHECK-SAME:      -> tensor<1x4x!quant.uniform<u8:f32, 5.000000e-01:131>>
// CHECK:         qnn.fully_connected %[[Y]]
// CHECK-SAME:      -> tensor<1x4x!quant.uniform<i8:f32, 5.000000e-01:3>>
module attributes {qnn.target = {isa = "x86", vector_bits = 512 : i64, vector_registers = 32 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, avx512vl, avx512vnni}} {
  func.func @vnni(%x: tensor<1x4x!act>) -> tensor<1x4x!act> {
    %w = qnn.constant dense<1> : tensor<4x4xi8> as tensor<4x4x!wgt>
    %0 = qnn.fully_connected %x, %w {clamp = #qnn.clamp<3, 127>} : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    %1 = qnn.fully_connected %0, %w : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    return %1 : tensor<1x4x!act>
  }
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// Average pooling rounds stored values: its operand and, through max pooling's tie, that one's operand keep their sign.
// CHECK-LABEL: func.func @average_pool
// CHECK-NOT:     u8
module attributes {qnn.target = {isa = "x86", vector_bits = 512 : i64, vector_registers = 32 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, avx512vl, avx512vnni}} {
  func.func @average_pool(%x: tensor<1x4x4x2x!act>) -> tensor<1x1x1x2x!act> {
    %0 = qnn.add %x, %x : (tensor<1x4x4x2x!act>, tensor<1x4x4x2x!act>) -> tensor<1x4x4x2x!act>
    %1 = qnn.max_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x4x4x2x!act>) -> tensor<1x2x2x2x!act>
    %2 = qnn.avg_pool2d %1 {kernel = array<i64: 2, 2>} : (tensor<1x2x2x2x!act>) -> tensor<1x1x1x2x!act>
    return %2 : tensor<1x1x1x2x!act>
  }
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// No dot instruction, no wish.
// CHECK-LABEL: func.func @scalar
// CHECK-NOT:     u8
module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64}} {
  func.func @scalar(%x: tensor<1x4x!act>) -> tensor<1x4x!act> {
    %w = qnn.constant dense<1> : tensor<4x4xi8> as tensor<4x4x!wgt>
    %0 = qnn.fully_connected %x, %w : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    %1 = qnn.fully_connected %0, %w : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    return %1 : tensor<1x4x!act>
  }
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// What only moves elements takes any sign; a pad with a stored value does not.
// CHECK-LABEL: func.func @moves
// CHECK:         qnn.transpose {{.*}} -> tensor<4x1x!quant.uniform<u8:f32
// CHECK:         qnn.pad {{.*}}value = -5 : i64{{.*}} -> tensor<1x6x!quant.uniform<i8:f32
module attributes {qnn.target = {isa = "x86", vector_bits = 512 : i64, vector_registers = 32 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, avx512vl, avx512vnni}} {
  func.func @moves(%x: tensor<1x4x!act>) -> (tensor<4x4x!act>, tensor<1x6x!act>) {
    %w = qnn.constant dense<1> : tensor<4x4xi8> as tensor<4x4x!wgt>
    %v = qnn.constant dense<1> : tensor<4x1xi8> as tensor<4x1x!wgt>
    %0 = qnn.fully_connected %x, %w : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    %1 = qnn.transpose %0 {permutation = array<i64: 1, 0>} : (tensor<1x4x!act>) -> tensor<4x1x!act>
    %2 = qnn.fully_connected %1, %v : (tensor<4x1x!act>, tensor<4x1x!wgt>) -> tensor<4x4x!act>
    %3 = qnn.fully_connected %x, %w : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    %4 = qnn.pad %3 {low = array<i64: 0, 1>, high = array<i64: 0, 1>, value = -5 : i64} : (tensor<1x4x!act>) -> tensor<1x6x!act>
    return %2, %4 : tensor<4x4x!act>, tensor<1x6x!act>
  }
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!as = !quant.uniform<i8:f32, 2.0>
!wgt = !quant.uniform<i8:f32, 0.25>

// Operand and result of a cast shift together; what it makes of another width, or of the caller's tensor, stays.
// CHECK-LABEL: func.func @casts
// CHECK:         qnn.cast {{.*}} : (tensor<1x4x!quant.uniform<u8:f32, 5.000000e-01:131>>) -> tensor<1x4x!quant.uniform<u8:f32, 2.000000e+00:128>>
// CHECK:         qnn.cast {{.*}} -> tensor<1x4x!quant.uniform<i8:f32, 2.000000e+00>>
// CHECK:         qnn.cast {{.*}} : (tensor<1x4xi32>) -> tensor<1x4x!quant.uniform<i8:f32, 2.000000e+00>>
module attributes {qnn.target = {isa = "x86", vector_bits = 512 : i64, vector_registers = 32 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, avx512vl, avx512vnni}} {
  func.func @casts(%x: tensor<1x4x!act>, %n: tensor<1x4xi32>) -> (tensor<1x4x!act>, tensor<1x4x!act>, tensor<1x4x!act>) {
    %w = qnn.constant dense<1> : tensor<4x4xi8> as tensor<4x4x!wgt>
    %0 = qnn.fully_connected %x, %w : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    %1 = qnn.cast %0 : (tensor<1x4x!act>) -> tensor<1x4x!as>
    %2 = qnn.fully_connected %1, %w : (tensor<1x4x!as>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    %3 = qnn.cast %x : (tensor<1x4x!act>) -> tensor<1x4x!as>
    %4 = qnn.fully_connected %3, %w : (tensor<1x4x!as>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    %5 = qnn.cast %n : (tensor<1x4xi32>) -> tensor<1x4x!as>
    %6 = qnn.fully_connected %5, %w : (tensor<1x4x!as>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    return %2, %4, %6 : tensor<1x4x!act>, tensor<1x4x!act>, tensor<1x4x!act>
  }
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// pmaddwd takes either sign; pmaddubsw, for which 64 is small enough, wants unsigned.
// CHECK-LABEL: func.func @small_weights
// CHECK:         qnn.requantize
// CHECK:         qnn.fully_connected {{.*}} -> tensor<1x4x!quant.uniform<u8:f32, 5.000000e-01:131>>
// CHECK-LABEL: func.func @any_weights
// CHECK-NOT:     qnn.requantize
module attributes {qnn.target = {isa = "x86", vector_bits = 256 : i64, vector_registers = 16 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, avx2, sse41}} {
  func.func @small_weights(%x: tensor<1x4x!act>) -> tensor<1x4x!act> {
    %w = qnn.constant dense<-64> : tensor<4x4xi8> as tensor<4x4x!wgt>
    %0 = qnn.fully_connected %x, %w : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    %1 = qnn.fully_connected %0, %w : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    return %1 : tensor<1x4x!act>
  }
  func.func @any_weights(%x: tensor<1x4x!act>) -> tensor<1x4x!act> {
    %w = qnn.constant dense<65> : tensor<4x4xi8> as tensor<4x4x!wgt>
    %0 = qnn.fully_connected %x, %w : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    %1 = qnn.fully_connected %0, %w : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    return %1 : tensor<1x4x!act>
  }
}

// -----

!act = !quant.uniform<u8<0:3>:f32, 0.5>
!res = !quant.uniform<u8<0:200>:f32, 0.5>
!wgt = !quant.uniform<i8:f32, 0.25>

// Values that either sign has stay what they are.
// CHECK-LABEL: func.func @small_activations
// CHECK:         qnn.fully_connected {{.*}}{clamp = #qnn.clamp<0, 2>} {{.*}} -> tensor<1x4x!quant.uniform<i8<0:3>:f32, 5.000000e-01>>
// CHECK:         qnn.fully_connected {{.*}} -> tensor<1x4x!quant.uniform<i8<-128:72>:f32, 5.000000e-01:-128>>
module attributes {qnn.target = {isa = "aarch64", vector_bits = 128 : i64, vector_registers = 32 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64, neon}} {
  func.func @small_activations(%x: tensor<1x4x!act>) -> tensor<1x4x!act> {
    %w = qnn.constant dense<1> : tensor<4x4xi8> as tensor<4x4x!wgt>
    %0 = qnn.fully_connected %x, %w {clamp = #qnn.clamp<0, 2>} : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    %1 = qnn.fully_connected %0, %w : (tensor<1x4x!act>, tensor<4x4x!wgt>) -> tensor<1x4x!res>
    %2 = qnn.fully_connected %1, %w : (tensor<1x4x!res>, tensor<4x4x!wgt>) -> tensor<1x4x!act>
    return %2 : tensor<1x4x!act>
  }
}
