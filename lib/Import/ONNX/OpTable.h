// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The operators that are known, and the functions that import them.

#ifndef QCC_LIB_IMPORT_ONNX_OPTABLE_H
#define QCC_LIB_IMPORT_ONNX_OPTABLE_H

#include "NodeImport.h"

namespace qcc::onnximport {

struct OpEntry {
  const char *name;
  unsigned minInputs, maxInputs;
  ImportFunction import;
  /// "" is ONNX's own domain; "qonnx" all those that QONNX's operators have
  /// been written in.
  const char *domain = "";
  /// A required input may be a list without numbers.
  bool takesEmpty = false;
};

/// The entry of operator `name` of a domain, or null.
const OpEntry *findOp(llvm::StringRef domain, llvm::StringRef name);

mlir::LogicalResult importAbs(NodeImport &op);
mlir::LogicalResult importAdd(NodeImport &op);
mlir::LogicalResult importAnd(NodeImport &op);
mlir::LogicalResult importArgMax(NodeImport &op);
mlir::LogicalResult importArgMin(NodeImport &op);
mlir::LogicalResult importAveragePool(NodeImport &op);
mlir::LogicalResult importBatchNormalization(NodeImport &op);
mlir::LogicalResult importBipolarQuant(NodeImport &op);
mlir::LogicalResult importCast(NodeImport &op);
mlir::LogicalResult importCeil(NodeImport &op);
mlir::LogicalResult importChannelsLastBatchNormalization(NodeImport &op);
mlir::LogicalResult importChannelsLastConv(NodeImport &op);
mlir::LogicalResult importChannelsLastMaxPool(NodeImport &op);
mlir::LogicalResult importClip(NodeImport &op);
mlir::LogicalResult importConcat(NodeImport &op);
mlir::LogicalResult importConstant(NodeImport &op);
mlir::LogicalResult importConstantOfShape(NodeImport &op);
mlir::LogicalResult importConv(NodeImport &op);
mlir::LogicalResult importConvInteger(NodeImport &op);
mlir::LogicalResult importConvTranspose(NodeImport &op);
mlir::LogicalResult importCos(NodeImport &op);
mlir::LogicalResult importDepthToSpace(NodeImport &op);
mlir::LogicalResult importDequantizeLinear(NodeImport &op);
mlir::LogicalResult importDiv(NodeImport &op);
mlir::LogicalResult importDynamicQuantizeLinear(NodeImport &op);
mlir::LogicalResult importElu(NodeImport &op);
mlir::LogicalResult importEqual(NodeImport &op);
mlir::LogicalResult importExp(NodeImport &op);
mlir::LogicalResult importExpand(NodeImport &op);
mlir::LogicalResult importFlatten(NodeImport &op);
mlir::LogicalResult importFloor(NodeImport &op);
mlir::LogicalResult importGather(NodeImport &op);
mlir::LogicalResult importGelu(NodeImport &op);
mlir::LogicalResult importGemm(NodeImport &op);
mlir::LogicalResult importGlobalAveragePool(NodeImport &op);
mlir::LogicalResult importGlobalMaxPool(NodeImport &op);
mlir::LogicalResult importGreater(NodeImport &op);
mlir::LogicalResult importGreaterOrEqual(NodeImport &op);
mlir::LogicalResult importHardSigmoid(NodeImport &op);
mlir::LogicalResult importHardSwish(NodeImport &op);
mlir::LogicalResult importIdentity(NodeImport &op);
mlir::LogicalResult importLayerNormalization(NodeImport &op);
mlir::LogicalResult importLeakyRelu(NodeImport &op);
mlir::LogicalResult importLess(NodeImport &op);
mlir::LogicalResult importLessOrEqual(NodeImport &op);
mlir::LogicalResult importLog(NodeImport &op);
mlir::LogicalResult importLogSoftmax(NodeImport &op);
mlir::LogicalResult importMatMul(NodeImport &op);
mlir::LogicalResult importMatMulNBits(NodeImport &op);
mlir::LogicalResult importMatMulInteger(NodeImport &op);
mlir::LogicalResult importMax(NodeImport &op);
mlir::LogicalResult importMaxPool(NodeImport &op);
mlir::LogicalResult importMin(NodeImport &op);
mlir::LogicalResult importMul(NodeImport &op);
mlir::LogicalResult importMultiThreshold(NodeImport &op);
mlir::LogicalResult importNeg(NodeImport &op);
mlir::LogicalResult importNot(NodeImport &op);
mlir::LogicalResult importOr(NodeImport &op);
mlir::LogicalResult importPRelu(NodeImport &op);
mlir::LogicalResult importPad(NodeImport &op);
mlir::LogicalResult importPow(NodeImport &op);
mlir::LogicalResult importQLinearAdd(NodeImport &op);
mlir::LogicalResult importQLinearConv(NodeImport &op);
mlir::LogicalResult importQLinearGlobalAveragePool(NodeImport &op);
mlir::LogicalResult importQLinearMatMul(NodeImport &op);
mlir::LogicalResult importQLinearMul(NodeImport &op);
mlir::LogicalResult importQuant(NodeImport &op);
mlir::LogicalResult importQuantizeLinear(NodeImport &op);
mlir::LogicalResult importReciprocal(NodeImport &op);
mlir::LogicalResult importReduceMax(NodeImport &op);
mlir::LogicalResult importReduceMean(NodeImport &op);
mlir::LogicalResult importReduceMin(NodeImport &op);
mlir::LogicalResult importReduceProd(NodeImport &op);
mlir::LogicalResult importReduceSum(NodeImport &op);
mlir::LogicalResult importRelu(NodeImport &op);
mlir::LogicalResult importReshape(NodeImport &op);
mlir::LogicalResult importResize(NodeImport &op);
mlir::LogicalResult importRound(NodeImport &op);
mlir::LogicalResult importShape(NodeImport &op);
mlir::LogicalResult importSigmoid(NodeImport &op);
mlir::LogicalResult importSign(NodeImport &op);
mlir::LogicalResult importSin(NodeImport &op);
mlir::LogicalResult importSize(NodeImport &op);
mlir::LogicalResult importSlice(NodeImport &op);
mlir::LogicalResult importSoftmax(NodeImport &op);
mlir::LogicalResult importSpaceToDepth(NodeImport &op);
mlir::LogicalResult importSplit(NodeImport &op);
mlir::LogicalResult importSqrt(NodeImport &op);
mlir::LogicalResult importSqueeze(NodeImport &op);
mlir::LogicalResult importSub(NodeImport &op);
mlir::LogicalResult importSum(NodeImport &op);
mlir::LogicalResult importTanh(NodeImport &op);
mlir::LogicalResult importTile(NodeImport &op);
mlir::LogicalResult importTopK(NodeImport &op);
mlir::LogicalResult importTranspose(NodeImport &op);
mlir::LogicalResult importTrunc(NodeImport &op);
mlir::LogicalResult importUnsqueeze(NodeImport &op);
mlir::LogicalResult importUpsample(NodeImport &op);
mlir::LogicalResult importWhere(NodeImport &op);

/// The product of two tensors under MatMul's rules; null after an error.
Value multiply(NodeImport &op, Value a, Value b);

} // namespace qcc::onnximport

#endif // QCC_LIB_IMPORT_ONNX_OPTABLE_H
