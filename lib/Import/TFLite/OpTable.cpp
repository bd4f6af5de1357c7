// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of operators. To add one: a line here, a function in the file of
// its family, and, if it has options, their table in
// third_party/tflite/tflite.fbs.

#include "OpTable.h"

#include "llvm/ADT/STLExtras.h"

#include <array>

using namespace qcc::tflite;

namespace {

constexpr unsigned many = ~0u;

// In the order of their names.
constexpr OpEntry table[] = {
    {BuiltinOperator::ABS, 1, 1, importAbs},
    {BuiltinOperator::ADD, 2, 2, importAdd},
    {BuiltinOperator::ARG_MAX, 2, 2, importArgMax},
    {BuiltinOperator::ARG_MIN, 2, 2, importArgMin},
    {BuiltinOperator::ASSIGN_VARIABLE, 2, 2, importAssignVariable, 0, 0},
    {BuiltinOperator::AVERAGE_POOL_2D, 1, 1, importAveragePool2D},
    {BuiltinOperator::BATCH_MATMUL, 2, 2, importBatchMatMul},
    {BuiltinOperator::BATCH_TO_SPACE_ND, 3, 3, importBatchToSpaceND},
    {BuiltinOperator::BROADCAST_ARGS, 2, 2, importBroadcastArgs},
    {BuiltinOperator::BROADCAST_TO, 2, 2, importBroadcastTo},
    {BuiltinOperator::CAST, 1, 1, importCast},
    {BuiltinOperator::CEIL, 1, 1, importCeil},
    {BuiltinOperator::CALL_ONCE, 0, 0, importCallOnce, 0, 0},
    {BuiltinOperator::CONCATENATION, 1, many, importConcatenation},
    {BuiltinOperator::CONV_2D, 2, 3, importConv2D},
    {BuiltinOperator::COS, 1, 1, importCos},
    {BuiltinOperator::CUMSUM, 2, 2, importCumsum},
    {BuiltinOperator::DEPTHWISE_CONV_2D, 2, 3, importDepthwiseConv2D},
    {BuiltinOperator::DEPTH_TO_SPACE, 1, 1, importDepthToSpace},
    {BuiltinOperator::DEQUANTIZE, 1, 1, importDequantize},
    {BuiltinOperator::DIV, 2, 2, importDiv},
    {BuiltinOperator::DYNAMIC_UPDATE_SLICE, 3, 3, importDynamicUpdateSlice},
    {BuiltinOperator::ELU, 1, 1, importElu},
    {BuiltinOperator::EMBEDDING_LOOKUP, 2, 2, importEmbeddingLookup},
    {BuiltinOperator::EQUAL, 2, 2, importEqual},
    {BuiltinOperator::EXP, 1, 1, importExp},
    {BuiltinOperator::EXPAND_DIMS, 2, 2, importExpandDims},
    {BuiltinOperator::FILL, 2, 2, importFill},
    {BuiltinOperator::FLOOR, 1, 1, importFloor},
    {BuiltinOperator::FLOOR_DIV, 2, 2, importFloorDiv},
    {BuiltinOperator::FLOOR_MOD, 2, 2, importFloorMod},
    {BuiltinOperator::FULLY_CONNECTED, 2, 3, importFullyConnected},
    {BuiltinOperator::GATHER, 2, 2, importGather},
    {BuiltinOperator::GATHER_ND, 2, 2, importGatherND},
    {BuiltinOperator::GELU, 1, 1, importGelu},
    {BuiltinOperator::GREATER, 2, 2, importGreater},
    {BuiltinOperator::GREATER_EQUAL, 2, 2, importGreaterEqual},
    {BuiltinOperator::HARD_SWISH, 1, 1, importHardSwish},
    {BuiltinOperator::L2_NORMALIZATION, 1, 1, importL2Normalization},
    {BuiltinOperator::L2_POOL_2D, 1, 1, importL2Pool2D},
    {BuiltinOperator::LEAKY_RELU, 1, 1, importLeakyRelu},
    {BuiltinOperator::LESS, 2, 2, importLess},
    {BuiltinOperator::LESS_EQUAL, 2, 2, importLessEqual},
    {BuiltinOperator::LOG, 1, 1, importLog},
    {BuiltinOperator::LOGICAL_AND, 2, 2, importLogicalAnd},
    {BuiltinOperator::LOGICAL_NOT, 1, 1, importLogicalNot},
    {BuiltinOperator::LOGICAL_OR, 2, 2, importLogicalOr},
    {BuiltinOperator::LOGISTIC, 1, 1, importLogistic},
    {BuiltinOperator::LOG_SOFTMAX, 1, 1, importLogSoftmax},
    {BuiltinOperator::MAXIMUM, 2, 2, importMaximum},
    {BuiltinOperator::MAX_POOL_2D, 1, 1, importMaxPool2D},
    {BuiltinOperator::MEAN, 2, 2, importMean},
    {BuiltinOperator::MINIMUM, 2, 2, importMinimum},
    {BuiltinOperator::MIRROR_PAD, 2, 2, importMirrorPad},
    {BuiltinOperator::MUL, 2, 2, importMul},
    {BuiltinOperator::NEG, 1, 1, importNeg},
    {BuiltinOperator::NOT_EQUAL, 2, 2, importNotEqual},
    {BuiltinOperator::ONE_HOT, 4, 4, importOneHot},
    {BuiltinOperator::PACK, 1, many, importPack},
    {BuiltinOperator::PAD, 2, 2, importPad},
    {BuiltinOperator::PADV2, 3, 3, importPadV2},
    {BuiltinOperator::POW, 2, 2, importPow},
    {BuiltinOperator::PRELU, 2, 2, importPrelu},
    {BuiltinOperator::QUANTIZE, 1, 1, importQuantize},
    {BuiltinOperator::RANGE, 3, 3, importRange},
    {BuiltinOperator::RANK, 1, 1, importRank},
    {BuiltinOperator::READ_VARIABLE, 1, 1, importReadVariable},
    {BuiltinOperator::REDUCE_ALL, 2, 2, importReduceAll},
    {BuiltinOperator::REDUCE_ANY, 2, 2, importReduceAny},
    {BuiltinOperator::REDUCE_MAX, 2, 2, importReduceMax},
    {BuiltinOperator::REDUCE_MIN, 2, 2, importReduceMin},
    {BuiltinOperator::REDUCE_PROD, 2, 2, importReduceProd},
    {BuiltinOperator::RELU, 1, 1, importRelu},
    {BuiltinOperator::RELU6, 1, 1, importRelu6},
    {BuiltinOperator::RELU_0_TO_1, 1, 1, importRelu0To1},
    {BuiltinOperator::RELU_N1_TO_1, 1, 1, importReluN1To1},
    {BuiltinOperator::RESHAPE, 1, 2, importReshape},
    {BuiltinOperator::RESIZE_BILINEAR, 2, 2, importResizeBilinear},
    {BuiltinOperator::RESIZE_NEAREST_NEIGHBOR, 2, 2, importResizeNearest},
    {BuiltinOperator::REVERSE_V2, 2, 2, importReverse},
    {BuiltinOperator::ROUND, 1, 1, importRound},
    {BuiltinOperator::RSQRT, 1, 1, importRsqrt},
    {BuiltinOperator::SELECT, 3, 3, importSelect},
    {BuiltinOperator::SELECT_V2, 3, 3, importSelectV2},
    {BuiltinOperator::SHAPE, 1, 1, importShape},
    {BuiltinOperator::SIGN, 1, 1, importSign},
    {BuiltinOperator::SIN, 1, 1, importSin},
    {BuiltinOperator::SLICE, 3, 3, importSlice},
    {BuiltinOperator::SOFTMAX, 1, 1, importSoftmax},
    {BuiltinOperator::SPACE_TO_BATCH_ND, 3, 3, importSpaceToBatchND},
    {BuiltinOperator::SPACE_TO_DEPTH, 1, 1, importSpaceToDepth},
    {BuiltinOperator::SPLIT, 2, 2, importSplit, many},
    {BuiltinOperator::SPLIT_V, 3, 3, importSplitV, many},
    {BuiltinOperator::SQRT, 1, 1, importSqrt},
    {BuiltinOperator::SQUARE, 1, 1, importSquare},
    {BuiltinOperator::SQUARED_DIFFERENCE, 2, 2, importSquaredDifference},
    {BuiltinOperator::SQUEEZE, 1, 1, importSqueeze},
    {BuiltinOperator::STRIDED_SLICE, 4, 4, importStridedSlice},
    {BuiltinOperator::SUB, 2, 2, importSub},
    {BuiltinOperator::SUM, 2, 2, importSum},
    {BuiltinOperator::SVDF, 5, 5, importSvdf},
    {BuiltinOperator::TANH, 1, 1, importTanh},
    {BuiltinOperator::TILE, 2, 2, importTile},
    {BuiltinOperator::TOPK_V2, 2, 2, importTopK, 2},
    {BuiltinOperator::TRANSPOSE, 2, 2, importTranspose},
    {BuiltinOperator::TRANSPOSE_CONV, 3, 4, importTransposeConv},
    {BuiltinOperator::UNPACK, 1, 1, importUnpack, many},
    {BuiltinOperator::ZEROS_LIKE, 1, 1, importZerosLike},
    {BuiltinOperator::UNIDIRECTIONAL_SEQUENCE_LSTM, 20, 24,
     importUnidirectionalSequenceLSTM},
    {BuiltinOperator::VAR_HANDLE, 0, 0, importVarHandle},
};

} // namespace

const OpEntry *qcc::tflite::findOp(BuiltinOperator code) {
  const OpEntry *entry =
      llvm::find_if(table, [&](const OpEntry &e) { return e.code == code; });
  return entry == std::end(table) ? nullptr : entry;
}

std::vector<llvm::StringRef> qcc::supportedTFLiteOperators() {
  std::vector<llvm::StringRef> names;
  for (const OpEntry &entry : table)
    names.push_back(EnumNameBuiltinOperator(entry.code));
  return names;
}
