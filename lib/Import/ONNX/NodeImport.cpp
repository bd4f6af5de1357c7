// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operands, attributes and builders for one node. See the header.

#include "NodeImport.h"

#include "GraphImporter.h"

#include "qcc/Dialect/QNN/IR/Layout.h"
#include "qcc/Reference/InterpretableOpInterface.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

NodeImport::NodeImport(GraphImporter &graphImporter,
                       const onnx::NodeProto &nodeProto, unsigned nodeIndex,
                       int64_t version)
    : graph(graphImporter), node(nodeProto), index(nodeIndex), opset(version) {}

OpBuilder &NodeImport::builder() { return graph.builder; }

Location NodeImport::loc() const { return locOf(0); }

Location NodeImport::locOf(int i) const {
  std::string name = node.output_size() > i ? node.output(i) : node.name();
  return NameLoc::get(StringAttr::get(graph.context, name),
                      graph.locationOf(index));
}

InFlightDiagnostic NodeImport::error() {
  InFlightDiagnostic diag = emitError(graph.locationOf(index));
  if (failed)
    diag.abandon();
  failed = true;
  diag << "node " << index << " (" << graph.describe(index) << "): ";
  return diag;
}

InFlightDiagnostic NodeImport::warning() {
  InFlightDiagnostic diag = emitWarning(graph.locationOf(index));
  diag << "node " << index << " (" << graph.describe(index) << "): ";
  return diag;
}

InFlightDiagnostic NodeImport::complaint() {
  return graph.options.strict ? error() : warning();
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

bool NodeImport::isConstant(unsigned i) const {
  if (i >= static_cast<unsigned>(node.input_size()))
    return false;
  auto it = graph.entries.find(node.input(static_cast<int>(i)));
  return it != graph.entries.end() &&
         (it->second.constant || it->second.initializer ||
          (it->second.value &&
           it->second.value.getDefiningOp<qnn::ConstantOp>()));
}

std::optional<Numbers> NodeImport::integers(unsigned i, StringRef what) {
  Numbers numbers;
  auto report = [&]() -> std::optional<Numbers> {
    error() << what << " must be integers that are known when the model is "
            << "read";
    return std::nullopt;
  };
  if (!isConstant(i))
    return report();
  auto &entry = graph.entries[node.input(static_cast<int>(i))];
  DenseElementsAttr value;
  if (entry.value) {
    value = dyn_cast<DenseElementsAttr>(
        entry.value.getDefiningOp<qnn::ConstantOp>().getValue());
  } else {
    FailureOr<const TensorReader::Constant *> constant =
        graph.constantOf(entry, [&] {
          InFlightDiagnostic diag = error();
          diag << what << " ";
          return diag;
        });
    if (mlir::failed(constant))
      return std::nullopt;
    value = (*constant)->value;
  }
  if (!value || !value.getElementType().isInteger())
    return report();
  bool isSigned = !value.getElementType().isUnsignedInteger() &&
                  !value.getElementType().isInteger(1);
  constexpr int64_t most = 1 << 20;
  if (value.getNumElements() > most)
    return report();
  for (const APInt &v : value.getValues<APInt>())
    numbers.push_back(isSigned ? v.getSExtValue()
                               : static_cast<int64_t>(v.getZExtValue()));
  return numbers;
}

std::optional<std::vector<float>> NodeImport::floats(unsigned i,
                                                     StringRef what) {
  std::optional<reference::RefTensor> tensor;
  if (has(i))
    tensor = constantValue(in(i));
  if (!tensor) {
    error() << what << " must be known when the model is read";
    return std::nullopt;
  }
  std::vector<float> values;
  if (tensor->isFloat())
    values.assign(tensor->floats().begin(), tensor->floats().end());
  else
    for (int64_t v : tensor->ints())
      values.push_back(static_cast<float>(v));
  return values;
}

std::optional<reference::RefTensor> NodeImport::constantValue(Value v) const {
  if (auto constant = v.getDefiningOp<qnn::ConstantOp>())
    return reference::RefTensor::fromAttr(constant.getValue(), typeOf(v));
  auto dequantize = v.getDefiningOp<qnn::DequantizeOp>();
  auto constant = dequantize
                      ? dequantize.getInput().getDefiningOp<qnn::ConstantOp>()
                      : nullptr;
  if (!constant)
    return std::nullopt;
  auto type = cast<RankedTensorType>(constant.getType());
  std::optional<reference::RefTensor> stored =
      reference::RefTensor::fromAttr(constant.getValue(), type);
  if (!stored)
    return std::nullopt;
  reference::RefTensor result(typeOf(v));
  reference::RefTensor results[] = {result};
  auto interpretable =
      dyn_cast<reference::InterpretableOpInterface>(dequantize.getOperation());
  if (!interpretable ||
      mlir::failed(interpretable.interpret({*stored}, results)))
    return std::nullopt;
  return results[0];
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

const onnx::AttributeProto *NodeImport::attribute(StringRef name) const {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

bool NodeImport::hasAttribute(StringRef name) const { return attribute(name); }

int64_t NodeImport::integer(StringRef name, int64_t otherwise) const {
  const onnx::AttributeProto *found = attribute(name);
  return found && found->has_i() ? found->i() : otherwise;
}

float NodeImport::real(StringRef name, float otherwise) const {
  const onnx::AttributeProto *found = attribute(name);
  return found && found->has_f() ? found->f() : otherwise;
}

std::string NodeImport::string(StringRef name, StringRef otherwise) const {
  const onnx::AttributeProto *found = attribute(name);
  return found && found->has_s() ? found->s() : otherwise.str();
}

std::optional<Numbers> NodeImport::integerList(StringRef name) const {
  const onnx::AttributeProto *found = attribute(name);
  if (!found)
    return std::nullopt;
  return Numbers(found->ints().begin(), found->ints().end());
}

std::vector<float> NodeImport::realList(StringRef name) const {
  const onnx::AttributeProto *found = attribute(name);
  return found ? std::vector<float>(found->floats().begin(),
                                    found->floats().end())
               : std::vector<float>();
}

const onnx::TensorProto *NodeImport::tensor(StringRef name) const {
  const onnx::AttributeProto *found = attribute(name);
  return found && found->has_t() ? &found->t() : nullptr;
}

Value NodeImport::readTensor(const onnx::TensorProto &tensor) {
  FailureOr<TensorReader::Constant> read = graph.reader.read(tensor, [&] {
    InFlightDiagnostic diag = error();
    diag << "its value ";
    return diag;
  });
  if (mlir::failed(read))
    return {};
  if (read->type.getNumElements() == 0) {
    error() << "its value has no elements";
    return {};
  }
  return constant(read->type, read->value);
}

void NodeImport::namePart(Value value, StringRef part) {
  Operation *op = value.getDefiningOp();
  if (failed || !op || isa<qnn::ConstantOp>(op))
    return;
  auto name = cast<NameLoc>(loc());
  op->setLoc(NameLoc::get(
      StringAttr::get(graph.context, name.getName().getValue() + "/" + part),
      name.getChildLoc()));
}

LogicalResult NodeImport::setConstant(const onnx::TensorProto &tensor) {
  FailureOr<TensorReader::Constant> read = graph.reader.read(tensor, [&] {
    InFlightDiagnostic diag = error();
    diag << "its value ";
    return diag;
  });
  if (mlir::failed(read))
    return failure();
  if (wants(0))
    graph.entries[node.output(0)].constant = *read;
  return success();
}

int64_t NodeImport::axis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  if (!failed)
    error() << "the axis " << axis << " is none of " << rank;
  return 0;
}

//===----------------------------------------------------------------------===//
// Types and results
//===----------------------------------------------------------------------===//

bool NodeImport::requireFloat(Value v, StringRef what) {
  if (failed || elementOf(v).isF32())
    return !failed;
  error() << what << " must be float32, but is " << typeOf(v);
  return false;
}

bool NodeImport::requireRank(Value v, int64_t least, int64_t most,
                             StringRef what) {
  if (failed || (rankOf(v) >= least && rankOf(v) <= most))
    return !failed;
  error() << what << " of shape " << shapeText(shapeOf(v)) << " must have "
          << least << (least == most ? "" : " to " + std::to_string(most))
          << " axes";
  return false;
}

/// A result that ends in transposes has the node's name behind them, and is
/// computed in another layout of it.
void NodeImport::nameResult(Value result, int i) {
  Location name = locOf(i), none = qnn::withoutTensor(name);
  Operation *op = result.getDefiningOp();
  // What was made for a further output has the name of the first so far.
  for (Operation *each = op;
       each && each->getNumResults() == 1 && each->getLoc() == loc();
       each = each->getOperand(0).getDefiningOp()) {
    each->setLoc(name);
    if (!isa<qnn::TransposeOp, qnn::ReshapeOp>(each))
      break;
  }
  if (!isa_and_nonnull<qnn::TransposeOp, qnn::ReshapeOp>(op))
    return;
  if (op->getLoc() == none)
    op->setLoc(name);
  Location layout = name;
  for (; isa_and_nonnull<qnn::TransposeOp, qnn::ReshapeOp>(op) &&
         (op->getLoc() == name || op->getLoc() == none);
       op = op->getOperand(0).getDefiningOp())
    if (auto transpose = dyn_cast<qnn::TransposeOp>(op))
      layout = layout == none
                   ? none
                   : qnn::beforeTranspose(layout, transpose.getPermutation(),
                                          shapeOf(transpose.getInput()));
    else if (qnn::layoutOf(layout))
      layout = none; // Reshaped in between.
  if (op && op->getLoc() == name)
    op->setLoc(layout);
}

LogicalResult NodeImport::setResult(unsigned i, Value value) {
  if (failed)
    return failure();
  if (!wants(i))
    return success();
  auto number = static_cast<int>(i);
  nameResult(value, number);
  graph.entries[node.output(number)].value = value;
  return success();
}

//===----------------------------------------------------------------------===//
// Builders
//===----------------------------------------------------------------------===//

Value NodeImport::poison(Type element) {
  auto type = RankedTensorType::get({}, element);
  auto storage = RankedTensorType::get({}, qnn::storageTypeOf(element));
  Attribute zero =
      storage.getElementType().isF32()
          ? Attribute(builder().getF32FloatAttr(0))
          : Attribute(builder().getIntegerAttr(storage.getElementType(), 0));
  return qnn::ConstantOp::create(builder(), loc(), type,
                                 DenseElementsAttr::get(storage, zero));
}

Value NodeImport::finish(Operation *op, bool infers) {
  std::string complaint;
  {
    ScopedDiagnosticHandler keep(graph.context, [&](Diagnostic &diag) {
      if (complaint.empty())
        complaint = diag.str();
      return success();
    });
    auto type = typeOf(op->getResult(0));
    bool good = true;
    if (infers) {
      FailureOr<SmallVector<int64_t>> shape =
          cast<qnn::ShapeOpInterface>(op).inferShape();
      good = succeeded(shape);
      if (good)
        op->getResult(0).setType(
            RankedTensorType::get(*shape, type.getElementType()));
    }
    good = good && succeeded(verify(op));
    if (!good && complaint.empty())
      complaint = "cannot be made";
  }
  if (!complaint.empty()) {
    // "'qnn.conv2d' op window of …" is what the dialect says.
    StringRef text = complaint;
    text.consume_front("'" + op->getName().getStringRef().str() + "' op ");
    error() << text;
  }
  uint64_t bytes =
      failed ? 0
             : static_cast<uint64_t>(qnn::bytesOf(op->getResult(0).getType()));
  if (!failed && bytes > graph.options.maxTensorBytes)
    error() << "makes a tensor of " << bytes << " bytes, but no more than "
            << graph.options.maxTensorBytes << " are supported";
  if (!failed && bytes == 0)
    error() << "makes a tensor of shape "
            << shapeText(shapeOf(op->getResult(0)))
            << ", which has no elements";
  if (failed) {
    Type element = elementOf(op->getResult(0));
    op->erase();
    return poison(element);
  }
  return graph.fold(op);
}

const DequantizedBlocks *NodeImport::blocksOf(Value v) const {
  auto it = graph.dequantizedBlocks.find(v);
  return it == graph.dequantizedBlocks.end() ? nullptr : &it->second;
}

void NodeImport::noteBlocks(Value v, const DequantizedBlocks &blocks) {
  graph.dequantizedBlocks[v] = blocks;
}

template <typename Move>
void NodeImport::moveBlocks(Value from, Value made, int64_t axis, Move move) {
  const DequantizedBlocks *noted = blocksOf(from);
  if (!noted || failed)
    return;
  DequantizedBlocks blocks = *noted;
  blocks.axis = axis;
  blocks.codes = move(blocks.codes);
  blocks.scales = move(blocks.scales);
  if (blocks.zeros)
    blocks.zeros = move(blocks.zeros);
  if (!failed)
    noteBlocks(made, blocks);
}

/// Where each axis of `to` is in `from`, of which it has the same but for axes
/// of 1, or -1; nothing where it is another shape.
static std::optional<Numbers> matchAxes(ArrayRef<int64_t> from,
                                        ArrayRef<int64_t> to) {
  Numbers axes;
  size_t at = 0;
  auto skip = [&] {
    while (at < from.size() && from[at] == 1)
      ++at;
  };
  for (int64_t extent : to) {
    skip();
    bool isNew = extent == 1;
    if (!isNew && (at == from.size() || from[at] != extent))
      return std::nullopt;
    axes.push_back(isNew ? -1 : static_cast<int64_t>(at++));
  }
  skip();
  return at == from.size() ? std::optional<Numbers>(axes) : std::nullopt;
}

bool NodeImport::roundsActivations() const {
  return graph.options.roundActivations;
}

Value NodeImport::constant(RankedTensorType type, DenseElementsAttr value) {
  return qnn::ConstantOp::create(builder(), loc(), type, value);
}

Value NodeImport::constantFloats(ArrayRef<float> values,
                                 ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, f32());
  return constant(type, DenseElementsAttr::get(type, values));
}

Value NodeImport::constantIntegers(ArrayRef<int64_t> values,
                                   ArrayRef<int64_t> shape, Type element) {
  auto type = RankedTensorType::get(shape, element);
  Type storage = qnn::storageTypeOf(element);
  SmallVector<APInt> stored;
  for (int64_t v : values)
    stored.emplace_back(storage.getIntOrFloatBitWidth(),
                        static_cast<uint64_t>(v), /*isSigned=*/true,
                        /*implicitTrunc=*/true);
  return constant(type, DenseElementsAttr::get(
                            RankedTensorType::get(shape, storage), stored));
}

/// `type` with its quantized axis moved to `axis`.
static Type withAxis(Type element, int64_t axis) {
  auto perAxis = cast<quant::UniformQuantizedPerAxisType>(element);
  return quant::UniformQuantizedPerAxisType::get(
      perAxis.getFlags(), perAxis.getStorageType(), perAxis.getExpressedType(),
      perAxis.getScales(), perAxis.getZeroPoints(), static_cast<int32_t>(axis),
      perAxis.getStorageTypeMin(), perAxis.getStorageTypeMax());
}

Value NodeImport::reshape(Value v, ArrayRef<int64_t> shape) {
  if (failed || shapeOf(v) == shape)
    return v;
  // Weights stay integers: the reshape goes before the scale.
  auto dequantize = v.getDefiningOp<qnn::DequantizeOp>();
  if (dequantize && dequantize.getInput().getDefiningOp<qnn::ConstantOp>()) {
    Value stored = dequantize.getInput();
    Type element = elementOf(stored);
    bool moves = true;
    if (std::optional<int64_t> axis = qnn::quantizedAxisOf(stored.getType())) {
      // The axis stays one if as many elements lie before and in it.
      int64_t before = 1, found = -1, product = 1;
      for (int64_t extent : shapeOf(stored).take_front(*axis))
        before *= extent;
      for (auto [i, extent] : llvm::enumerate(shape)) {
        if (found < 0 && product == before && extent == shapeOf(stored)[*axis])
          found = static_cast<int64_t>(i);
        product *= extent;
      }
      moves = found >= 0;
      if (moves)
        element = withAxis(element, found);
    }
    if (moves) {
      Value moved = makeTyped<qnn::ReshapeOp>(
          RankedTensorType::get(shape, elementOf(stored)), stored);
      if (element != elementOf(stored)) {
        auto constant = moved.getDefiningOp<qnn::ConstantOp>();
        if (!constant)
          return poison(f32());
        moved = this->constant(RankedTensorType::get(shape, element),
                               cast<DenseElementsAttr>(constant.getValue()));
      }
      return make<qnn::DequantizeOp>(f32(), moved);
    }
  }
  Value moved =
      makeTyped<qnn::ReshapeOp>(RankedTensorType::get(shape, elementOf(v)), v);
  const DequantizedBlocks *noted = blocksOf(v);
  std::optional<Numbers> axes;
  if (noted)
    axes = matchAxes(shapeOf(v), shape);
  if (auto *it = axes ? llvm::find(*axes, noted->axis) : nullptr;
      axes && it != axes->end())
    moveBlocks(v, moved, it - axes->begin(), [&](Value part) {
      Numbers extents;
      for (int64_t axis : *axes)
        extents.push_back(axis < 0 ? 1 : extent(part, axis));
      return makeTyped<qnn::ReshapeOp>(
          RankedTensorType::get(extents, elementOf(part)), part);
    });
  return moved;
}

Value NodeImport::transpose(Value v, ArrayRef<int64_t> permutation) {
  bool isSame = true;
  for (auto [i, axis] : llvm::enumerate(permutation))
    isSame &= axis == static_cast<int64_t>(i);
  if (failed || isSame)
    return v;
  auto dequantize = v.getDefiningOp<qnn::DequantizeOp>();
  if (dequantize && dequantize.getInput().getDefiningOp<qnn::ConstantOp>()) {
    Value stored = dequantize.getInput();
    auto constant = stored.getDefiningOp<qnn::ConstantOp>();
    // Without its scales: operations that move elements know one scale only.
    auto plainType = RankedTensorType::get(
        shapeOf(stored), quant::UniformQuantizedType::get(
                             qnn::isSignedStorage(stored.getType())
                                 ? quant::QuantizationFlags::Signed
                                 : 0,
                             qnn::storageTypeOf(stored.getType()), f32(), 1.0,
                             0, qnn::storageRange(stored.getType()).first,
                             qnn::storageRange(stored.getType()).second));
    Value moved = make<qnn::TransposeOp>(
        plainType.getElementType(),
        this->constant(plainType, cast<DenseElementsAttr>(constant.getValue())),
        permutation);
    auto result = moved.getDefiningOp<qnn::ConstantOp>();
    if (!failed && result) {
      Type element = elementOf(stored);
      if (std::optional<int64_t> axis = qnn::quantizedAxisOf(stored.getType()))
        element = withAxis(element, llvm::find(permutation, *axis) -
                                        permutation.begin());
      return make<qnn::DequantizeOp>(
          f32(), this->constant(RankedTensorType::get(shapeOf(moved), element),
                                cast<DenseElementsAttr>(result.getValue())));
    }
  }
  Value moved = make<qnn::TransposeOp>(elementOf(v), v, permutation);
  if (const DequantizedBlocks *noted = blocksOf(v))
    moveBlocks(
        v, moved, llvm::find(permutation, noted->axis) - permutation.begin(),
        [&](Value part) {
          return make<qnn::TransposeOp>(elementOf(part), part, permutation);
        });
  if (auto transpose = moved.getDefiningOp<qnn::TransposeOp>())
    transpose->setLoc(qnn::withoutTensor(loc()));
  return moved;
}

Value NodeImport::slice(Value v, ArrayRef<int64_t> starts,
                        ArrayRef<int64_t> sizes, ArrayRef<int64_t> steps) {
  bool isWhole = sizes == shapeOf(v);
  for (int64_t step : steps)
    isWhole &= step == 1;
  if (failed || isWhole)
    return v;
  return make<qnn::SliceOp>(elementOf(v), v, starts, sizes, steps);
}

Value NodeImport::concat(ArrayRef<Value> parts, int64_t axis) {
  if (parts.size() == 1)
    return parts.front();
  return make<qnn::ConcatOp>(elementOf(parts.front()), parts, axis);
}

Value NodeImport::broadcast(Value v, ArrayRef<int64_t> shape) {
  if (failed || shapeOf(v) == shape)
    return v;
  SmallVector<int64_t> padded(
      shape.size() - std::min<size_t>(shape.size(), rankOf(v)), 1);
  llvm::append_range(padded, shapeOf(v));
  v = reshape(v, padded);
  if (shapeOf(v) == shape)
    return v;
  return makeTyped<qnn::BroadcastOp>(RankedTensorType::get(shape, elementOf(v)),
                                     v);
}

Value NodeImport::gather(Value v, ArrayRef<int64_t> indices, int64_t axis) {
  return make<qnn::GatherOp>(
      elementOf(v), v,
      constantIntegers(indices, {static_cast<int64_t>(indices.size())},
                       builder().getIntegerType(32)),
      axis, /*batchDims=*/0);
}

Value NodeImport::pad(Value v, ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                      std::optional<double> value) {
  auto isNone = [](ArrayRef<int64_t> x) {
    return llvm::all_of(x, [](int64_t n) { return n == 0; });
  };
  if (failed || (isNone(low) && isNone(high)))
    return v;
  Attribute fill;
  if (value && elementOf(v).isF32())
    fill = builder().getF32FloatAttr(static_cast<float>(*value));
  else if (value)
    fill = builder().getI64IntegerAttr(static_cast<int64_t>(*value));
  return make<qnn::PadOp>(elementOf(v), v, low, high, fill);
}

Value NodeImport::clip(Value v, double lo, double hi) {
  return make<qnn::ClipOp>(
      elementOf(v), v,
      qnn::ClampAttr::get(graph.context, std::min(lo, hi), hi));
}

Value NodeImport::convert(Value v, Type element) {
  return elementOf(v) == element ? v : make<qnn::CastOp>(element, v);
}

static constexpr auto onnxRounding = qnn::Rounding::Onnx;

Value NodeImport::add(Value a, Value b) {
  return make<qnn::AddOp>(elementOf(a), a, b, qnn::ClampAttr(), onnxRounding,
                          false);
}
Value NodeImport::sub(Value a, Value b) {
  return make<qnn::SubOp>(elementOf(a), a, b, qnn::ClampAttr(), onnxRounding,
                          false);
}
Value NodeImport::mul(Value a, Value b) {
  return make<qnn::MulOp>(elementOf(a), a, b, qnn::ClampAttr(), onnxRounding);
}
Value NodeImport::div(Value a, Value b) {
  return make<qnn::DivOp>(elementOf(a), a, b, qnn::ClampAttr(), onnxRounding);
}
Value NodeImport::maximum(Value a, Value b) {
  return make<qnn::MaximumOp>(elementOf(a), a, b);
}
Value NodeImport::minimum(Value a, Value b) {
  return make<qnn::MinimumOp>(elementOf(a), a, b);
}

Value NodeImport::mean(Value v, ArrayRef<int64_t> axes, bool keepDims) {
  return make<qnn::MeanOp>(elementOf(v), v, axes, keepDims, onnxRounding);
}

Value NodeImport::plain(Value v) {
  if (!qnn::isQuantized(v.getType()))
    return v;
  Type storage = qnn::storageTypeOf(v.getType());
  unsigned bits = std::max(8u, storage.getIntOrFloatBitWidth());
  return make<qnn::CastOp>(
      qnn::isSignedStorage(v.getType())
          ? builder().getIntegerType(bits)
          : builder().getIntegerType(bits, /*isSigned=*/false),
      v);
}
