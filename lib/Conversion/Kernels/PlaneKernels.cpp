// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Copies to bit-planes: of bytes, whose bits are compared out 32 channels at a
// time, or of planes into a padded buffer. The memory planner asks for them by
// name.

#include "BitPlanes.h"
#include "KernelSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {

namespace {

class PlaneCopyKernel final : public Kernel {
public:
  StringRef getName() const override { return kPlaneCopyKernel; }
  StringRef getAnchor() const override { return "qnn.copy"; }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    if (!isSingleOp(layer, why))
      return failure();
    Value result = getAnchorOp(layer)->getResult(0);
    auto type = cast<RankedTensorType>(result.getType());
    if (!qnn::bitCodeOf(type) || type.getRank() == 0 ||
        layer.getInputs().empty()) {
      why = "not a tensor of few bits";
      return failure();
    }
    // Dearer than a plain copy, which wins where it will do.
    KernelChoice choice =
        makeElementwiseChoice(layer, lanesFor(facts, 1),
                              8 + 8 / static_cast<double>(lanesFor(facts, 1)));
    choice.inPlaceInputs.clear();
    choice.inputs[0].planes = Planes::Either;
    choice.producesPlanes = true;
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override {
    const TensorView &out = e.outputs[0];
    if (out.planes == 0)
      return e.layer.emitOpError() << "writes bit-planes, not bytes";
    if (e.inputs[0].planes > 0)
      copyWords(e);
    else
      pack(e);
    return success();
  }

private:
  /// The same with words as elements.
  static TensorView wordsOf(const TensorView &view) {
    TensorView words = view;
    SmallVector<int64_t> shape(view.shape());
    shape.back() = qnn::planeWords(view.type, view.planes);
    words.type = qnn::withShape(view.type, shape);
    return words;
  }

  static void copyWords(LayerEmitter &e) {
    TensorView in = wordsOf(e.inputs[0]), out = wordsOf(e.outputs[0]);
    e.inParallel([&] {
      e.forEachRun({&in, &out}, [&](ArrayRef<Value> at, int64_t count) {
        e.forEachVector(
            count, lanesFor(e.facts, 4), [&](Value offset, int64_t lanes) {
              e.store(e.load(in.memref, e.add(at[0], offset), lanes),
                      out.memref, e.add(at[1], offset));
            });
      });
    });
  }

  static void pack(LayerEmitter &e) {
    const TensorView &in = e.inputs[0], &out = e.outputs[0];
    qnn::BitCode code = *qnn::bitCodeOf(out.type);
    int64_t zero = qnn::zeroPointOf(out.type);
    // Pixel by pixel.
    SmallVector<int64_t> shape(in.shape());
    int64_t channels = shape.back(), whole = channels / kWord;
    shape.back() = 1;
    auto pixelsOf = [&](TensorView view) {
      view.type = qnn::withShape(view.type, shape);
      view.strides.back() = 0;
      return view;
    };
    TensorView from = pixelsOf(in), to = pixelsOf(out);
    e.inParallel([&] {
      forEachPixel(e, from, to, [&](Value pixel, Value word) {
        auto store = [&](ArrayRef<Value> words, Value at) {
          for (auto [n, value] : llvm::enumerate(words))
            e.store(value, out.memref, e.add(at, static_cast<int64_t>(n)));
        };
        e.loop(whole, [&](Value w) {
          store(packWord(e, code, zero, e.add(pixel, e.mul(w, kWord)), kWord),
                e.add(word, e.mul(w, out.planes)));
        });
        if (channels % kWord)
          store(packWord(e, code, zero, e.add(pixel, whole * kWord),
                         channels % kWord),
                e.add(word, whole * out.planes));
      });
    });
  }

  static void
  forEachPixel(LayerEmitter &e, const TensorView &from, const TensorView &to,
               llvm::function_ref<void(Value pixel, Value word)> body) {
    ArrayRef<int64_t> shape = from.shape();
    std::function<void(size_t, Value, Value)> nest = [&](size_t axis, Value in,
                                                         Value out) {
      if (axis + 1 >= shape.size())
        return e.once([&] { body(in, out); });
      e.splitLoop(shape[axis], [&](Value i) {
        nest(axis + 1, e.add(e.mul(i, from.strides[axis]), in),
             e.add(e.mul(i, to.strides[axis]), out));
      });
    };
    nest(0, e.index(from.base), e.index(to.base));
  }

  /// One word of each plane from `count` bytes at `at`.
  static SmallVector<Value> packWord(LayerEmitter &e, const qnn::BitCode &code,
                                     int64_t zero, Value at, int64_t count) {
    Type i32 = e.b.getI32Type();
    auto bitsOf = [&](Value bytes) { return planesOf(e, bytes, code, zero); };
    Value memref = e.inputs[0].memref;
    int64_t vectorLanes = std::min<int64_t>(kWord, lanesFor(e.facts, 1));
    if (vectorLanes > 1 && count == kWord) {
      SmallVector<Value> words;
      for (Value bits : bitsOf(e.load(memref, at, kWord)))
        words.push_back(wordOf(e, bits));
      return words;
    }
    SmallVector<Value> words(code.bits, e.constant(i32, 0));
    // From the top: each bit moves those before it down.
    words = e.loop(
        e.index(0), e.index(count), words, [&](Value c, ValueRange carried) {
          SmallVector<Value> next;
          for (auto [word, bit] :
               llvm::zip(carried, bitsOf(e.load(memref, e.add(at, c), 1))))
            next.push_back(mlir::arith::OrIOp::create(
                e.b,
                mlir::arith::ShRUIOp::create(e.b, word, e.constant(i32, 1)),
                mlir::arith::ShLIOp::create(e.b, e.extend(bit, i32, false),
                                            e.constant(i32, kWord - 1))));
          return next;
        });
    if (count < kWord)
      for (Value &word : words)
        word = mlir::arith::ShRUIOp::create(e.b, word,
                                            e.constant(i32, kWord - count));
    return words;
  }
};

} // namespace

void populatePlaneKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<PlaneCopyKernel>());
}

} // namespace qcc
