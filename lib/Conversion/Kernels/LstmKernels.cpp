// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LSTMs. Each step has two phases. The matrix phase computes the arguments of
// all gates, vectors of cells by the reduction, with the dot instructions of
// convolutions; the gates of the same cells share the activations. The
// element-wise phase takes them through the gates' functions to the new cell
// and output. The states are worked on in the memory of their results.

#include "DotForm.h"
#include "ElementwiseKernels.h"
#include "FixedPoint.h"
#include "KernelSupport.h"

#include "qcc/Arithmetic/Activation16.h"
#include "qcc/Dialect/QNN/IR/LstmScales.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace qcc {

namespace {

DenseElementsAttr constantOf(Value value) {
  auto constant = value.getDefiningOp<qnn::ConstantOp>();
  return constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
}

/// 32-bit integers in lanes, for the functions of Activation16.h.
struct LaneOps {
  using Value = mlir::Value;
  LayerEmitter &e;
  Type type;

  Value constant(int32_t c) { return e.constant(type, c); }
  Value add(Value a, Value b) { return mlir::arith::AddIOp::create(e.b, a, b); }
  Value sub(Value a, Value b) { return mlir::arith::SubIOp::create(e.b, a, b); }
  Value mul(Value a, Value b) { return mlir::arith::MulIOp::create(e.b, a, b); }
  Value min(Value a, Value b) {
    return mlir::arith::MinSIOp::create(e.b, a, b);
  }
  Value max(Value a, Value b) {
    return mlir::arith::MaxSIOp::create(e.b, a, b);
  }
  Value shl(Value a, int bits) {
    return mlir::arith::ShLIOp::create(e.b, a, constant(bits));
  }
  Value shr(Value a, int bits) {
    return mlir::arith::ShRSIOp::create(e.b, a, constant(bits));
  }
  Value bitAnd(Value a, int32_t mask) {
    return mlir::arith::AndIOp::create(e.b, a, constant(mask));
  }
  Value select(mlir::arith::CmpIPredicate predicate, Value x, Value a,
               Value b) {
    Value condition =
        mlir::arith::CmpIOp::create(e.b, predicate, x, constant(0));
    return mlir::arith::SelectOp::create(e.b, condition, a, b);
  }
  Value selectZero(Value x, Value a, Value b) {
    return select(mlir::arith::CmpIPredicate::eq, x, a, b);
  }
  Value selectNegative(Value x, Value a, Value b) {
    return select(mlir::arith::CmpIPredicate::slt, x, a, b);
  }
};

class LstmEmitter {
public:
  LstmEmitter(LayerEmitter &emitter, qnn::LstmOp lstm, DotForm dotForm)
      : e(emitter), op(lstm), form(dotForm), cells(op.getCells()),
        features(op.getFeatures()),
        gates(static_cast<int64_t>(op.getBiases().size())),
        blocks(llvm::divideCeil(cells, form.lanes)) {}

  /// Bytes of the gates' arguments, in whole vectors.
  static int64_t scratchBytes(qnn::LstmOp op, const DotForm &form) {
    int64_t padded = llvm::divideCeil(op.getCells(), form.lanes) * form.lanes;
    return static_cast<int64_t>(op.getBiases().size()) * padded *
           (op.isQuantized() ? 2 : 4);
  }

  void emit() {
    TensorView x = viewOperand(e, op.getInput(), "input");
    TensorView h = viewOperand(e, op.getOutputState(), "output_state");
    TensorView c = viewOperand(e, op.getCellState(), "cell_state");
    y = e.outputs[0].memref;
    hidden = e.outputs[1].memref;
    cell = e.outputs[2].memref;
    copy(h.memref, hidden, op.getOutputState().getType());
    copy(c.memref, cell, op.getCellState().getType());
    makeTables();
    Type element =
        op.isQuantized() ? Type(e.b.getI16Type()) : Type(e.b.getF32Type());
    arguments = memref::ViewOp::create(
        e.b, MemRefType::get({gates * blocks * form.lanes}, element), e.scratch,
        e.index(0), ValueRange());
    int64_t batch = op.getBatch(), time = op.getTime();
    e.loop(batch, [&](Value b) {
      e.loop(time, [&](Value t) {
        Value row = op.getTimeMajor() ? e.add(e.mul(t, batch), b)
                                      : e.add(e.mul(b, time), t);
        Value state = e.mul(b, cells);
        emitMatrices(x.memref, e.mul(row, features), state);
        emitElements(e.mul(row, cells), state);
      });
    });
  }

private:
  void copy(Value from, Value to, Type type) {
    int64_t bytes = qnn::bytesPerElement(type);
    e.forEachVector(cast<RankedTensorType>(type).getNumElements(),
                    lanesFor(e.facts, bytes, qnn::isFloat(type)),
                    [&](Value at, int64_t lanes) {
                      e.store(e.load(from, at, lanes), to, at);
                    });
  }

  /// Weights packed by block of cells, group of the reduction, gate.
  Value packWeights(StringRef name, OperandRange weights, int64_t depth,
                    int64_t zero, SmallVectorImpl<arith::IntRange> &reach,
                    std::vector<int32_t> &correction) {
    int64_t groups = llvm::divideCeil(depth, form.group);
    auto make = [&](auto zeroElement, auto read) {
      using T = decltype(zeroElement);
      std::vector<std::vector<T>> values;
      for (Value weight : weights)
        values.push_back(read(constantOf(weight)));
      std::vector<T> packed;
      for (int64_t block = 0; block < blocks; ++block)
        for (int64_t group = 0; group < groups; ++group)
          for (const std::vector<T> &of : values)
            form.pack<T>(
                [&](int64_t lane, int64_t k) -> T {
                  int64_t u = block * form.lanes + lane;
                  int64_t at = group * form.group + k;
                  return u < cells && at < depth ? of[u * depth + at] : T(0);
                },
                packed);
      return packed;
    };
    if (!op.isQuantized())
      return e.table(name, ArrayRef<float>(make(0.0f, [](DenseElementsAttr a) {
                       auto range = a.getValues<float>();
                       return std::vector<float>(range.begin(), range.end());
                     })));
    auto integers = [](DenseElementsAttr a) {
      std::vector<int16_t> values;
      for (const APInt &v : a.getValues<APInt>())
        values.push_back(static_cast<int16_t>(v.getSExtValue()));
      return values;
    };
    // Σ w·(x − z) = Σ w·x' − (z + flip)·Σ w, where x' is what the instruction
    // reads.
    int64_t shift =
        zero + (form.flipsSign(/*activationsSigned=*/true) ? 128 : 0);
    for (Value weight : weights) {
      std::vector<int16_t> values = integers(constantOf(weight));
      arith::IntRange range;
      for (int64_t u = 0; u < blocks * form.lanes; ++u) {
        int64_t sum = 0, lo = 0, hi = 0;
        for (int64_t k = 0; u < cells && k < depth; ++k) {
          int64_t w = values[u * depth + k];
          sum += w;
          lo += std::min(w * (-128 - zero), w * (127 - zero));
          hi += std::max(w * (-128 - zero), w * (127 - zero));
        }
        correction.push_back(static_cast<int32_t>(-shift * sum));
        range = {std::min(range.lo, lo), std::max(range.hi, hi)};
      }
      reach.push_back(range);
    }
    std::vector<int16_t> packed = make(int16_t(0), integers);
    if (form.weightBits() == 16)
      return e.table(name, ArrayRef<int16_t>(packed));
    std::vector<int8_t> narrow(packed.begin(), packed.end());
    return e.table(name, ArrayRef<int8_t>(narrow));
  }

  void makeTables() {
    std::vector<int32_t> inputSums, outputSums;
    inputTable = packWeights("input_weights", op.getInputWeights(), features,
                             qnn::zeroPointOf(op.getInput().getType()),
                             inputReach, inputSums);
    outputTable =
        packWeights("recurrent_weights", op.getRecurrentWeights(), cells,
                    qnn::zeroPointOf(op.getOutputState().getType()),
                    outputReach, outputSums);
    int64_t padded = blocks * form.lanes;
    if (!op.isQuantized()) {
      std::vector<float> biases;
      for (Value bias : op.getBiases()) {
        auto range = constantOf(bias).getValues<float>();
        biases.insert(biases.end(), range.begin(), range.end());
        biases.resize(
            llvm::divideCeil(static_cast<int64_t>(biases.size()), padded) *
            padded);
      }
      inputBias = e.table("biases", ArrayRef<float>(biases));
      return;
    }
    for (auto [gate, bias] : llvm::enumerate(op.getBiases())) {
      int64_t lo = 0, hi = 0;
      for (auto [u, v] : llvm::enumerate(constantOf(bias).getValues<APInt>())) {
        int64_t b = v.getSExtValue();
        lo = std::min(lo, b), hi = std::max(hi, b);
        int32_t &entry = inputSums[gate * padded + u];
        entry = static_cast<int32_t>(static_cast<uint32_t>(entry + b));
      }
      inputReach[gate] = {inputReach[gate].lo + lo, inputReach[gate].hi + hi};
    }
    inputBias = e.table("input_biases", ArrayRef<int32_t>(inputSums));
    outputBias = e.table("recurrent_biases", ArrayRef<int32_t>(outputSums));
  }

  /// acc[gate] + Σ of one product with all gates of one block of cells.
  SmallVector<Value> multiply(Value table, Value block, Value activations,
                              Value start, int64_t depth,
                              SmallVector<Value> accs) {
    int64_t perGroup = gates * form.weightsPerStep();
    int64_t full = depth / form.group, rest = depth % form.group;
    Value base = e.mul(block, perGroup * llvm::divideCeil(depth, form.group));
    auto step = [&](Value group, int64_t valid, ValueRange carried) {
      SmallVector<Value, 2> x = form.prepare(
          e, activations, e.add(start, e.mul(group, form.group)), valid,
          /*isSigned=*/true);
      SmallVector<Value> next;
      Value at = e.add(base, e.mul(group, perGroup));
      for (auto [gate, acc] : llvm::enumerate(carried))
        next.push_back(
            form.step(e, acc, x,
                      form.loadWeights(e, table,
                                       e.add(at, static_cast<int64_t>(gate) *
                                                     form.weightsPerStep())),
                      /*isSigned=*/true));
      return next;
    };
    if (full)
      accs = e.loop(full, accs, [&](Value group, ValueRange carried) {
        return step(group, form.group, carried);
      });
    if (rest)
      accs = step(e.index(full), rest, accs);
    return accs;
  }

  SmallVector<Value> loadBiases(Value table, Value cellOffset) {
    SmallVector<Value> accs;
    for (int64_t gate = 0; gate < gates; ++gate)
      accs.push_back(e.load(table,
                            e.add(cellOffset, gate * blocks * form.lanes),
                            form.lanes, 4 * form.lanes));
    return accs;
  }

  void emitMatrices(Value x, Value inputStart, Value stateStart) {
    arith::LstmScales scales;
    if (op.isQuantized())
      scales = qnn::lstmScales(op);
    e.loop(blocks, [&](Value block) {
      Value first = e.mul(block, form.lanes);
      SmallVector<Value> accs =
          multiply(inputTable, block, x, inputStart, features,
                   loadBiases(inputBias, first));
      if (!op.isQuantized()) {
        accs = multiply(outputTable, block, hidden, stateStart, cells, accs);
      } else {
        SmallVector<Value> recurrent =
            multiply(outputTable, block, hidden, stateStart, cells,
                     loadBiases(outputBias, first));
        for (int64_t gate = 0; gate < gates; ++gate) {
          RangedValue a =
              scaled(accs[gate], inputReach[gate], scales.input[gate]);
          a.value = clamp16(a);
          a.range = {std::max<int64_t>(a.range.lo, -32768),
                     std::min<int64_t>(a.range.hi, 32767)};
          RangedValue r =
              scaled(recurrent[gate], outputReach[gate], scales.output[gate]);
          // What is beyond 17 bits saturates the sum whatever the other is.
          r.value =
              clampInteger(e, r.value, -65536, 65535, r.range.lo, r.range.hi);
          r.range = {std::max<int64_t>(r.range.lo, -65536),
                     std::min<int64_t>(r.range.hi, 65535)};
          RangedValue sum = {
              mlir::arith::AddIOp::create(e.b, a.value, r.value),
              {a.range.lo + r.range.lo, a.range.hi + r.range.hi}};
          accs[gate] = resizeInteger(e, clamp16(sum), e.b.getI16Type(), true);
        }
      }
      for (int64_t gate = 0; gate < gates; ++gate)
        e.store(accs[gate], arguments,
                e.add(first, gate * blocks * form.lanes));
    });
  }

  RangedValue scaled(Value acc, arith::IntRange reach,
                     arith::QuantizedMultiplier m) {
    return emitMultiply(e, {acc, reach}, m, arith::Rounding::TfliteDouble);
  }
  Value clamp16(RangedValue x) {
    return clampInteger(e, x.value, -32768, 32767, x.range.lo, x.range.hi);
  }

  void emitElements(Value outputStart, Value stateStart) {
    int64_t lanes = lanesFor(e.facts, 4, !op.isQuantized());
    e.forEachVector(cells, lanes, [&](Value first, int64_t width) {
      SmallVector<Value> of;
      for (int64_t gate = 0; gate < gates; ++gate)
        of.push_back(
            e.load(arguments, e.add(first, gate * blocks * form.lanes), width));
      Value at = e.add(stateStart, first);
      Value result = op.isQuantized() ? integerCell(of, at, width)
                                      : floatCell(of, at, width);
      e.store(result, y, e.add(outputStart, first));
      e.store(result, hidden, at);
    });
  }

  Value integerCell(ArrayRef<Value> of, Value at, int64_t width) {
    arith::LstmScales scales = qnn::lstmScales(op);
    Type i32 = e.b.getI32Type();
    LaneOps ops{e, LayerEmitter::lanesOf(i32, width)};
    arith::Activation16<LaneOps> functions(ops);
    auto wide = [&](Value v) { return e.extend(v, i32, /*isSigned=*/true); };
    size_t gate = op.isCoupled() ? 0 : 1;
    Value forget = functions.logistic(wide(of[gate]), 3);
    Value input = op.isCoupled() ? ops.sub(ops.constant(32767), forget)
                                 : functions.logistic(wide(of[0]), 3);
    Value update = functions.tanh(wide(of[gate + 1]), 3);
    Value kept = functions.divideByPOT(
        ops.mul(forget, wide(e.load(cell, at, width))), 15);
    Value added =
        functions.divideByPOT(ops.mul(input, update), 30 + scales.cellExponent);
    Value c = functions.saturate(ops.add(kept, added));
    if (scales.cellClip > 0)
      c = ops.min(ops.max(c, ops.constant(-scales.cellClip)),
                  ops.constant(scales.cellClip));
    e.store(resizeInteger(e, c, e.b.getI16Type(), true), cell, at);
    Value out = functions.logistic(wide(of[gate + 2]), 3);
    Value product = ops.mul(out, functions.tanh(c, 15 + scales.cellExponent));
    // Q0.15 of a gate is not negative.
    return emitRequantize(e, {product, {-32767 * 32768, 32767 * 32767}},
                          scales.hidden, e.b.getI8Type());
  }

  Value floatCell(ArrayRef<Value> of, Value at, int64_t width) {
    size_t gate = op.isCoupled() ? 0 : 1;
    Value forget = emitLogistic(e, of[gate]);
    Type type = forget.getType();
    Value input = op.isCoupled() ? Value(mlir::arith::SubFOp::create(
                                       e.b, e.constantFloat(type, 1), forget))
                                 : emitLogistic(e, of[0]);
    Value update = math::TanhOp::create(e.b, of[gate + 1]);
    Value c = mlir::arith::AddFOp::create(
        e.b, mlir::arith::MulFOp::create(e.b, forget, e.load(cell, at, width)),
        mlir::arith::MulFOp::create(e.b, update, input));
    float clip = op.getCellClip().convertToFloat();
    if (clip > 0)
      c = clampFloat(e, c, -clip, clip);
    e.store(c, cell, at);
    return mlir::arith::MulFOp::create(e.b, emitLogistic(e, of[gate + 2]),
                                       math::TanhOp::create(e.b, c));
  }

  LayerEmitter &e;
  qnn::LstmOp op;
  DotForm form;
  int64_t cells, features, gates, blocks;
  Value y, hidden, cell, arguments;
  Value inputTable, outputTable, inputBias, outputBias;
  /// Per gate: every accumulator that can be reached.
  SmallVector<arith::IntRange> inputReach, outputReach;
};

class LstmKernel : public Kernel {
public:
  StringRef getName() const override { return "lstm.gates"; }
  StringRef getAnchor() const override { return "qnn.lstm"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::LstmOp>(getAnchorOp(layer));
    for (Operation &inner : layer.getBody().front())
      if (&inner != op && !isa<qnn::ConstantOp, qnn::YieldOp>(inner)) {
        why = "another operation is fused to the layer";
        return failure();
      }
    if (layer->getNumResults() != 3) {
      why = "the layer does not yield the three results";
      return failure();
    }
    if (!op.isQuantized() && !hasFloats(facts, why))
      return failure();
    for (OperandRange group :
         {op.getInputWeights(), op.getRecurrentWeights(), op.getBiases()})
      for (Value weight : group)
        if (!constantOf(weight)) {
          why = "weights and biases must be constants";
          return failure();
        }
    // 127 · 255 per product: sums of more would leave 32 bits.
    if (op.isQuantized() && std::max(op.getFeatures(), op.getCells()) > 60000) {
      why = "sums of more than 60000 products may overflow";
      return failure();
    }
    DotForm form = formOf(op, facts);
    KernelChoice choice;
    choice.cycles =
        static_cast<double>(op.getMacs()) * form.stepCycles /
            static_cast<double>(form.weightsPerStep()) +
        static_cast<double>(op.getBatch() * op.getTime() * op.getCells()) * 200;
    choice.inputs.resize(layer.getInputs().size());
    choice.scratchBytes = LstmEmitter::scratchBytes(op, form);
    Value states[] = {op.getOutputState(), op.getCellState()};
    for (int64_t i = 0; i < 2; ++i)
      if (auto argument = dyn_cast<BlockArgument>(states[i]))
        choice.inPlaceStates.emplace_back(i + 1, argument.getArgNumber());
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::LstmOp>(getAnchorOp(e.layer));
    LstmEmitter(e, op, formOf(op, e.facts)).emit();
    return success();
  }

private:
  static DotForm formOf(qnn::LstmOp op, const TargetFacts &facts) {
    DotForm form = DotForm::choose(facts, !op.isQuantized());
    return form.withLanes(form.fitLanes(op.getCells()));
  }
};

} // namespace

void populateRecurrentKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<LstmKernel>());
}

} // namespace qcc
