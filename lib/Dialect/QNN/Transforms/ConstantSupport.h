// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants as rewrites see them, dequantized ones among them.

#ifndef QCC_LIB_DIALECT_QNN_TRANSFORMS_CONSTANTSUPPORT_H
#define QCC_LIB_DIALECT_QNN_TRANSFORMS_CONSTANTSUPPORT_H

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <optional>
#include <vector>

namespace qcc::qnn {

/// Dequantized constants stay so, and operations are found as they are.
inline mlir::GreedyRewriteConfig withoutFolding() {
  mlir::GreedyRewriteConfig config;
  config.enableFolding(false);
  config.enableConstantCSE(false);
  return config;
}

/// The constant behind `value`, dequantized or not; null if there is none.
inline ConstantOp constantBehind(mlir::Value value) {
  if (auto dequantize = value.getDefiningOp<DequantizeOp>())
    value = dequantize.getInput();
  return value.getDefiningOp<ConstantOp>();
}

/// Stored integers of a constant that is not float.
inline std::vector<int64_t> integersOf(ConstantOp constant) {
  std::vector<int64_t> values;
  bool isSigned = isSignedStorage(constant.getType());
  auto dense = llvm::dyn_cast<mlir::DenseElementsAttr>(constant.getValue());
  if (dense)
    for (const llvm::APInt &v : dense.getValues<llvm::APInt>())
      values.push_back(isSigned ? v.getSExtValue()
                                : static_cast<int64_t>(v.getZExtValue()));
  return values;
}

/// The channel of each element under a type quantized per axis; else 0.
class ChannelOf {
public:
  explicit ChannelOf(mlir::RankedTensorType type) {
    if (std::optional<int64_t> axis = quantizedAxisOf(type)) {
      channels = type.getShape()[*axis];
      for (int64_t extent : type.getShape().drop_front(*axis + 1))
        inner *= extent;
    }
  }
  int64_t operator()(size_t element) const {
    return static_cast<int64_t>(element) / inner % channels;
  }

private:
  int64_t inner = 1, channels = 1;
};

/// The real values of a constant of floats, or of a dequantized one.
inline std::optional<std::vector<float>> floatsOf(mlir::Value value) {
  ConstantOp constant = constantBehind(value);
  auto dense =
      constant ? llvm::dyn_cast<mlir::DenseElementsAttr>(constant.getValue())
               : nullptr;
  if (!dense || !isFloat(value.getType()))
    return std::nullopt;
  if (isFloat(constant.getType()))
    return std::vector<float>(dense.getValues<float>().begin(),
                              dense.getValues<float>().end());
  auto type = llvm::cast<mlir::RankedTensorType>(constant.getType());
  ChannelOf channelOf(type);
  std::vector<float> values;
  for (int64_t q : integersOf(constant)) {
    int64_t channel = channelOf(values.size());
    values.push_back(static_cast<float>(
        scaleOf(type, channel) *
        static_cast<double>(q - zeroPointOf(type, channel))));
  }
  return values;
}

} // namespace qcc::qnn

#endif // QCC_LIB_DIALECT_QNN_TRANSFORMS_CONSTANTSUPPORT_H
