// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SVDF layers: the memory moves by one, the features of the input come to its
// end, and each unit sums up the memory of its filters, which lies in one row.

#include "FixedPoint.h"
#include "KernelSupport.h"
#include "MatrixVector.h"

#include "qcc/Dialect/QNN/IR/RecurrentScales.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace qcc {

namespace {

class SvdfEmitter {
public:
  SvdfEmitter(LayerEmitter &emitter, qnn::SvdfOp svdf, DotForm dotForm)
      : e(emitter), op(svdf), form(dotForm), isQuantized(op.isQuantized()),
        filters(op.getFilters()), memory(op.getMemory()) {}

  static int64_t scratchBytes(qnn::SvdfOp op, const DotForm &form) {
    return llvm::divideCeil(op.getFilters(), form.lanes) * form.lanes *
           (op.isQuantized() ? 2 : 4);
  }

  void emit() {
    TensorView x = viewOperand(e, op.getInput(), "input");
    TensorView old = viewOperand(e, op.getState(), "state");
    TensorView time = viewOperand(e, op.getTimeWeights(), "time_weights");
    Value bias =
        op.getBias() ? viewOperand(e, op.getBias(), "biases").memref : Value();
    Value state = e.outputs[1].memref;
    MatrixVector matrix(e, form, "feature", op.getFeatureWeights(), {},
                        qnn::zeroPointOf(op.getInput().getType()));
    Type element =
        isQuantized ? Type(e.b.getI16Type()) : Type(e.b.getF32Type());
    Value features = memref::ViewOp::create(
        e.b, MemRefType::get({matrix.paddedRows()}, element), e.scratch,
        e.index(0), ValueRange());
    if (isQuantized)
      scales = qnn::svdfScales(op);
    int64_t row = filters * memory;
    e.loop(op.getBatch(), [&](Value b) {
      Value start = e.mul(b, row);
      // The last element of each filter is overwritten below.
      e.forEachVector(
          row - 1, lanesFor(e.facts, isQuantized ? 2 : 4, !isQuantized),
          [&](Value at, int64_t lanes) {
            Value to = e.add(start, at);
            e.store(e.load(old.memref, e.add(to, 1), lanes), state, to);
          });
      emitFeatures(matrix, x.memref, e.mul(b, op.getDepth()), features);
      e.loop(filters, [&](Value f) {
        e.store(e.load(features, f, 1), state,
                e.add(e.add(start, e.mul(f, memory)), memory - 1));
      });
      e.loop(op.getUnits(), [&](Value u) {
        emitUnit(state, start, time.memref, bias, u,
                 e.add(e.mul(b, op.getUnits()), u));
      });
    });
  }

private:
  void emitFeatures(const MatrixVector &matrix, Value x, Value first,
                    Value features) {
    e.loop(matrix.numBlocks(), [&](Value block) {
      Value value = matrix.multiply(block, x, first, matrix.start(block))[0];
      if (isQuantized) {
        RangedValue scaled =
            emitMultiply(e, {value, matrix.reachOf(0)}, scales.feature,
                         arith::Rounding::TfliteDouble);
        value = resizeInteger(e,
                              clampInteger(e, scaled.value, -32768, 32767,
                                           scaled.range.lo, scaled.range.hi),
                              e.b.getI16Type(), true);
      }
      e.store(value, features, e.mul(block, form.lanes));
    });
  }

  void emitUnit(Value state, Value start, Value time, Value bias, Value unit,
                Value to) {
    int64_t length = filters / op.getUnits() * memory;
    Type i32 = e.b.getI32Type();
    Value sum;
    if (bias)
      sum = e.load(bias, unit, 1);
    else
      sum = isQuantized ? e.constant(i32, 0)
                        : e.constantFloat(e.b.getF32Type(), 0);
    Value row = e.mul(unit, length);
    sum = e.loop(length, sum, [&](Value k, ValueRange carried) {
      Value at = e.add(row, k);
      Value a = e.load(state, e.add(start, at), 1), w = e.load(time, at, 1);
      if (!isQuantized)
        return SmallVector<Value>{mlir::arith::AddFOp::create(
            e.b, carried[0], mlir::arith::MulFOp::create(e.b, a, w))};
      return SmallVector<Value>{mlir::arith::AddIOp::create(
          e.b, carried[0],
          mlir::arith::MulIOp::create(e.b, e.extend(a, i32, true),
                                      e.extend(w, i32, true)))};
    })[0];
    if (isQuantized) {
      constexpr arith::IntRange all = {std::numeric_limits<int32_t>::min(),
                                       std::numeric_limits<int32_t>::max()};
      sum = emitRequantize(e, {sum, all}, scales.result, e.b.getI8Type());
    } else {
      auto [lo, hi] = qnn::floatClamp(op.getClampAttr());
      sum = clampFloat(e, sum, lo, hi);
    }
    e.store(sum, e.outputs[0].memref, to);
  }

  LayerEmitter &e;
  qnn::SvdfOp op;
  DotForm form;
  bool isQuantized;
  int64_t filters, memory;
  arith::SvdfScales scales;
};

class SvdfKernel : public Kernel {
public:
  StringRef getName() const override { return "svdf.rows"; }
  StringRef getAnchor() const override { return "qnn.svdf"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto op = cast<qnn::SvdfOp>(getAnchorOp(layer));
    if (!isStateLayer(layer, op, why) ||
        (!op.isQuantized() && !hasFloats(facts, why)))
      return failure();
    for (Value weight :
         {op.getFeatureWeights(), op.getTimeWeights(), op.getBias()})
      if (weight && !constantOf(weight)) {
        why = "weights and bias must be constants";
        return failure();
      }
    DotForm form =
        MatrixVector::formFor(facts, !op.isQuantized(), op.getFilters());
    KernelChoice choice;
    choice.cycles = static_cast<double>(op.getMacs());
    choice.inputs.resize(layer.getInputs().size());
    choice.scratchBytes = SvdfEmitter::scratchBytes(op, form);
    if (auto argument = dyn_cast<BlockArgument>(op.getState()))
      choice.inPlaceStates.emplace_back(1, argument.getArgNumber());
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::SvdfOp>(getAnchorOp(e.layer));
    SvdfEmitter(
        e, op,
        MatrixVector::formFor(e.facts, !op.isQuantized(), op.getFilters()))
        .emit();
    return success();
  }
};

} // namespace

void populateSvdfKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<SvdfKernel>());
}

} // namespace qcc
