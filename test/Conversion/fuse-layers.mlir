// RUN: %qcc-opt "--pass-pipeline=builtin.module(qnn-attach-target{mcpu=x86-64-v3},qnn-form-layers,qnn-select-kernels,qnn-fuse-layers)" --split-input-file %s | FileCheck %s
// RUN: %qcc-opt "--pass-pipeline=builtin.module(qnn-attach-target{triple=thumbv7em-none-eabihf mcpu=cortex-m4 integer-only=false},qnn-form-layers,qnn-select-kernels,qnn-fuse-layers,qnn-plan-memory,convert-qnn-to-loops)" --split-input-file %s | FileCheck %s --check-prefix=LOOPS

!act = !quant.uniform<i8:f32, 1.0>

// Floats that become bytes: one layer, called as the last, that keeps what is between in registers.
// CHECK-LABEL: func.func @image
// CHECK:         %[[Y:.*]] = qnn.layer "quantize_3" (%[[X:.*]] = %{{[a-z0-9]+}}) attributes {kernel = #qnn.kernel<"fused.pointwise"
// CHECK:           %[[M:.*]] = qnn.mul %[[X]],
// CHECK:           %[[S:.*]] = qnn.sub %[[M]],
// CHECK:           %[[F:.*]] = qnn.floor %[[S]]
// CHECK:           %[[Q:.*]] = qnn.quantize %[[F]]
// CHECK:           qnn.yield %[[Q]]
// CHECK-NOT:     qnn.layer
// CHECK:         return %[[Y]]
// LOOPS-LABEL: func.func private @model.quantize_3
// LOOPS:         scf.for
// LOOPS:           memref.load {{.*}} : memref<3072xf32
// LOOPS-NOT:       memref.store
// LOOPS:           arith.mulf
// LOOPS-NOT:       memref.store
// LOOPS:           arith.subf
// LOOPS-NOT:       memref.store
// LOOPS:           math.floor
// LOOPS-NOT:       memref.store
// LOOPS:           memref.store {{.*}} : memref<3072xi8
// LOOPS:         return
func.func @image(%x: tensor<1x3x32x32xf32>) -> tensor<1x3x32x32x!act> {
  %a = qnn.constant dense<0.5> : tensor<1xf32> as tensor<1xf32>
  %b = qnn.constant dense<1.0> : tensor<1xf32> as tensor<1xf32>
  %0 = qnn.mul %x, %a {rounding = #qnn.rounding<onnx>} : (tensor<1x3x32x32xf32>, tensor<1xf32>) -> tensor<1x3x32x32xf32>
  %1 = qnn.sub %0, %b {rounding = #qnn.rounding<onnx>} : (tensor<1x3x32x32xf32>, tensor<1xf32>) -> tensor<1x3x32x32xf32>
  %2 = qnn.floor %1 : (tensor<1x3x32x32xf32>) -> tensor<1x3x32x32xf32>
  %3 = qnn.quantize %2 {rounding = #qnn.rounding<onnx>} : (tensor<1x3x32x32xf32>) -> tensor<1x3x32x32x!act>
  return %3 : tensor<1x3x32x32x!act>
}

// -----

// A new scale for the same bits costs nothing in registers.
// CHECK-LABEL: func.func @rescaled
// CHECK:         qnn.layer "cast_1" {{.*}}"fused.pointwise"
// CHECK:           qnn.quantize
// CHECK:           qnn.cast
// CHECK-NOT:     qnn.layer
func.func @rescaled(%x: tensor<1x3x32x32xf32>) -> tensor<1x3x32x32x!quant.uniform<i8:f32, 0.5>> {
  %0 = qnn.quantize %x {rounding = #qnn.rounding<onnx>} : (tensor<1x3x32x32xf32>) -> tensor<1x3x32x32x!quant.uniform<i8:f32, 1.0>>
  %1 = qnn.cast %0 : (tensor<1x3x32x32x!quant.uniform<i8:f32, 1.0>>) -> tensor<1x3x32x32x!quant.uniform<i8:f32, 0.5>>
  return %1 : tensor<1x3x32x32x!quant.uniform<i8:f32, 0.5>>
}

// -----

// A value that operations of the same layer alone read is made once, whatever their number; constants that both layers
// have are in it twice.
// CHECK-LABEL: func.func @hard_swish
// CHECK:         qnn.layer "mul_2" (%[[X:.*]] = %{{[a-z0-9]+}}) attributes {kernel = #qnn.kernel<"fused.pointwise"
// CHECK:           %[[A:.*]] = qnn.add %[[X]],
// CHECK:           %[[C:.*]] = qnn.clip %[[A]]
// CHECK:           qnn.mul %[[C]], %[[X]]
// CHECK-NOT:     qnn.layer
func.func @hard_swish(%x: tensor<1x64xf32>) -> tensor<1x64xf32> {
  %three = qnn.constant dense<3.0> : tensor<1xf32> as tensor<1xf32>
  %0 = qnn.add %x, %three : (tensor<1x64xf32>, tensor<1xf32>) -> tensor<1x64xf32>
  %1 = qnn.clip %0 {clamp = #qnn.clamp<0.0, 6.0>} : (tensor<1x64xf32>) -> tensor<1x64xf32>
  %2 = qnn.mul %1, %x : (tensor<1x64xf32>, tensor<1x64xf32>) -> tensor<1x64xf32>
  return %2 : tensor<1x64xf32>
}

// -----

// What two layers read that end in one: both first, and then it.
// CHECK-LABEL: func.func @diamond
// CHECK:         qnn.layer "sub_3" (%[[X:.*]] = %{{[a-z0-9]+}}) attributes {kernel = #qnn.kernel<"fused.pointwise"
// CHECK:           %[[A:.*]] = qnn.square %[[X]]
// CHECK-DAG:       qnn.abs %[[A]]
// CHECK-DAG:       qnn.neg %[[A]]
// CHECK:           qnn.sub
// CHECK-NOT:     qnn.layer
func.func @diamond(%x: tensor<1x64xf32>) -> tensor<1x64xf32> {
  %0 = qnn.square %x : (tensor<1x64xf32>) -> tensor<1x64xf32>
  %1 = qnn.abs %0 : (tensor<1x64xf32>) -> tensor<1x64xf32>
  %2 = qnn.neg %0 : (tensor<1x64xf32>) -> tensor<1x64xf32>
  %3 = qnn.sub %1, %2 : (tensor<1x64xf32>, tensor<1x64xf32>) -> tensor<1x64xf32>
  return %3 : tensor<1x64xf32>
}

// -----

// What the model returns, what two layers read, and what is broadcast stay layers.
// CHECK-LABEL: func.func @not
// CHECK:         qnn.layer "square_0" {{.*}}"square.float"
// CHECK:         qnn.layer "abs_1" {{.*}}"abs.direct"
// CHECK:         qnn.layer "neg_2" {{.*}}"neg.direct"
// CHECK:         qnn.layer "exp_3" {{.*}}"exp.float"
// CHECK:         qnn.layer "add_4" {{.*}}"add.plain"
func.func @not(%x: tensor<1x8x64xf32>, %r: tensor<1x1x64xf32>)
    -> (tensor<1x8x64xf32>, tensor<1x8x64xf32>, tensor<1x8x64xf32>) {
  %0 = qnn.square %x : (tensor<1x8x64xf32>) -> tensor<1x8x64xf32>
  %1 = qnn.abs %0 : (tensor<1x8x64xf32>) -> tensor<1x8x64xf32>
  %2 = qnn.neg %0 : (tensor<1x8x64xf32>) -> tensor<1x8x64xf32>
  %3 = qnn.exp %r : (tensor<1x1x64xf32>) -> tensor<1x1x64xf32>
  %4 = qnn.add %1, %3 : (tensor<1x8x64xf32>, tensor<1x1x64xf32>) -> tensor<1x8x64xf32>
  return %1, %2, %4 : tensor<1x8x64xf32>, tensor<1x8x64xf32>, tensor<1x8x64xf32>
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>

// Bytes stay in tables, 32 of which are looked up at once.
// CHECK-LABEL: func.func @tables
// CHECK:         qnn.layer "logistic_0" {{.*}}"logistic.table"
// CHECK:         qnn.layer "requantize_1"
// CHECK-NOT:     fused
func.func @tables(%x: tensor<1x64x!act>) -> tensor<1x64x!act> {
  %0 = qnn.logistic %x : (tensor<1x64x!act>) -> tensor<1x64x!quant.uniform<i8:f32, 3.906250e-03:-128>>
  %1 = qnn.requantize %0 : (tensor<1x64x!quant.uniform<i8:f32, 3.906250e-03:-128>>) -> tensor<1x64x!act>
  return %1 : tensor<1x64x!act>
}

// -----

!act = !quant.uniform<i8:f32, 0.5:3>

// A tensor of bytes that waits for another layer waits as bytes; floats would take four times the memory meanwhile.
// CHECK-LABEL: func.func @waits
// CHECK:         qnn.layer "quantize_0" {{.*}}"quantize.float"
// CHECK:         qnn.layer "softmax_1"
// CHECK:         qnn.layer "mul_3" {{.*}}"fused.pointwise"
// CHECK:           qnn.dequantize
// CHECK:           qnn.mul
func.func @waits(%x: tensor<1x64xf32>) -> tensor<1x64xf32> {
  %0 = qnn.quantize %x : (tensor<1x64xf32>) -> tensor<1x64x!act>
  %1 = qnn.softmax %x {beta = 1.0 : f32} : (tensor<1x64xf32>) -> tensor<1x64xf32>
  %2 = qnn.dequantize %0 : (tensor<1x64x!act>) -> tensor<1x64xf32>
  %3 = qnn.mul %1, %2 : (tensor<1x64xf32>, tensor<1x64xf32>) -> tensor<1x64xf32>
  return %3 : tensor<1x64xf32>
}

// -----

// What reads a variable stays before the layer whose result the variable becomes, which so needs no copy.
// CHECK-LABEL: func.func @state
// CHECK:         qnn.layer "square_0" {{.*}}"square.float"
// CHECK:         qnn.layer "softmax_1"
// CHECK:         qnn.assign_variable
// CHECK:         qnn.layer "add_2" {{.*}}"add.plain"
qnn.variable @v dense<2.0> : tensor<1x64xf32> as tensor<1x64xf32>
func.func @state(%x: tensor<1x64xf32>) -> tensor<1x64xf32> {
  %v = qnn.read_variable @v : tensor<1x64xf32>
  %0 = qnn.square %v : (tensor<1x64xf32>) -> tensor<1x64xf32>
  %1 = qnn.softmax %x {beta = 1.0 : f32} : (tensor<1x64xf32>) -> tensor<1x64xf32>
  qnn.assign_variable @v, %1 : tensor<1x64xf32>
  %2 = qnn.add %0, %1 : (tensor<1x64xf32>, tensor<1x64xf32>) -> tensor<1x64xf32>
  return %2 : tensor<1x64xf32>
}
