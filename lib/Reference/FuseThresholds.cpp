// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn-fuse-thresholds: batch normalization, activations and a quantizer behind
// a product of stored integers are, whatever they are made of, a function of
// the integer sum with few values. Where its steps are, search finds if every
// operation on the way rises or falls; else it is evaluated for every sum that
// a channel can reach. Where a line under the rounding `onnx` has the same
// values, the product is an integer operation with that line as its
// requantization. An average is a product with ones.

#include "ThresholdLine.h"

#include "qcc/Dialect/QNN/IR/ExactScales.h"
#include "qcc/Reference/Interpreter.h"
#include "qcc/Reference/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

#include <cmath>

namespace qcc::reference {
#define GEN_PASS_DEF_FUSETHRESHOLDS
#include "qcc/Reference/Passes.h.inc"
} // namespace qcc::reference

using namespace mlir;
using namespace qcc;
using namespace qcc::reference;
using qnn::typeOf;

namespace {

/// Elements that are evaluated for one product, at most; and at once.
constexpr int64_t kMostEvaluated = int64_t(1) << 24, kChunk = int64_t(1) << 17;

/// A product of stored integers, or their average, and everything up to the
/// quantizer.
struct Chain {
  mutable qnn::QuantizeOp quantize;
  /// Behind the quantizer: the same integers under another scale.
  mutable qnn::CastOp rename;
  Operation *mac = nullptr;
  /// In the order of the block, without the product and the quantizer.
  SmallVector<Operation *> ops;
  /// Of an average there is no filter.
  Value input, filter;
  int64_t channels = 0;
  /// The result is one pixel: reshapes on the way do not move channels.
  bool isOnePixel = false;

  RankedTensorType resultType() const {
    return rename ? typeOf(rename.getResult()) : typeOf(quantize.getResult());
  }
  /// Sums of a channel are in multiples of this.
  double unit(int64_t channel) const {
    double scale = qnn::scaleOf(input.getType());
    if (auto pool = dyn_cast<qnn::AvgPool2DOp>(mac))
      return scale /
             static_cast<double>(pool.getKernel()[0] * pool.getKernel()[1]);
    return scale * qnn::scaleOf(filter.getType(), channel);
  }
};

ElementsAttr constantBehind(Value v) {
  if (auto dequantize = v.getDefiningOp<qnn::DequantizeOp>())
    v = dequantize.getInput();
  auto constant = v.getDefiningOp<qnn::ConstantOp>();
  return constant ? constant.getValue() : ElementsAttr();
}

/// Whether `v` has one element, or one per index of the last axis; of the only
/// one that is none of 1, where the result is one pixel.
bool isPerChannel(Value v, const Chain &chain) {
  RankedTensorType type = typeOf(v);
  return type.getNumElements() == 1 ||
         (type.getNumElements() == chain.channels &&
          (chain.isOnePixel || type.getShape().back() == chain.channels));
}

bool readProduct(Chain &chain) {
  Operation *mac = chain.mac;
  auto byte = [](Value stored) {
    return stored && qnn::bytesPerElement(stored.getType()) == 1;
  };
  auto input = mac->getOperand(0).getDefiningOp<qnn::DequantizeOp>();
  if (auto pool = dyn_cast<qnn::AvgPool2DOp>(mac)) {
    if (!input || !byte(input.getInput()) ||
        qnn::quantizedAxisOf(input.getInput().getType()) ||
        llvm::any_of(pool.getPadding(), [](int64_t p) { return p != 0; }))
      return false;
    chain.input = input.getInput();
    return true;
  }
  auto filter = mac->getOperand(1).getDefiningOp<qnn::DequantizeOp>();
  if (!input || !filter || !byte(input.getInput()) ||
      !byte(filter.getInput()) ||
      qnn::quantizedAxisOf(input.getInput().getType()) ||
      !constantBehind(filter.getResult()))
    return false;
  chain.input = input.getInput();
  chain.filter = filter.getInput();
  std::optional<int64_t> axis = qnn::quantizedAxisOf(chain.filter.getType());
  if (axis && *axis != (isa<qnn::DepthwiseConv2DOp>(mac) ? 3 : 0))
    return false;
  return mac->getNumOperands() < 3 || (constantBehind(mac->getOperand(2)) &&
                                       isPerChannel(mac->getOperand(2), chain));
}

/// The chain that ends in `op`; nothing where there is none.
std::optional<Chain> findChain(qnn::QuantizeOp op) {
  if (op.getRounding() != qnn::Rounding::Onnx ||
      qnn::bytesPerElement(op.getType()) != 1)
    return std::nullopt;
  Chain chain;
  chain.quantize = op;
  constexpr size_t most = 1024;
  llvm::SetVector<Operation *> found;
  SmallVector<Value> open = {op.getInput()};
  ArrayRef<int64_t> shape = typeOf(op.getInput()).getShape();
  int64_t elements = typeOf(op.getInput()).getNumElements();
  // Reshapes that keep the last axis leave channels where they are.
  bool movesChannels = false;
  while (!open.empty()) {
    Operation *producer = open.pop_back_val().getDefiningOp();
    if (!producer || found.size() > most)
      return std::nullopt;
    if (producer == chain.mac || found.contains(producer))
      continue;
    if (isa<qnn::Conv2DOp, qnn::DepthwiseConv2DOp, qnn::FullyConnectedOp,
            qnn::AvgPool2DOp>(producer)) {
      if (chain.mac)
        return std::nullopt;
      chain.mac = producer;
      continue;
    }
    // Element by element, of one tensor and constants.
    auto type = typeOf(producer->getResult(0));
    if (!isa<qnn::InPlaceOpInterface, qnn::ReshapeOp>(producer) ||
        type.getNumElements() != elements)
      return std::nullopt;
    movesChannels |= shape.empty() || type.getRank() == 0 ||
                     type.getShape().back() != shape.back();
    found.insert(producer);
    for (Value operand : producer->getOperands())
      if (!constantBehind(operand))
        open.push_back(operand);
  }
  if (!chain.mac || shape.empty())
    return std::nullopt;
  auto macType = typeOf(chain.mac->getResult(0));
  chain.channels = macType.getShape().back();
  chain.isOnePixel = elements == chain.channels;
  movesChannels |= chain.channels != shape.back();
  if (macType.getNumElements() != elements ||
      (movesChannels && !chain.isOnePixel) || !readProduct(chain))
    return std::nullopt;
  for (Operation *each : found)
    for (Value operand : each->getOperands())
      if (constantBehind(operand) && !isPerChannel(operand, chain))
        return std::nullopt;
  // Nothing else reads what would be gone.
  auto isInside = [&](Operation *user) {
    return user == op.getOperation() || found.contains(user);
  };
  if (!llvm::all_of(chain.mac->getUsers(), isInside))
    return std::nullopt;
  for (Operation *each : found)
    if (!llvm::all_of(each->getUsers(), isInside))
      return std::nullopt;
  for (Operation &each : *op->getBlock())
    if (found.contains(&each))
      chain.ops.push_back(&each);
  if (op->hasOneUse())
    if (auto rename = dyn_cast<qnn::CastOp>(*op->user_begin());
        rename && qnn::isQuantized(rename.getType()) &&
        !qnn::quantizedAxisOf(rename.getType()) &&
        qnn::storageTypeOf(rename.getType()) ==
            qnn::storageTypeOf(op.getType()) &&
        qnn::storageRange(rename.getType()) ==
            qnn::storageRange(op.getType()) &&
        qnn::zeroPointOf(rename.getType()) == qnn::zeroPointOf(op.getType()))
      chain.rename = rename;
  return chain;
}

/// The weights of each channel less their zero points, and the sums that it can
/// reach.
struct Products {
  std::vector<std::vector<int64_t>> weights;
  std::vector<qcc::arith::IntRange> reach;
};

Products readProducts(const Chain &chain) {
  Products products;
  products.weights.resize(chain.channels);
  products.reach.resize(chain.channels);
  if (auto pool = dyn_cast<qnn::AvgPool2DOp>(chain.mac)) {
    for (std::vector<int64_t> &weights : products.weights)
      weights.assign(pool.getKernel()[0] * pool.getKernel()[1], 1);
  } else {
    auto type = typeOf(chain.filter);
    auto constant = chain.filter.getDefiningOp<qnn::ConstantOp>();
    std::optional<RefTensor> stored =
        RefTensor::fromAttr(constant.getValue(), type);
    if (!stored)
      return {};
    bool isLast = isa<qnn::DepthwiseConv2DOp>(chain.mac);
    int64_t depth = type.getNumElements() / chain.channels;
    for (auto [i, q] : llvm::enumerate(stored->ints())) {
      int64_t at = static_cast<int64_t>(i);
      int64_t channel = isLast ? at % chain.channels : at / depth;
      products.weights[channel].push_back(
          q - qnn::zeroPointOf(chain.filter.getType(), channel));
    }
  }
  auto [lo, hi] = qnn::storageRange(chain.input.getType());
  int64_t zero = qnn::zeroPointOf(chain.input.getType());
  // Padding takes part as 0.
  int64_t least = std::min<int64_t>(lo - zero, 0),
          most = std::max<int64_t>(hi - zero, 0);
  for (int64_t c = 0; c < chain.channels; ++c)
    for (int64_t w : products.weights[c]) {
      products.reach[c].lo += w > 0 ? w * least : w * most;
      products.reach[c].hi += w > 0 ? w * most : w * least;
    }
  return products;
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

/// The chain as a function of [rows, channels] sums in real units.
class Evaluator {
public:
  Evaluator(const Chain &chain, int64_t rows)
      : chain(chain), rows(rows),
        module(ModuleOp::create(chain.mac->getLoc())) {
    OpBuilder b(module->getBodyRegion());
    Location loc = chain.mac->getLoc();
    auto f32 = RankedTensorType::get({rows, chain.channels}, b.getF32Type());
    auto resultType = RankedTensorType::get(
        {rows, chain.channels},
        typeOf(chain.quantize.getResult()).getElementType());
    function = func::FuncOp::create(b, loc, "chain",
                                    b.getFunctionType({f32}, {resultType}));
    Block *block = b.createBlock(&function.getBody());
    Value sum = block->addArgument(f32, loc);
    IRMapping mapping;
    auto constantFor = [&](Value v) -> Value {
      if (Value known = mapping.lookupOrNull(v))
        return known;
      auto type = typeOf(v);
      SmallVector<int64_t> shape;
      if (type.getNumElements() != 1)
        shape.push_back(chain.channels);
      Value stored = v;
      auto dequantize = v.getDefiningOp<qnn::DequantizeOp>();
      if (dequantize)
        stored = dequantize.getInput();
      auto constant = stored.getDefiningOp<qnn::ConstantOp>();
      Type element = typeOf(stored).getElementType();
      auto value = dyn_cast<DenseElementsAttr>(constant.getValue());
      if (!value || qnn::quantizedAxisOf(stored.getType())) {
        good = false;
        return sum;
      }
      Value made =
          qnn::ConstantOp::create(b, loc, RankedTensorType::get(shape, element),
                                  value.reshape(RankedTensorType::get(
                                      shape, qnn::storageTypeOf(element))));
      if (dequantize)
        made = qnn::DequantizeOp::create(
            b, loc, RankedTensorType::get(shape, b.getF32Type()), made);
      mapping.map(v, made);
      return made;
    };
    Value value = sum;
    if (chain.filter && chain.mac->getNumOperands() > 2) {
      Value bias = chain.mac->getOperand(2);
      auto dequantize = bias.getDefiningOp<qnn::DequantizeOp>();
      if (dequantize && qnn::quantizedAxisOf(dequantize.getInput().getType()))
        good = false;
      else
        value =
            qnn::AddOp::create(b, loc, f32, value, constantFor(bias),
                               qnn::ClampAttr(), qnn::Rounding::Onnx, false);
    }
    if (auto clamp = chain.mac->getAttrOfType<qnn::ClampAttr>("clamp"))
      value = qnn::ClipOp::create(b, loc, f32, value, clamp);
    mapping.map(chain.mac->getResult(0), value);
    SmallVector<Operation *> ops(chain.ops);
    ops.push_back(chain.quantize);
    for (Operation *op : ops) {
      if (isa<qnn::ReshapeOp>(op)) {
        mapping.map(op->getResult(0), mapping.lookup(op->getOperand(0)));
        continue;
      }
      OperationState state(loc, op->getName());
      for (Value operand : op->getOperands())
        state.operands.push_back(constantBehind(operand)
                                     ? constantFor(operand)
                                     : mapping.lookup(operand));
      state.addAttributes(op->getAttrs());
      state.addTypes(RankedTensorType::get(
          {rows, chain.channels}, typeOf(op->getResult(0)).getElementType()));
      mapping.map(op->getResult(0), b.create(state)->getResult(0));
    }
    func::ReturnOp::create(b, loc, mapping.lookup(chain.quantize.getResult()));
  }

  bool isGood() const { return good; }

  int64_t getRows() const { return rows; }

  /// The results of `rows` sums for each channel, [row, channel].
  std::optional<RefTensor>
  run(function_ref<int64_t(int64_t row, int64_t channel)> sumAt) {
    RefTensor sums(typeOf(function.getArgument(0)));
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t c = 0; c < chain.channels; ++c)
        sums.floats()[i * chain.channels + c] = static_cast<float>(
            static_cast<double>(sumAt(i, c)) * chain.unit(c));
    ScopedDiagnosticHandler quiet(module->getContext(),
                                  [](Diagnostic &) { return success(); });
    Interpreter interpreter(function);
    FailureOr<SmallVector<RefTensor>> results = interpreter.run({sums});
    if (failed(results))
      return std::nullopt;
    return results->front();
  }

private:
  const Chain &chain;
  int64_t rows;
  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  bool good = true;
};

/// What `v` is for each channel, or nothing.
std::optional<std::vector<double>> valuesOf(Value v, int64_t channels) {
  Value stored = v;
  auto dequantize = v.getDefiningOp<qnn::DequantizeOp>();
  if (dequantize)
    stored = dequantize.getInput();
  std::optional<RefTensor> tensor =
      RefTensor::fromAttr(constantBehind(v), typeOf(stored));
  Type type = stored.getType();
  if (!tensor || qnn::quantizedAxisOf(type))
    return std::nullopt;
  std::vector<double> values;
  for (int64_t i = 0; i < tensor->getNumElements(); ++i)
    values.push_back(tensor->isFloat()
                         ? static_cast<double>(tensor->floats()[i])
                         : qnn::scaleOf(type) *
                               static_cast<double>(tensor->ints()[i] -
                                                   qnn::zeroPointOf(type)));
  if (values.size() == 1)
    values.resize(channels, values[0]);
  return values;
}

/// Whether every operation of the chain rises or falls with the sum, all the
/// way, whatever it is rounded to: each is correctly rounded, which keeps
/// order.
bool isMonotone(const Chain &chain) {
  // 1: rises, −1: falls, of each channel.
  DenseMap<Value, std::vector<int>> directions;
  directions[chain.mac->getResult(0)] = std::vector<int>(chain.channels, 1);
  auto signsOf = [&](Value v) {
    std::vector<int> signs;
    if (std::optional<std::vector<double>> values = valuesOf(v, chain.channels))
      for (double x : *values) {
        // An infinite factor makes no number of 0.
        if (!std::isfinite(x))
          return std::vector<int>();
        signs.push_back(x > 0 ? 1 : x < 0 ? -1 : 0);
      }
    return signs;
  };
  auto times = [](const std::vector<int> &a, ArrayRef<int> b) {
    std::vector<int> product(b.empty() ? std::vector<int>() : a);
    for (size_t c = 0; c < product.size(); ++c)
      product[c] *= b.size() == 1 ? b[0] : b[c];
    return product;
  };
  for (Operation *op : chain.ops) {
    Value first = op->getOperand(0),
          second = op->getNumOperands() > 1 ? op->getOperand(1) : Value();
    auto inner = [&](Value v) { return v && directions.count(v) != 0; };
    std::vector<int> result;
    if (isa<qnn::ReshapeOp, qnn::ClipOp, qnn::FloorOp, qnn::CeilOp,
            qnn::RoundOp, qnn::QuantizeOp, qnn::DequantizeOp, qnn::CastOp>(
            op) &&
        inner(first)) {
      result = directions[first];
    } else if (isa<qnn::AddOp>(op)) {
      if (inner(first) && inner(second)) {
        if (directions[first] != directions[second])
          return false;
        result = directions[first];
      } else {
        result = directions[inner(first) ? first : second];
      }
    } else if (isa<qnn::SubOp>(op) && inner(first) != inner(second)) {
      result =
          inner(first) ? directions[first] : times(directions[second], {-1});
    } else if (isa<qnn::MulOp>(op) && inner(first) != inner(second)) {
      result = times(directions[inner(first) ? first : second],
                     signsOf(inner(first) ? second : first));
    } else if (isa<qnn::DivOp>(op) && inner(first) && !inner(second)) {
      result = times(directions[first], signsOf(second));
    } else if (auto compare = dyn_cast<qnn::CompareOp>(op);
               compare && inner(first) != inner(second)) {
      qnn::Predicate predicate = compare.getPredicate();
      bool isUp = predicate == qnn::Predicate::Greater ||
                  predicate == qnn::Predicate::GreaterEqual,
           isDown = predicate == qnn::Predicate::Less ||
                    predicate == qnn::Predicate::LessEqual;
      if (!isUp && !isDown)
        return false;
      result = times(directions[inner(first) ? first : second],
                     {isUp == inner(first) ? 1 : -1});
    } else if (isa<qnn::SelectOp>(op) && inner(first) && !inner(second) &&
               !inner(op->getOperand(2))) {
      std::optional<std::vector<double>> yes = valuesOf(second, chain.channels),
                                         no = valuesOf(op->getOperand(2),
                                                       chain.channels);
      if (!yes || !no)
        return false;
      std::vector<int> signs;
      for (int64_t c = 0; c < chain.channels; ++c)
        signs.push_back((*yes)[c] > (*no)[c]   ? 1
                        : (*yes)[c] < (*no)[c] ? -1
                                               : 0);
      result = times(directions[first], signs);
    }
    if (result.empty())
      return false;
    directions[op->getResult(0)] = std::move(result);
  }
  return true;
}

/// The steps of all channels of a monotone chain: between two sums with the
/// same value there is none. Empty where evaluation fails.
std::vector<Steps> searchSteps(const Chain &chain, const Products &products) {
  using Point = std::pair<int64_t, int64_t>;
  std::vector<std::vector<Point>> known(chain.channels);
  std::vector<std::vector<int64_t>> asked(chain.channels);
  for (int64_t c = 0; c < chain.channels; ++c)
    asked[c] = {products.reach[c].lo, products.reach[c].hi};
  constexpr int64_t mostRows = 64;
  Evaluator evaluator(
      chain, std::clamp<int64_t>(kChunk / chain.channels, 1, mostRows));
  if (!evaluator.isGood())
    return {};
  int64_t rows = evaluator.getRows();
  for (;;) {
    size_t most = 0;
    for (const std::vector<int64_t> &sums : asked)
      most = std::max(most, sums.size());
    if (most == 0)
      break;
    for (size_t first = 0; first < most; first += static_cast<size_t>(rows)) {
      auto sumAt = [&](int64_t row, int64_t c) {
        size_t at = first + static_cast<size_t>(row);
        return at < asked[c].size() ? asked[c][at] : products.reach[c].lo;
      };
      std::optional<RefTensor> results = evaluator.run(sumAt);
      if (!results)
        return {};
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t c = 0; c < chain.channels; ++c)
          if (first + static_cast<size_t>(row) < asked[c].size())
            known[c].push_back(
                {sumAt(row, c), results->ints()[row * chain.channels + c]});
    }
    for (int64_t c = 0; c < chain.channels; ++c) {
      llvm::sort(known[c]);
      asked[c].clear();
      // Only both ends of a step matter.
      std::vector<Point> kept;
      for (const Point &point : known[c]) {
        size_t size = kept.size();
        if (size >= 2 && kept[size - 1].second == point.second &&
            kept[size - 2].second == point.second)
          kept.pop_back();
        kept.push_back(point);
      }
      known[c] = std::move(kept);
      for (size_t i = 1; i < known[c].size(); ++i) {
        auto [low, below] = known[c][i - 1];
        auto [high, above] = known[c][i];
        if (below != above && high - low > 1)
          asked[c].push_back(low + (high - low) / 2);
      }
    }
  }
  std::vector<Steps> steps(chain.channels);
  for (int64_t c = 0; c < chain.channels; ++c)
    for (const Point &point : known[c])
      if (steps[c].values.empty() || steps[c].values.back() != point.second) {
        steps[c].starts.push_back(point.first);
        steps[c].values.push_back(point.second);
      }
  return steps;
}

/// The steps of all channels; empty where they cannot be found.
std::vector<Steps> evaluate(const Chain &chain, const Products &products) {
  if (isMonotone(chain))
    return searchSteps(chain, products);
  int64_t lo = products.reach[0].lo, hi = products.reach[0].hi;
  for (const qcc::arith::IntRange &range : products.reach) {
    lo = std::min(lo, range.lo);
    hi = std::max(hi, range.hi);
  }
  if (hi - lo >= kMostEvaluated / chain.channels)
    return {};
  int64_t rows =
      std::min(hi - lo + 1, std::max<int64_t>(kChunk / chain.channels, 1));
  Evaluator evaluator(chain, rows);
  if (!evaluator.isGood())
    return {};
  std::vector<Steps> steps(chain.channels);
  for (int64_t first = lo; first <= hi; first += rows) {
    std::optional<RefTensor> results =
        evaluator.run([&](int64_t row, int64_t) { return first + row; });
    if (!results)
      return {};
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t c = 0; c < chain.channels; ++c) {
        int64_t sum = first + i, q = results->ints()[i * chain.channels + c];
        if (sum < products.reach[c].lo || sum > products.reach[c].hi)
          continue;
        Steps &own = steps[c];
        if (own.values.empty() || own.values.back() != q) {
          own.starts.push_back(sum);
          own.values.push_back(q);
        }
      }
  }
  return steps;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

LogicalResult fuse(Chain &chain) {
  Products products = readProducts(chain);
  if (products.weights.empty())
    return failure();
  std::vector<Steps> steps = evaluate(chain, products);
  if (steps.empty())
    return failure();
  RankedTensorType result = chain.resultType();
  double in = qnn::scaleOf(chain.input.getType()), out = qnn::scaleOf(result);
  int64_t zero = qnn::zeroPointOf(result);
  Bounds clamp = {INT64_MAX, INT64_MIN};
  for (const Steps &own : steps)
    for (int64_t value : own.values) {
      clamp.lo = std::min(clamp.lo, value);
      clamp.hi = std::max(clamp.hi, value);
      if (qnn::isBipolar(result) && value == zero)
        return failure();
    }
  std::vector<double> scales;
  SmallVector<int32_t> biases;
  std::vector<int64_t> factors;
  for (int64_t c = 0; c < chain.channels; ++c) {
    Steps own = steps[c];
    qcc::arith::IntRange reach = products.reach[c];
    int64_t largest = 1, sign = 1;
    for (int64_t w : products.weights[c])
      largest = std::max(largest, std::abs(w));
    if (!own.isMonotone(1)) {
      if (!own.isMonotone(-1))
        return failure();
      // Falling: a function of the negated sum.
      sign = -1;
      Steps mirrored;
      for (size_t k = own.values.size(); k-- > 0;) {
        int64_t end =
            k + 1 < own.starts.size() ? own.starts[k + 1] - 1 : reach.hi;
        mirrored.starts.push_back(-end);
        mirrored.values.push_back(own.values[k]);
      }
      own = mirrored;
      reach = {-reach.hi, -reach.lo};
    }
    std::optional<Line> line =
        fitLine(own, reach, zero, clamp, in, out, 127 / largest);
    if (!line)
      return failure();
    factors.push_back(line->factor * sign);
    biases.push_back(static_cast<int32_t>(line->bias));
    scales.push_back(static_cast<double>(line->scale));
  }
  // The same product of other weights.
  auto pool = dyn_cast<qnn::AvgPool2DOp>(chain.mac);
  bool isLast = pool || isa<qnn::DepthwiseConv2DOp>(chain.mac);
  auto filterType =
      pool ? RankedTensorType::get(
                 {1, pool.getKernel()[0], pool.getKernel()[1], chain.channels},
                 IntegerType::get(pool.getContext(), 8))
           : typeOf(chain.filter);
  SmallVector<int8_t> weights(filterType.getNumElements());
  int64_t depth = filterType.getNumElements() / chain.channels;
  for (int64_t c = 0; c < chain.channels; ++c)
    for (int64_t k = 0; k < depth; ++k) {
      int64_t w = products.weights[c][k] * factors[c];
      if (w < -127 || w > 127)
        return failure();
      weights[isLast ? k * chain.channels + c : c * depth + k] =
          static_cast<int8_t>(w);
    }
  OpBuilder b(chain.quantize);
  Type i8 = b.getI8Type();
  SmallVector<int64_t> zeros(chain.channels, 0);
  Type element = chain.channels == 1
                     ? Type(quant::UniformQuantizedType::get(
                           quant::QuantizationFlags::Signed, i8, b.getF32Type(),
                           scales[0], 0, -127, 127))
                     : Type(quant::UniformQuantizedPerAxisType::get(
                           quant::QuantizationFlags::Signed, i8, b.getF32Type(),
                           scales, zeros, isLast ? 3 : 0, -127, 127));
  Location loc = chain.quantize.getLoc();
  Value filter = qnn::ConstantOp::create(
      b, chain.filter ? chain.filter.getLoc() : loc,
      RankedTensorType::get(filterType.getShape(), element),
      DenseElementsAttr::get(RankedTensorType::get(filterType.getShape(), i8),
                             ArrayRef<int8_t>(weights)));
  auto biasType = RankedTensorType::get({chain.channels}, b.getI32Type());
  Value bias = qnn::ConstantOp::create(
      b, loc, biasType,
      DenseElementsAttr::get(biasType, ArrayRef<int32_t>(biases)));
  OperationState state(
      loc, pool ? OperationName(qnn::DepthwiseConv2DOp::getOperationName(),
                                b.getContext())
                : chain.mac->getName());
  state.addOperands({chain.input, filter, bias});
  NamedAttrList attributes(chain.mac->getAttrDictionary());
  attributes.erase("kernel");
  attributes.set("rounding",
                 qnn::RoundingAttr::get(b.getContext(), qnn::Rounding::Onnx));
  attributes.erase("clamp");
  if (std::make_pair(clamp.lo, clamp.hi) != qnn::storageRange(result))
    attributes.set("clamp", qnn::ClampAttr::get(b.getContext(),
                                                static_cast<double>(clamp.lo),
                                                static_cast<double>(clamp.hi)));
  state.addAttributes(attributes);
  state.addTypes(
      qnn::withShape(result, typeOf(chain.mac->getResult(0)).getShape()));
  Value made = b.create(state)->getResult(0);
  if (made.getType() != result)
    made = qnn::ReshapeOp::create(b, loc, result, made);
  if (chain.rename) {
    chain.rename.replaceAllUsesWith(made);
    chain.rename.erase();
  } else {
    chain.quantize.replaceAllUsesWith(made);
  }
  chain.quantize.erase();
  for (Operation *op : llvm::reverse(chain.ops))
    op->erase();
  chain.mac->erase();
  return success();
}

struct FuseThresholdsPass
    : qcc::reference::impl::FuseThresholdsBase<FuseThresholdsPass> {
  void getDependentDialects(DialectRegistry &registry) const override {
    FuseThresholdsBase::getDependentDialects(registry);
    registerReferenceInterfaces(registry);
    registry.insert<func::FuncDialect>();
  }

  void runOnOperation() override {
    SmallVector<qnn::QuantizeOp> quantizers;
    getOperation()->walk([&](qnn::QuantizeOp op) { quantizers.push_back(op); });
    for (qnn::QuantizeOp op : quantizers)
      if (std::optional<Chain> chain = findChain(op))
        numFused += succeeded(fuse(*chain));
  }
};

} // namespace
