// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The operators that the importer knows: one line each in OpTable.cpp, one file
// per family for the functions.

#ifndef QCC_LIB_IMPORT_TFLITE_OPTABLE_H
#define QCC_LIB_IMPORT_TFLITE_OPTABLE_H

#include "OpImport.h"

namespace qcc::tflite {

struct OpEntry {
  BuiltinOperator code;
  unsigned minInputs, maxInputs;
  ImportFunction import;
  unsigned maxOutputs = 1;
  unsigned minOutputs = 1;
};

/// The entry of `code`, or null when it is not supported.
const OpEntry *findOp(BuiltinOperator code);

/// Of custom operators that the caller lowers: any number of operands and
/// results.
inline constexpr OpEntry customOpEntry = {BuiltinOperator::CUSTOM, 0, ~0u,
                                          nullptr, ~0u};

// CustomOps.cpp
mlir::LogicalResult importCustomOp(OpImport &op,
                                   const TFLiteCustomOpImporter &importer);
// ConstantOps.cpp
mlir::LogicalResult importBroadcastArgs(OpImport &op);
mlir::LogicalResult importFill(OpImport &op);
mlir::LogicalResult importRange(OpImport &op);
mlir::LogicalResult importRank(OpImport &op);
mlir::LogicalResult importShape(OpImport &op);
mlir::LogicalResult importZerosLike(OpImport &op);
// ConvOps.cpp
mlir::LogicalResult importBatchMatMul(OpImport &op);
mlir::LogicalResult importConv2D(OpImport &op);
mlir::LogicalResult importDepthwiseConv2D(OpImport &op);
mlir::LogicalResult importFullyConnected(OpImport &op);
mlir::LogicalResult importTransposeConv(OpImport &op);
// ElementwiseOps.cpp
mlir::LogicalResult importLogistic(OpImport &op);
mlir::LogicalResult importTanh(OpImport &op);
mlir::LogicalResult importRelu(OpImport &op);
mlir::LogicalResult importRelu6(OpImport &op);
mlir::LogicalResult importReluN1To1(OpImport &op);
mlir::LogicalResult importRelu0To1(OpImport &op);
mlir::LogicalResult importQuantize(OpImport &op);
mlir::LogicalResult importDequantize(OpImport &op);
// IndexOps.cpp
mlir::LogicalResult importArgMax(OpImport &op);
mlir::LogicalResult importArgMin(OpImport &op);
mlir::LogicalResult importCumsum(OpImport &op);
mlir::LogicalResult importDynamicUpdateSlice(OpImport &op);
mlir::LogicalResult importEmbeddingLookup(OpImport &op);
mlir::LogicalResult importGather(OpImport &op);
mlir::LogicalResult importGatherND(OpImport &op);
mlir::LogicalResult importOneHot(OpImport &op);
mlir::LogicalResult importResizeBilinear(OpImport &op);
mlir::LogicalResult importResizeNearest(OpImport &op);
mlir::LogicalResult importTopK(OpImport &op);
// MoveOps.cpp
mlir::LogicalResult importBatchToSpaceND(OpImport &op);
mlir::LogicalResult importBroadcastTo(OpImport &op);
mlir::LogicalResult importDepthToSpace(OpImport &op);
mlir::LogicalResult importMirrorPad(OpImport &op);
mlir::LogicalResult importPack(OpImport &op);
mlir::LogicalResult importPadV2(OpImport &op);
mlir::LogicalResult importReverse(OpImport &op);
mlir::LogicalResult importSlice(OpImport &op);
mlir::LogicalResult importSpaceToBatchND(OpImport &op);
mlir::LogicalResult importSpaceToDepth(OpImport &op);
mlir::LogicalResult importSplit(OpImport &op);
mlir::LogicalResult importSplitV(OpImport &op);
mlir::LogicalResult importStridedSlice(OpImport &op);
mlir::LogicalResult importTile(OpImport &op);
mlir::LogicalResult importTranspose(OpImport &op);
mlir::LogicalResult importUnpack(OpImport &op);
// PointwiseOps.cpp
mlir::LogicalResult importAdd(OpImport &op);
mlir::LogicalResult importAbs(OpImport &op);
mlir::LogicalResult importCast(OpImport &op);
mlir::LogicalResult importCeil(OpImport &op);
mlir::LogicalResult importCos(OpImport &op);
mlir::LogicalResult importDiv(OpImport &op);
mlir::LogicalResult importElu(OpImport &op);
mlir::LogicalResult importEqual(OpImport &op);
mlir::LogicalResult importExp(OpImport &op);
mlir::LogicalResult importFloor(OpImport &op);
mlir::LogicalResult importFloorDiv(OpImport &op);
mlir::LogicalResult importFloorMod(OpImport &op);
mlir::LogicalResult importGelu(OpImport &op);
mlir::LogicalResult importGreater(OpImport &op);
mlir::LogicalResult importGreaterEqual(OpImport &op);
mlir::LogicalResult importHardSwish(OpImport &op);
mlir::LogicalResult importLeakyRelu(OpImport &op);
mlir::LogicalResult importLess(OpImport &op);
mlir::LogicalResult importLessEqual(OpImport &op);
mlir::LogicalResult importLog(OpImport &op);
mlir::LogicalResult importLogicalAnd(OpImport &op);
mlir::LogicalResult importLogicalNot(OpImport &op);
mlir::LogicalResult importLogicalOr(OpImport &op);
mlir::LogicalResult importMaximum(OpImport &op);
mlir::LogicalResult importMinimum(OpImport &op);
mlir::LogicalResult importMul(OpImport &op);
mlir::LogicalResult importNeg(OpImport &op);
mlir::LogicalResult importNotEqual(OpImport &op);
mlir::LogicalResult importPow(OpImport &op);
mlir::LogicalResult importPrelu(OpImport &op);
mlir::LogicalResult importRound(OpImport &op);
mlir::LogicalResult importRsqrt(OpImport &op);
mlir::LogicalResult importSelect(OpImport &op);
mlir::LogicalResult importSelectV2(OpImport &op);
mlir::LogicalResult importSign(OpImport &op);
mlir::LogicalResult importSin(OpImport &op);
mlir::LogicalResult importSqrt(OpImport &op);
mlir::LogicalResult importSquare(OpImport &op);
mlir::LogicalResult importSquaredDifference(OpImport &op);
mlir::LogicalResult importSub(OpImport &op);
// PoolOps.cpp
mlir::LogicalResult importAveragePool2D(OpImport &op);
mlir::LogicalResult importL2Pool2D(OpImport &op);
mlir::LogicalResult importMaxPool2D(OpImport &op);
// ReduceOps.cpp
mlir::LogicalResult importL2Normalization(OpImport &op);
mlir::LogicalResult importLogSoftmax(OpImport &op);
mlir::LogicalResult importMean(OpImport &op);
mlir::LogicalResult importReduceAll(OpImport &op);
mlir::LogicalResult importReduceAny(OpImport &op);
mlir::LogicalResult importReduceMax(OpImport &op);
mlir::LogicalResult importReduceMin(OpImport &op);
mlir::LogicalResult importReduceProd(OpImport &op);
mlir::LogicalResult importSoftmax(OpImport &op);
mlir::LogicalResult importSum(OpImport &op);
// ShapeOps.cpp
mlir::LogicalResult importPad(OpImport &op);
mlir::LogicalResult importReshape(OpImport &op);
mlir::LogicalResult importSqueeze(OpImport &op);
mlir::LogicalResult importExpandDims(OpImport &op);
mlir::LogicalResult importConcatenation(OpImport &op);
// LstmOps.cpp
mlir::LogicalResult importUnidirectionalSequenceLSTM(OpImport &op);
// SvdfOps.cpp
mlir::LogicalResult importSvdf(OpImport &op);
// StateOps.cpp
mlir::LogicalResult importCallOnce(OpImport &op);
mlir::LogicalResult importVarHandle(OpImport &op);
mlir::LogicalResult importReadVariable(OpImport &op);
mlir::LogicalResult importAssignVariable(OpImport &op);

} // namespace qcc::tflite

#endif // QCC_LIB_IMPORT_TFLITE_OPTABLE_H
