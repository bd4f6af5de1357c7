// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Types and base classes that the files of operations share.

#ifndef QCC_DIALECT_QNN_IR_QNNBASE_TD
#define QCC_DIALECT_QNN_IR_QNNBASE_TD

include "qcc/Dialect/QNN/IR/QNNAttributes.td"
include "qcc/Dialect/QNN/IR/QNNInterfaces.td"
include "qcc/Dialect/QNN/IR/QNNTypes.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def QNN_Quantized : Type<CPred<"::llvm::isa<::mlir::quant::UniformQuantizedType, "
  "::mlir::quant::UniformQuantizedPerAxisType, ::mlir::quant::UniformQuantizedSubChannelType>($_self)">, "uniform quantized type">;
// Plain integers: i1 (bool), signless ones, which are signed, and unsigned ones for what is not quantized but stored so.
def QNN_Element : AnyTypeOf<[QNN_Quantized, QNN_BipolarType, AnySignlessInteger, UI<8>, UI<16>, UI<32>, F32]>;
def QNN_Tensor : StaticShapeTensorOf<[QNN_Element]>;
def QNN_Tensor4D : Type<And<[QNN_Tensor.predicate, HasAnyRankOfPred<[4]>]>, "static 4-D tensor", "::mlir::RankedTensorType">;

class QNN_Op<string mnemonic, list<Trait> traits = []> :
    Op<QNN_Dialect, mnemonic, !listconcat(traits, [
      Pure, DeclareOpInterfaceMethods<QNN_ShapeOpInterface>, QNN_CostOpInterface])> {
  let hasVerifier = 1;
}
class QNN_MacOp<string mnemonic, list<Trait> traits = []> :
    Op<QNN_Dialect, mnemonic, !listconcat(traits, [
      Pure, DeclareOpInterfaceMethods<QNN_ShapeOpInterface>,
      DeclareOpInterfaceMethods<QNN_CostOpInterface, ["getMacs"]>])> {
  let hasVerifier = 1;
}
class QNN_ElementwiseOp<string mnemonic, list<Trait> traits = []> :
    QNN_Op<mnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<QNN_InPlaceOpInterface, ["mayRunInPlace"]>])>;
class QNN_MoveOp<string mnemonic, list<Trait> traits = []> :
    QNN_Op<mnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<QNN_MoveOpInterface>])> {
  let results = (outs QNN_Tensor:$result);
}

defvar DefaultRounding = "::qcc::qnn::Rounding::TfliteDouble";

#endif
