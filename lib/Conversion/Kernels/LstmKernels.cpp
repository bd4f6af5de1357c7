// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LSTMs. Each step has two phases. The matrix phase computes the arguments of
// all gates, vectors of cells by the reduction, with the dot instructions of
// convolutions; the gates of the same cells share the activations. The
// element-wise phase takes them through the gates' functions to the new cell
// and output. The states are worked on in the memory of their results.

#include "ElementwiseKernels.h"
#include "FixedPoint.h"
#include "KernelSupport.h"
#include "MatrixVector.h"

#include "qcc/Arithmetic/Activation16.h"
#include "qcc/Dialect/QNN/IR/RecurrentScales.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace qcc {

namespace {

/// The `Ops` of Activation16.h: 32-bit integers in lanes.
class LaneOps : public EmittedInt32Ops {
public:
  using EmittedInt32Ops::EmittedInt32Ops;

  Value mul(Value a, Value b) { return mlir::arith::MulIOp::create(e.b, a, b); }
  Value shl(Value a, int bits) { return shiftLeft(a, constant(bits)); }
  Value shr(Value a, int bits) { return shiftRight(a, constant(bits)); }
  Value bitAnd(Value a, int32_t mask) {
    return mlir::arith::AndIOp::create(e.b, a, constant(mask));
  }
  Value selectZero(Value x, Value a, Value b) {
    return select(mlir::arith::CmpIOp::create(
                      e.b, mlir::arith::CmpIPredicate::eq, x, constant(0)),
                  a, b);
  }
  Value selectNegative(Value x, Value a, Value b) {
    return select(isGreater(constant(0), x), a, b);
  }
};

class LstmEmitter {
public:
  LstmEmitter(LayerEmitter &emitter, qnn::LstmOp lstm, DotForm dotForm)
      : e(emitter), op(lstm), form(dotForm), cells(op.getCells()),
        features(op.getFeatures()),
        gates(static_cast<int64_t>(op.getBiases().size())),
        fromInput(e, form, "input", op.getInputWeights(), op.getBiases(),
                  qnn::zeroPointOf(op.getInput().getType())),
        fromOutput(e, form, "recurrent", op.getRecurrentWeights(), {},
                   qnn::zeroPointOf(op.getOutputState().getType())) {
    if (op.isQuantized())
      scales = qnn::lstmScales(op);
  }

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
    Type element =
        op.isQuantized() ? Type(e.b.getI16Type()) : Type(e.b.getF32Type());
    arguments = memref::ViewOp::create(
        e.b, MemRefType::get({gates * fromInput.paddedRows()}, element),
        e.scratch, e.index(0), ValueRange());
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

  void emitMatrices(Value x, Value inputStart, Value stateStart) {
    e.loop(fromInput.numBlocks(), [&](Value block) {
      SmallVector<Value> accs =
          fromInput.multiply(block, x, inputStart, fromInput.start(block));
      if (!op.isQuantized()) {
        accs = fromOutput.multiply(block, hidden, stateStart, accs);
      } else {
        SmallVector<Value> recurrent = fromOutput.multiply(
            block, hidden, stateStart, fromOutput.start(block));
        for (auto [gate, acc] : llvm::enumerate(accs))
          acc = addProducts(gate, acc, recurrent[gate]);
      }
      for (auto [gate, acc] : llvm::enumerate(accs))
        e.store(acc, arguments,
                e.add(e.mul(block, form.lanes),
                      static_cast<int64_t>(gate) * fromInput.paddedRows()));
    });
  }

  /// The argument of a gate in Q3.12: the first product saturates to 16 bits,
  /// then the sum.
  Value addProducts(size_t gate, Value input, Value output) {
    RangedValue a =
        narrowed(scaled(input, fromInput.reachOf(gate), scales.input[gate]),
                 -32768, 32767);
    // What is beyond 17 bits saturates the sum whatever the other is.
    RangedValue b =
        narrowed(scaled(output, fromOutput.reachOf(gate), scales.output[gate]),
                 -65536, 65535);
    RangedValue sum =
        narrowed({mlir::arith::AddIOp::create(e.b, a.value, b.value),
                  {a.range.lo + b.range.lo, a.range.hi + b.range.hi}},
                 -32768, 32767);
    return resizeInteger(e, sum.value, e.b.getI16Type(), /*isSigned=*/true);
  }

  RangedValue scaled(Value acc, arith::IntRange reach,
                     arith::QuantizedMultiplier m) {
    return emitMultiply(e, {acc, reach}, m, arith::Rounding::TfliteDouble);
  }
  RangedValue narrowed(RangedValue x, int64_t lo, int64_t hi) {
    return {clampInteger(e, x.value, lo, hi, x.range.lo, x.range.hi),
            {std::max(x.range.lo, lo), std::min(x.range.hi, hi)}};
  }

  void emitElements(Value outputStart, Value stateStart) {
    int64_t lanes = lanesFor(e.facts, 4, !op.isQuantized());
    e.forEachVector(cells, lanes, [&](Value first, int64_t width) {
      SmallVector<Value> of;
      for (int64_t gate = 0; gate < gates; ++gate)
        of.push_back(e.load(
            arguments, e.add(first, gate * fromInput.paddedRows()), width));
      Value at = e.add(stateStart, first);
      Value result = op.isQuantized() ? integerCell(of, at, width)
                                      : floatCell(of, at, width);
      e.store(result, y, e.add(outputStart, first));
      e.store(result, hidden, at);
    });
  }

  Value integerCell(ArrayRef<Value> of, Value at, int64_t width) {
    Type i32 = e.b.getI32Type();
    LaneOps ops(e, width);
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
  int64_t cells, features, gates;
  MatrixVector fromInput, fromOutput;
  arith::LstmScales scales;
  Value y, hidden, cell, arguments;
};

class LstmKernel : public Kernel {
public:
  StringRef getName() const override { return "lstm.gates"; }
  StringRef getAnchor() const override { return "qnn.lstm"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::LstmOp>(getAnchorOp(layer));
    if (!isStateLayer(layer, op, why))
      return failure();
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
    return MatrixVector::formFor(facts, !op.isQuantized(), op.getCells());
  }
};

} // namespace

void populateLstmKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<LstmKernel>());
}

} // namespace qcc
