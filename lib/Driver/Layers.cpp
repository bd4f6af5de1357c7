// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads layers out of modules of any stage that still has `qnn` operations.

#include "qcc/Driver/Layers.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Driver/Diagnostics.h"
#include "qcc/Reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace qcc {

static int64_t macsOf(Operation *op) {
  auto cost = dyn_cast<qnn::CostOpInterface>(op);
  return cost ? cost.getMacs() : 0;
}

static int64_t bytesOfConstants(ValueRange values) {
  int64_t bytes = 0;
  for (Value value : values)
    if (value.getDefiningOp<qnn::ConstantOp>())
      bytes += qnn::bytesOf(value.getType());
  return bytes;
}

/// The name of a value: of a result, or of the function's argument.
static std::string nameOf(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto func = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
    if (!func)
      return "";
    auto name =
        func.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "qnn.name");
    return name ? name.str() : "";
  }
  return getTensorName(cast<OpResult>(value));
}

static LayerInfo describe(Operation *op, unsigned number) {
  LayerInfo info;
  info.op = getOpOrigin(op->getLoc()).op;
  info.operation = op->getName().stripDialect().str();
  info.name = info.operation + "_" + std::to_string(number);
  info.macs = macsOf(op);
  info.constantBytes = bytesOfConstants(op->getOperands());
  auto layer = dyn_cast<qnn::LayerOp>(op);
  if (layer) {
    info.name = layer.getLayerName().str();
    bool anchored = false;
    for (Operation &inner : layer.getBody().front()) {
      if (isa<qnn::ConstantOp>(inner)) {
        info.constantBytes += qnn::bytesOf(inner.getResult(0).getType());
        continue;
      }
      info.macs += macsOf(&inner);
      if (!anchored && !isa<qnn::YieldOp>(inner)) {
        info.operation = inner.getName().stripDialect().str();
        anchored = true;
      }
    }
    if (auto kernel = layer.getKernel())
      info.kernel = kernel->getKernelName().str();
  }
  for (Value operand : op->getOperands())
    if (!operand.getDefiningOp<qnn::ConstantOp>())
      if (auto type = dyn_cast<RankedTensorType>(operand.getType()))
        info.inputs.push_back(
            {nameOf(operand), type, std::nullopt, std::nullopt});
  for (OpResult result : op->getResults()) {
    LayerTensor tensor{nameOf(result), cast<RankedTensorType>(result.getType()),
                       std::nullopt, getOpOrigin(op->getLoc()).layout};
    if (layer && layer.getBuffers())
      tensor.buffer = cast<qnn::BufferAttr>(
          (*layer.getBuffers())[result.getResultNumber()]);
    info.results.push_back(std::move(tensor));
  }
  return info;
}

std::vector<LayerInfo> collectLayers(ModuleOp module) {
  std::vector<LayerInfo> layers;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (!func.isPublic())
      continue;
    for (Operation &op : func.getBody().getOps())
      if (reference::isGraphOp(&op) && !isa<qnn::ConstantOp>(op))
        layers.push_back(describe(&op, layers.size()));
  }
  return layers;
}

std::string getTensorName(OpResult result) {
  std::string name = getOpOrigin(result.getLoc()).tensor;
  if (unsigned number = result.getResultNumber(); number && !name.empty())
    name += "." + std::to_string(number);
  return name;
}

std::optional<NpyArray>
inModelLayout(NpyArray value, const std::optional<qnn::Layout> &layout) {
  if (!layout)
    return value;
  // Of the axes that count.
  SmallVector<int64_t> extents, strides, at(layout->order.size(), 0);
  int64_t stride = 1;
  for (int64_t extent : llvm::reverse(value.shape)) {
    if (extent != 1) {
      extents.push_back(extent);
      strides.push_back(stride);
    }
    stride *= extent;
  }
  std::reverse(extents.begin(), extents.end());
  std::reverse(strides.begin(), strides.end());
  NpyArray result(value.type, layout->shape);
  if (extents.size() != at.size() ||
      result.getNumElements() != value.getNumElements())
    return std::nullopt;
  size_t bytes = getNpyTypeBytes(value.type);
  char *to = result.data.data();
  for (int64_t n = result.getNumElements(); n > 0; --n, to += bytes) {
    int64_t from = 0;
    for (auto [i, axis] : llvm::enumerate(layout->order))
      from += at[i] * strides[axis];
    std::memcpy(to, value.data.data() + static_cast<size_t>(from) * bytes,
                bytes);
    for (size_t i = at.size(); i-- > 0;) {
      if (++at[i] < extents[layout->order[i]])
        break;
      at[i] = 0;
    }
  }
  return result;
}

std::string describeType(Type type) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  Type element = qnn::elementTypeOf(type);
  Type storage = qnn::storageTypeOf(element);
  if (!qnn::isSignedStorage(element) && !storage.isInteger(1))
    stream << "u" << storage.getIntOrFloatBitWidth();
  else
    stream << storage;
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    stream << " [";
    llvm::interleaveComma(tensor.getShape(), stream);
    stream << "]";
  }
  return text;
}

std::string describeQuantization(Type type) {
  Type element = qnn::elementTypeOf(type);
  if (!qnn::isQuantized(element))
    return "";
  if (qnn::quantizedAxisOf(element))
    return "per channel";
  if (!isa<quant::UniformQuantizedType>(qnn::quantizedTypeOf(element)))
    return "quantized";
  std::string text;
  llvm::raw_string_ostream stream(text);
  int64_t zeroPoint = qnn::zeroPointOf(element);
  stream << llvm::format("%.6g", qnn::scaleOf(element)) << "*";
  if (zeroPoint == 0)
    stream << "q";
  else
    stream << "(q" << (zeroPoint < 0 ? "+" : "-")
           << (zeroPoint < 0 ? -zeroPoint : zeroPoint) << ")";
  return text;
}

} // namespace qcc
