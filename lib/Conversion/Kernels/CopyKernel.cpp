// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qnn.copy: run by run, between dense and padded buffers, or from a constant in
// the code.

#include "qcc/Conversion/LayerEmitter.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;
using namespace qcc;

namespace {

int64_t lanesOfVector(const TargetFacts &facts, Type type) {
  return std::max<int64_t>(1, facts.vectorBytes() / qnn::bytesPerElement(type));
}

/// `constant` as it lies in memory: sub-byte integers widened to bytes.
DenseElementsAttr widen(qnn::ConstantOp constant) {
  auto values = cast<DenseElementsAttr>(constant.getValue());
  unsigned bits = qnn::bytesPerElement(constant.getType()) * 8;
  if (!isa<IntegerType>(values.getElementType()) ||
      values.getElementType().isInteger(bits))
    return values;
  bool isSigned = qnn::isSignedStorage(constant.getType()) &&
                  !values.getElementType().isInteger(1);
  return cast<DenseIntElementsAttr>(values).mapValues(
      IntegerType::get(constant.getContext(), bits),
      [&](const APInt &v) { return isSigned ? v.sext(bits) : v.zext(bits); });
}

class CopyKernel : public Kernel {
public:
  StringRef getName() const override { return "copy.runs"; }
  StringRef getAnchor() const override { return "qnn.copy"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    auto copy = cast<qnn::CopyOp>(getAnchorOp(layer));
    auto yield = cast<qnn::YieldOp>(layer.getBody().front().getTerminator());
    if (yield.getValues().size() != 1 ||
        yield.getValues()[0] != copy.getResult()) {
      why = "the layer does more than copy";
      return failure();
    }
    auto constant = copy.getInput().getDefiningOp<qnn::ConstantOp>();
    if (constant && !isa<DenseElementsAttr>(constant.getValue())) {
      why = "the constant is no dense elements attribute";
      return failure();
    }
    KernelChoice choice;
    auto type = cast<RankedTensorType>(copy.getType());
    choice.cycles =
        2.0 * type.getNumElements() / lanesOfVector(facts, type) + 20;
    choice.producesPadding = type.getRank() == 4;
    if (!constant)
      choice.inputs.push_back({/*acceptsPadding=*/type.getRank() == 4, {}});
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    const TensorView &to = e.outputs.front();
    TensorView from;
    if (e.inputs.empty()) {
      from.type = to.type;
      from.memref = e.table(
          "value", widen(*e.layer.getBody().getOps<qnn::ConstantOp>().begin()));
      from.strides.assign(to.strides.size(), 1);
      for (size_t axis = from.strides.size(); axis-- > 1;)
        from.strides[axis - 1] =
            from.strides[axis] * from.type.getDimSize(axis);
    } else {
      from = e.inputs.front();
    }
    e.forEachRun({&from, &to}, [&](ArrayRef<Value> offsets, int64_t count) {
      e.forEachVector(
          count, lanesOfVector(e.facts, to.type), [&](Value at, int64_t lanes) {
            e.store(e.load(from.memref, e.add(offsets[0], at), lanes),
                    to.memref, e.add(offsets[1], at));
          });
    });
    e.fillBorder(to);
    return success();
  }
};

} // namespace

void qcc::populateCopyKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<CopyKernel>());
}
