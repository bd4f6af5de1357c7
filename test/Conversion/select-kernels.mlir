// RUN: %qcc-opt --qnn-form-layers --qnn-select-kernels=family=int8 --split-input-file %s | FileCheck %s

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// The tile fits the registers: 16 lanes of vpdpbusd, all four pixels of the row.
// CHECK-LABEL: func.func @avx512_vnni
// CHECK:         #qnn.kernel<"conv2d.gemm", {{{.*}}lanes = 16 : i64, mr = 4 : i64, nv = 2 : i64, pads = [array<i64: 1, 1, 1, 1>], produces_padding}>
module attributes {qnn.target = {isa = "x86", vector_bits = 512 : i64, vector_registers = 32 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, float, vector_float, fma, sse41, avx2, avx512bw, avx512vl, avx512vnni}} {
  func.func @avx512_vnni(%x: tensor<1x4x4x8x!act>) -> tensor<1x4x4x32x!act> {
    %w = qnn.constant dense<1> : tensor<32x3x3x8xi8> as tensor<32x3x3x8x!wgt>
    %y = qnn.conv2d %x, %w {padding = array<i64: 1, 1, 1, 1>}
      : (tensor<1x4x4x8x!act>, tensor<32x3x3x8x!wgt>) -> tensor<1x4x4x32x!act>
    return %y : tensor<1x4x4x32x!act>
  }
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// No vector unit: one lane. A depthwise convolution of several channels is no matrix product.
// CHECK-LABEL: func.func @scalar
// CHECK:         #qnn.kernel<"depthwise_conv2d.direct", {{{.*}}lanes = 1 : i64
module attributes {qnn.target = {isa = "thumb", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 13 : i64,
    index_bits = 32 : i64, dsp, integer_only}} {
  func.func @scalar(%x: tensor<1x4x4x8x!act>) -> tensor<1x2x2x8x!act> {
    %w = qnn.constant dense<1> : tensor<1x3x3x8xi8> as tensor<1x3x3x8x!wgt>
    %y = qnn.depthwise_conv2d %x, %w : (tensor<1x4x4x8x!act>, tensor<1x3x3x8x!wgt>) -> tensor<1x2x2x8x!act>
    return %y : tensor<1x2x2x8x!act>
  }
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// A choice that stands is kept.
// CHECK-LABEL: func.func @kept
// CHECK:         #qnn.kernel<"mine", {}>
module attributes {qnn.target = {isa = "riscv64", vector_bits = 0 : i64, vector_registers = 0 : i64, scalar_registers = 28 : i64,
    index_bits = 64 : i64}} {
  func.func @kept(%x: tensor<4xf32>) -> tensor<4xf32> {
    %y = qnn.layer "clip_0" (%a = %x) attributes {kernel = #qnn.kernel<"mine", {}>} : (tensor<4xf32>) -> tensor<4xf32> {
      %0 = qnn.clip %a {clamp = #qnn.clamp<0, inf>} : (tensor<4xf32>) -> tensor<4xf32>
      qnn.yield %0 : tensor<4xf32>
    }
    return %y : tensor<4xf32>
  }
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// Two groups of four outputs each: as many lanes.
// CHECK-LABEL: func.func @grouped
// CHECK:         #qnn.kernel<"conv2d.direct_mac", {{{.*}}lanes = 4 : i64, mr = 4 : i64, nv = 1 : i64
module attributes {qnn.target = {isa = "x86", vector_bits = 512 : i64, vector_registers = 32 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, float, vector_float, fma, sse41, avx2, avx512bw, avx512vl, avx512vnni}} {
  func.func @grouped(%x: tensor<1x4x4x8x!act>) -> tensor<1x4x4x8x!act> {
    %w = qnn.constant dense<1> : tensor<8x1x1x4xi8> as tensor<8x1x1x4x!wgt>
    %y = qnn.conv2d %x, %w {groups = 2 : i64} : (tensor<1x4x4x8x!act>, tensor<8x1x1x4x!wgt>) -> tensor<1x4x4x8x!act>
    return %y : tensor<1x4x4x8x!act>
  }
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>
!wgt = !quant.uniform<i8:f32, 0.25>

// Result row 6 needs input row 3, behind the last; row 0 with taps 2 needs row −1. A filter that is made at run time
// has one lane.
// CHECK-LABEL: func.func @transposed
// CHECK:         #qnn.kernel<"transpose_conv2d.direct_mac", {{{.*}}lanes = 1 : i64{{.*}}pads = [array<i64: 1, 1, 1, 1>, array<i64: 0, 0, 0, 0>], produces_padding}>
module attributes {qnn.target = {isa = "x86", vector_bits = 512 : i64, vector_registers = 32 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, float, vector_float, fma, sse41, avx2, avx512bw, avx512vl, avx512vnni}} {
  func.func @transposed(%x: tensor<1x3x3x8x!act>, %w: tensor<4x3x3x8x!wgt>) -> tensor<1x7x7x4x!act> {
    %y = qnn.transpose_conv2d %x, %w {strides = array<i64: 2, 2>} : (tensor<1x3x3x8x!act>, tensor<4x3x3x8x!wgt>) -> tensor<1x7x7x4x!act>
    return %y : tensor<1x7x7x4x!act>
  }
}

// -----

// The hybrid form rounds samples in scratch memory, with their padding, and keeps a factor of each: 2·(6·6·8 + 4) bytes.
// Then results may lie over them.
// CHECK-LABEL: func.func @hybrid
// CHECK:         #qnn.kernel<"conv2d.gemm", {{{.*}}in_place = array<i64: 0>{{.*}}scratch = 584 : i64}>
module attributes {qnn.target = {isa = "x86", vector_bits = 512 : i64, vector_registers = 32 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, float, vector_float, fma, sse41, avx2, avx512bw, avx512vl, avx512vnni}} {
  func.func @hybrid(%x: tensor<2x4x4x8xf32>) -> tensor<2x4x4x8xf32> {
    %w = qnn.constant dense<1> : tensor<8x3x3x8xi8> as tensor<8x3x3x8x!quant.uniform<i8:f32, 0.25>>
    %y = qnn.conv2d %x, %w {padding = array<i64: 1, 1, 1, 1>}
      : (tensor<2x4x4x8xf32>, tensor<8x3x3x8x!quant.uniform<i8:f32, 0.25>>) -> tensor<2x4x4x8xf32>
    return %y : tensor<2x4x4x8xf32>
  }
}

// -----

!act = !quant.uniform<i16:f32, 0.5>
!wgt = !quant.uniform<i8:f32, 0.25>

// 16-bit activations: 9·8·32768 stays within 32 bits, in pairs of 8 lanes; weights of 127 over 600 inputs do not.
// CHECK-LABEL: func.func @int16
// CHECK:         #qnn.kernel<"conv2d.gemm", {{{.*}}lanes = 8 : i64
// CHECK:         #qnn.kernel<"fully_connected.direct_mac"
module attributes {qnn.target = {isa = "x86", vector_bits = 256 : i64, vector_registers = 16 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, float, vector_float, fma, sse41, avx2}} {
  func.func @int16(%x: tensor<1x4x4x8x!act>, %v: tensor<1x600x!act>) -> (tensor<1x4x4x32x!act>, tensor<1x4x!act>) {
    %w = qnn.constant dense<1> : tensor<32x3x3x8xi8> as tensor<32x3x3x8x!wgt>
    %b = qnn.constant dense<1> : tensor<32xi64> as tensor<32xi64>
    %y = qnn.conv2d %x, %w bias %b {padding = array<i64: 1, 1, 1, 1>}
      : (tensor<1x4x4x8x!act>, tensor<32x3x3x8x!wgt>, tensor<32xi64>) -> tensor<1x4x4x32x!act>
    %m = qnn.constant dense<127> : tensor<4x600xi8> as tensor<4x600x!wgt>
    %c = qnn.constant dense<1> : tensor<4xi64> as tensor<4xi64>
    %z = qnn.fully_connected %v, %m bias %c
      : (tensor<1x600x!act>, tensor<4x600x!wgt>, tensor<4xi64>) -> tensor<1x4x!act>
    return %y, %z : tensor<1x4x4x32x!act>, tensor<1x4x!act>
  }
}

// -----

!act = !quant.uniform<i8:f32, 0.5>
!wgt = !quant.uniform<i8:f32, 0.25>

// One pixel: an accumulator waits five cycles for the next product, so that few of them would not keep up with the weights.
// CHECK-LABEL: func.func @one_pixel
// CHECK:         #qnn.kernel<"fully_connected.gemm", {{{.*}}mr = 1 : i64, nv = {{[5-8]}} : i64
module attributes {qnn.target = {isa = "x86", vector_bits = 512 : i64, vector_registers = 32 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, float, vector_float, fma, sse41, avx2, avx512bw, avx512vl, avx512vnni}} {
  func.func @one_pixel(%x: tensor<1x784x!act>) -> tensor<1x300x!act> {
    %w = qnn.constant dense<1> : tensor<300x784xi8> as tensor<300x784x!wgt>
    %y = qnn.fully_connected %x, %w : (tensor<1x784x!act>, tensor<300x784x!wgt>) -> tensor<1x300x!act>
    return %y : tensor<1x300x!act>
  }
}
