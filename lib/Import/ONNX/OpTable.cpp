// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of operators. To add one: a line here and a function in the file of
// its family.

#include "OpTable.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

using namespace qcc;
using namespace qcc::onnximport;

namespace {

constexpr unsigned many = ~0u;
constexpr const char *microsoft = "com.microsoft";
constexpr const char *qonnx = "qonnx";
constexpr const char *channelsLast = "qonnx.custom_op.channels_last";

// By domain, in the order of their names.
constexpr OpEntry table[] = {
    {"Abs", 1, 1, importAbs},
    {"Add", 2, 2, importAdd},
    {"And", 2, 2, importAnd},
    {"ArgMax", 1, 1, importArgMax},
    {"ArgMin", 1, 1, importArgMin},
    {"AveragePool", 1, 1, importAveragePool},
    {"BatchNormalization", 5, 5, importBatchNormalization},
    {"Cast", 1, 1, importCast},
    {"Ceil", 1, 1, importCeil},
    {"Clip", 1, 3, importClip},
    {"Concat", 1, many, importConcat},
    {"Constant", 0, 0, importConstant},
    {"ConstantOfShape", 1, 1, importConstantOfShape},
    {"Conv", 2, 3, importConv},
    {"ConvInteger", 2, 4, importConvInteger},
    {"ConvTranspose", 2, 3, importConvTranspose},
    {"Cos", 1, 1, importCos},
    {"DepthToSpace", 1, 1, importDepthToSpace},
    {"DequantizeLinear", 2, 3, importDequantizeLinear},
    {"Div", 2, 2, importDiv},
    {"Dropout", 1, 3, importIdentity},
    {"DynamicQuantizeLinear", 1, 1, importDynamicQuantizeLinear},
    {"Elu", 1, 1, importElu},
    {"Equal", 2, 2, importEqual},
    {"Exp", 1, 1, importExp},
    {"Expand", 2, 2, importExpand, "", true},
    {"Flatten", 1, 1, importFlatten},
    {"Floor", 1, 1, importFloor},
    {"Gather", 2, 2, importGather},
    {"Gelu", 1, 1, importGelu},
    {"Gemm", 2, 3, importGemm},
    {"GlobalAveragePool", 1, 1, importGlobalAveragePool},
    {"GlobalMaxPool", 1, 1, importGlobalMaxPool},
    {"Greater", 2, 2, importGreater},
    {"GreaterOrEqual", 2, 2, importGreaterOrEqual},
    {"HardSigmoid", 1, 1, importHardSigmoid},
    {"HardSwish", 1, 1, importHardSwish},
    {"Identity", 1, 1, importIdentity},
    {"LayerNormalization", 2, 3, importLayerNormalization},
    {"LeakyRelu", 1, 1, importLeakyRelu},
    {"Less", 2, 2, importLess},
    {"LessOrEqual", 2, 2, importLessOrEqual},
    {"Log", 1, 1, importLog},
    {"LogSoftmax", 1, 1, importLogSoftmax},
    {"MatMul", 2, 2, importMatMul},
    {"MatMulInteger", 2, 4, importMatMulInteger},
    {"Max", 1, many, importMax},
    {"MaxPool", 1, 1, importMaxPool},
    {"Min", 1, many, importMin},
    {"Mul", 2, 2, importMul},
    {"Neg", 1, 1, importNeg},
    {"Not", 1, 1, importNot},
    {"Or", 2, 2, importOr},
    {"PRelu", 2, 2, importPRelu},
    {"Pad", 1, 4, importPad},
    {"Pow", 2, 2, importPow},
    {"QLinearConv", 8, 9, importQLinearConv},
    {"QLinearMatMul", 8, 8, importQLinearMatMul},
    {"QuantizeLinear", 2, 3, importQuantizeLinear},
    {"Reciprocal", 1, 1, importReciprocal},
    {"ReduceMax", 1, 2, importReduceMax},
    {"ReduceMean", 1, 2, importReduceMean},
    {"ReduceMin", 1, 2, importReduceMin},
    {"ReduceProd", 1, 2, importReduceProd},
    {"ReduceSum", 1, 2, importReduceSum},
    {"Relu", 1, 1, importRelu},
    {"Reshape", 1, 2, importReshape, "", true},
    {"Resize", 1, 4, importResize},
    {"Round", 1, 1, importRound},
    {"Shape", 1, 1, importShape},
    {"Sigmoid", 1, 1, importSigmoid},
    {"Sign", 1, 1, importSign},
    {"Sin", 1, 1, importSin},
    {"Size", 1, 1, importSize},
    {"Slice", 1, 5, importSlice},
    {"Softmax", 1, 1, importSoftmax},
    {"SpaceToDepth", 1, 1, importSpaceToDepth},
    {"Split", 1, 2, importSplit},
    {"Sqrt", 1, 1, importSqrt},
    {"Squeeze", 1, 2, importSqueeze},
    {"Sub", 2, 2, importSub},
    {"Sum", 1, many, importSum},
    {"Tanh", 1, 1, importTanh},
    {"Tile", 2, 2, importTile},
    {"TopK", 1, 2, importTopK},
    {"Transpose", 1, 1, importTranspose},
    {"Unsqueeze", 1, 2, importUnsqueeze},
    {"Upsample", 1, 2, importUpsample},
    {"Where", 3, 3, importWhere},
    {"DequantizeLinear", 2, 3, importDequantizeLinear, microsoft},
    {"Gelu", 1, 1, importGelu, microsoft},
    {"MatMulNBits", 3, 6, importMatMulNBits, microsoft},
    {"QLinearAdd", 7, 8, importQLinearAdd, microsoft},
    {"QLinearGlobalAveragePool", 5, 5, importQLinearGlobalAveragePool,
     microsoft},
    {"QLinearMul", 7, 8, importQLinearMul, microsoft},
    {"QuantizeLinear", 2, 3, importQuantizeLinear, microsoft},
    {"BipolarQuant", 2, 2, importBipolarQuant, qonnx},
    {"IntQuant", 4, 4, importQuant, qonnx},
    {"MultiThreshold", 2, 2, importMultiThreshold, qonnx},
    {"Quant", 4, 4, importQuant, qonnx},
    {"Trunc", 5, 6, importTrunc, qonnx},
    {"BatchNormalization", 5, 5, importChannelsLastBatchNormalization,
     channelsLast},
    {"Conv", 2, 3, importChannelsLastConv, channelsLast},
    {"MaxPool", 1, 1, importChannelsLastMaxPool, channelsLast},
};

/// QONNX's operators have been written in several domains, ONNX's own too.
bool isQonnx(llvm::StringRef domain) {
  return domain == "qonnx.custom_op.general" ||
         domain == "finn.custom_op.general" || domain == "onnx.brevitas" ||
         domain == "qonnx" || domain == "brevitas" || domain.empty();
}

const OpEntry *findIn(llvm::StringRef domain, llvm::StringRef name) {
  const OpEntry *entry = llvm::find_if(table, [&](const OpEntry &e) {
    return domain == e.domain && name == e.name;
  });
  return entry == std::end(table) ? nullptr : entry;
}

} // namespace

const OpEntry *qcc::onnximport::findOp(llvm::StringRef domain,
                                       llvm::StringRef name) {
  if (const OpEntry *entry = findIn(domain, name))
    return entry;
  return isQonnx(domain) ? findIn(qonnx, name) : nullptr;
}

std::vector<std::string> qcc::supportedONNXOperators() {
  std::set<std::string> names;
  for (const OpEntry &entry : table) {
    llvm::StringRef domain = entry.domain;
    names.insert((domain.empty() ? "" : domain.str() + ":") + entry.name);
  }
  return {names.begin(), names.end()};
}
