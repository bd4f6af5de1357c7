// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that only move elements: copy, concat, pad. All copy the
// longest contiguous runs in vectors.

#include "KernelSupport.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;

namespace qcc {

namespace {

/// Lanes of integers of the same size move any element, floats too; a target
/// without vectors of floats still moves them in lanes of its vector unit only
/// if it has one.
int64_t getMoveLanes(const TargetFacts &facts, Type type) {
  return lanesFor(facts, qnn::bytesPerElement(type), qnn::isFloat(type));
}

/// Copies all elements of `from` to `to`, views of one shape.
void emitCopy(LayerEmitter &e, const TensorView &from, const TensorView &to) {
  int64_t lanes = getMoveLanes(e.facts, to.type);
  e.forEachRun({&from, &to}, [&](ArrayRef<Value> at, int64_t count) {
    e.forEachVector(count, lanes, [&](Value offset, int64_t width) {
      Value value = e.load(from.memref, e.add(at[0], offset), width);
      e.store(value, to.memref, e.add(at[1], offset));
    });
  });
}

/// The part of `view` that starts at `origin` and has `shape`.
TensorView subview(const TensorView &view, ArrayRef<int64_t> origin,
                   ArrayRef<int64_t> shape) {
  TensorView part = view;
  part.type = qnn::withShape(view.type, shape);
  for (auto [stride, first] : llvm::zip_equal(view.strides, origin))
    part.base += stride * first;
  return part;
}

KernelChoice makeMoveChoice(qnn::LayerOp layer, const TargetFacts &facts) {
  Operation *anchor = getAnchorOp(layer);
  KernelChoice choice = makeElementwiseChoice(
      layer, getMoveLanes(facts, anchor->getResult(0).getType()), 1.5);
  choice.inPlaceInputs.clear();
  return choice;
}

/// The same tensor in another buffer.
class CopyKernel : public Kernel {
public:
  StringRef getName() const override { return "copy.direct"; }
  StringRef getAnchor() const override { return "qnn.copy"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isSingleOp(layer, why))
      return failure();
    return makeMoveChoice(layer, facts);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    Value operand = getAnchorOp(e.layer)->getOperand(0);
    emitCopy(e, viewOperand(e, operand, "input"), e.outputs[0]);
    return success();
  }
};

class ConcatKernel : public Kernel {
public:
  StringRef getName() const override { return "concat.copy"; }
  StringRef getAnchor() const override { return "qnn.concat"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isSingleOp(layer, why))
      return failure();
    return makeMoveChoice(layer, facts);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::ConcatOp>(getAnchorOp(e.layer));
    SmallVector<int64_t> origin(e.outputs[0].shape().size(), 0);
    auto axis = static_cast<size_t>(op.getAxis());
    for (auto [number, operand] : llvm::enumerate(op.getInputs())) {
      TensorView from =
          viewOperand(e, operand, "input" + std::to_string(number));
      emitCopy(e, from, subview(e.outputs[0], origin, from.shape()));
      origin[axis] += from.shape()[axis];
    }
    return success();
  }
};

/// Copies the input into the interior and fills the rest, axis by axis: before
/// and after the input along axis 0, then within it along axis 1, and so on, so
/// that each element is written once.
class PadKernel : public Kernel {
public:
  StringRef getName() const override { return "pad.copy"; }
  StringRef getAnchor() const override { return "qnn.pad"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isSingleOp(layer, why))
      return failure();
    return makeMoveChoice(layer, facts);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::PadOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    // The box that is left; it shrinks to the interior.
    SmallVector<int64_t> origin(out.shape().size(), 0);
    SmallVector<int64_t> shape(out.shape());
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      int64_t low = op.getLow()[axis], high = op.getHigh()[axis];
      int64_t extent = in.shape()[axis];
      shape[axis] = low;
      fill(e, subview(out, origin, shape));
      origin[axis] = low + extent;
      shape[axis] = high;
      fill(e, subview(out, origin, shape));
      origin[axis] = low;
      shape[axis] = extent;
    }
    emitCopy(e, in, subview(out, origin, shape));
    return success();
  }

private:
  static void fill(LayerEmitter &e, const TensorView &view) {
    if (view.type.getNumElements() == 0)
      return;
    Type element = memoryTypeOf(view.type);
    int64_t lanes = getMoveLanes(e.facts, view.type);
    int64_t zero = qnn::zeroPointOf(view.type);
    e.forEachRun({&view}, [&](ArrayRef<Value> at, int64_t count) {
      e.forEachVector(count, lanes, [&](Value offset, int64_t width) {
        Type type = LayerEmitter::lanesOf(element, width);
        Value value = isa<FloatType>(element) ? e.constantFloat(type, 0)
                                              : e.constant(type, zero);
        e.store(value, view.memref, e.add(at[0], offset));
      });
    });
  }
};

} // namespace

void populateShapeKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<CopyKernel>());
  kernels.add(std::make_unique<ConcatKernel>());
  kernels.add(std::make_unique<PadKernel>());
}

} // namespace qcc
