// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that take or make indices: gather, arg_max, one_hot, and running
// sums. Indices of run time are clamped before they address memory. All read
// and write dense tensors.

#include "KernelSupport.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {

namespace {

/// A shape around an axis: [outer, extent, inner].
struct AroundAxis {
  int64_t outer = 1, extent = 1, inner = 1;

  AroundAxis(ArrayRef<int64_t> shape, int64_t axis) {
    for (auto [i, n] : llvm::enumerate(shape)) {
      auto at = static_cast<int64_t>(i);
      (at < axis ? outer : at == axis ? extent : inner) *= n;
    }
  }
};

double elementsOf(Type type) {
  return static_cast<double>(cast<ShapedType>(type).getNumElements());
}

/// A kernel for a single operation on dense tensors.
class DenseKernel : public UnaryKernel {
public:
  using UnaryKernel::UnaryKernel;

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    Operation *op = getAnchorOp(layer);
    if (!isSingleOp(layer, why) || !accepts(op, facts, why))
      return failure();
    KernelChoice choice;
    choice.cycles = 20 + cyclesOf(op);
    choice.inputs.resize(layer.getInputs().size());
    return choice;
  }

protected:
  /// Else with the reason.
  virtual bool accepts(Operation *, const TargetFacts &, std::string &) const {
    return true;
  }
  virtual double cyclesOf(Operation *op) const {
    return 2 * elementsOf(op->getResultTypes()[0]);
  }
};

/// One that computes with the elements of its operand.
class ScanKernel : public DenseKernel {
public:
  explicit ScanKernel(StringRef op) : DenseKernel(op, "scan") {}

protected:
  bool accepts(Operation *op, const TargetFacts &facts,
               std::string &why) const override {
    return !qnn::isFloat(op->getOperand(0).getType()) || hasFloats(facts, why);
  }
  double cyclesOf(Operation *op) const override {
    return 3 * elementsOf(op->getOperand(0).getType());
  }
};

/// The index that lies at `at`, taken into [0, extent).
Value loadIndex(LayerEmitter &e, const TensorView &indices, Value at,
                int64_t extent) {
  Value index = e.load(indices.memref, at, 1);
  unsigned bits = index.getType().getIntOrFloatBitWidth();
  int64_t most = bits >= 64 ? INT64_MAX : (int64_t(1) << (bits - 1)) - 1;
  index = clampInteger(e, index, 0, std::min(extent - 1, most), -1,
                       extent - 1 < most ? most : extent - 1);
  return mlir::arith::IndexCastOp::create(e.b, e.b.getIndexType(), index);
}

/// Copies `count` consecutive elements.
void copyRun(LayerEmitter &e, const TensorView &from, Value source,
             const TensorView &to, Value at, int64_t count) {
  int64_t lanes =
      lanesFor(e.facts, qnn::bytesPerElement(to.type), qnn::isFloat(to.type));
  e.forEachVector(count, lanes, [&](Value offset, int64_t width) {
    Value value = e.load(from.memref, e.add(source, offset), width);
    e.store(value, to.memref, e.add(at, offset));
  });
}

class GatherKernel : public DenseKernel {
public:
  GatherKernel() : DenseKernel("gather", "copy") {}

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::GatherOp>(getAnchorOp(e.layer));
    TensorView input = viewOperand(e, op.getInput(), "input"),
               indices = viewOperand(e, op.getIndices(), "indices");
    AroundAxis around(input.shape(), op.getAxis());
    int64_t batches = 1;
    for (int64_t extent : input.shape().take_front(op.getBatchDims()))
      batches *= extent;
    int64_t perBatch = around.outer / batches,
            count = indices.type.getNumElements() / batches;
    e.loop(batches, [&](Value b) {
      e.loop(perBatch, [&](Value p) {
        Value o = e.add(e.mul(b, perBatch), p);
        e.loop(count, [&](Value n) {
          Value index =
              loadIndex(e, indices, e.add(e.mul(b, count), n), around.extent);
          Value from =
                    e.mul(e.add(e.mul(o, around.extent), index), around.inner),
                to = e.mul(e.add(e.mul(o, count), n), around.inner);
          copyRun(e, input, from, e.outputs[0], to, around.inner);
        });
      });
    });
    return success();
  }
};

class GatherNDKernel : public DenseKernel {
public:
  GatherNDKernel() : DenseKernel("gather_nd", "copy") {}

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::GatherNDOp>(getAnchorOp(e.layer));
    TensorView input = viewOperand(e, op.getInput(), "input"),
               indices = viewOperand(e, op.getIndices(), "indices");
    int64_t width = indices.shape().back(), inner = 1;
    for (int64_t extent : input.shape().drop_front(width))
      inner *= extent;
    e.loop(e.outputs[0].type.getNumElements() / inner, [&](Value n) {
      Value from = e.index(0);
      for (int64_t k = 0; k < width; ++k) {
        int64_t extent = input.shape()[k];
        from = e.add(e.mul(from, extent),
                     loadIndex(e, indices, e.add(e.mul(n, width), k), extent));
      }
      copyRun(e, input, e.mul(from, inner), e.outputs[0], e.mul(n, inner),
              inner);
    });
    return success();
  }
};

/// Keeps the best element and its index while it walks along the axis, for
/// neighbours behind the axis in lanes.
template <typename OpTy> class ArgKernel : public ScanKernel {
public:
  using ScanKernel::ScanKernel;

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<OpTy>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    AroundAxis around(in.shape(), op.getAxis());
    Type i32 = e.b.getI32Type();
    int64_t lanes =
        lanesFor(e.facts, std::max<int64_t>(4, qnn::bytesPerElement(in.type)),
                 qnn::isFloat(in.type));
    e.loop(around.outer, [&](Value o) {
      e.forEachVector(around.inner, lanes, [&](Value i, int64_t width) {
        Value first = e.add(e.mul(o, around.extent * around.inner), i);
        Type index = LayerEmitter::lanesOf(i32, width);
        SmallVector<Value> best = e.loop(
            around.extent - 1,
            ValueRange{e.load(in.memref, first, width), e.constant(index, 0)},
            [&](Value k, ValueRange carried) {
              Value next = e.add(k, 1);
              Value x = e.load(in.memref,
                               e.add(first, e.mul(next, around.inner)), width);
              Value at = e.splat(
                  mlir::arith::IndexCastOp::create(e.b, i32, next), width);
              Value isBetter = compare(e, in.type, x, carried[0]);
              return SmallVector<Value>{
                  mlir::arith::SelectOp::create(e.b, isBetter, x, carried[0]),
                  mlir::arith::SelectOp::create(e.b, isBetter, at, carried[1])};
            });
        e.store(e.extend(best[1], memoryTypeOf(out.type), /*isSigned=*/true),
                out.memref, e.add(e.mul(o, around.inner), i));
      });
    });
    return success();
  }

private:
  static Value compare(LayerEmitter &e, Type type, Value a, Value b) {
    using namespace mlir::arith;
    constexpr bool isMax = std::is_same_v<OpTy, qnn::ArgMaxOp>;
    if (qnn::isFloat(type))
      return CmpFOp::create(
          e.b, isMax ? CmpFPredicate::OGT : CmpFPredicate::OLT, a, b);
    if (qnn::isSignedStorage(type))
      return CmpIOp::create(
          e.b, isMax ? CmpIPredicate::sgt : CmpIPredicate::slt, a, b);
    return CmpIOp::create(e.b, isMax ? CmpIPredicate::ugt : CmpIPredicate::ult,
                          a, b);
  }
};

class CumsumKernel : public ScanKernel {
public:
  CumsumKernel() : ScanKernel("cumsum") {}

  bool accepts(Operation *op, const TargetFacts &facts,
               std::string &why) const override {
    Type type = op->getOperand(0).getType();
    unsigned bits = qnn::storageTypeOf(type).getIntOrFloatBitWidth();
    if (bits != qnn::bytesPerElement(type) * 8) {
      why = "the elements do not fill their bytes";
      return false;
    }
    return ScanKernel::accepts(op, facts, why);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::CumsumOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    AroundAxis around(in.shape(), op.getAxis());
    Type element = memoryTypeOf(in.type);
    bool isFloat = qnn::isFloat(in.type);
    int64_t lanes = lanesFor(e.facts, qnn::bytesPerElement(in.type), isFloat);
    e.loop(around.outer, [&](Value o) {
      e.forEachVector(around.inner, lanes, [&](Value i, int64_t width) {
        Type type = LayerEmitter::lanesOf(element, width);
        Value first = e.add(e.mul(o, around.extent * around.inner), i);
        int64_t step = around.inner;
        if (op.getReverse()) {
          first = e.add(first, (around.extent - 1) * around.inner);
          step = -step;
        }
        Value zero = isFloat ? e.constantFloat(type, 0) : e.constant(type, 0);
        e.loop(around.extent, ValueRange{zero},
               [&](Value k, ValueRange carried) {
                 Value at = e.add(first, e.mul(k, step));
                 Value x = e.load(in.memref, at, width), sum = carried[0];
                 Value next =
                     isFloat ? Value(mlir::arith::AddFOp::create(e.b, sum, x))
                             : Value(mlir::arith::AddIOp::create(e.b, sum, x));
                 e.store(op.getExclusive() ? sum : next, out.memref, at);
                 return SmallVector<Value>{next};
               });
      });
    });
    return success();
  }
};

class OneHotKernel : public DenseKernel {
public:
  OneHotKernel() : DenseKernel("one_hot", "select") {}

  bool accepts(Operation *op, const TargetFacts &facts,
               std::string &why) const override {
    return !qnn::isFloat(op->getResultTypes()[0]) || hasFloats(facts, why);
  }

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::OneHotOp>(getAnchorOp(e.layer));
    TensorView indices = viewOperand(e, op.getIndices(), "indices"),
               on = viewOperand(e, op.getOn(), "on"),
               off = viewOperand(e, op.getOff(), "off");
    const TensorView &out = e.outputs[0];
    AroundAxis around(out.shape(), op.getAxis());
    Value onValue = e.load(on.memref, e.index(on.base), 1),
          offValue = e.load(off.memref, e.index(off.base), 1);
    Type wide = qnn::bytesPerElement(indices.type) > 4 ? e.b.getI64Type()
                                                       : e.b.getI32Type();
    e.loop(around.outer, [&](Value o) {
      e.loop(around.inner, [&](Value i) {
        Value index = e.extend(
            e.load(indices.memref, e.add(e.mul(o, around.inner), i), 1), wide,
            /*isSigned=*/true);
        e.loop(around.extent, [&](Value d) {
          Value isOn = mlir::arith::CmpIOp::create(
              e.b, mlir::arith::CmpIPredicate::eq, index,
              mlir::arith::IndexCastOp::create(e.b, wide, d));
          Value value =
              mlir::arith::SelectOp::create(e.b, isOn, onValue, offValue);
          Value at =
              e.add(e.mul(e.add(e.mul(o, around.extent), d), around.inner), i);
          e.store(value, out.memref, at);
        });
      });
    });
    return success();
  }
};

/// Copies the operand, then the update over it.
class DynamicUpdateSliceKernel : public DenseKernel {
public:
  DynamicUpdateSliceKernel() : DenseKernel("dynamic_update_slice", "copy") {}

  LogicalResult emit(LayerEmitter &e) const override {
    auto op = cast<qnn::DynamicUpdateSliceOp>(getAnchorOp(e.layer));
    TensorView input = viewOperand(e, op.getInput(), "input"),
               update = viewOperand(e, op.getUpdate(), "update"),
               starts = viewOperand(e, op.getStarts(), "starts");
    const TensorView &out = e.outputs[0];
    copyRun(e, input, e.index(0), out, e.index(0), out.type.getNumElements());
    Value corner = e.index(0);
    for (auto [axis, extent] : llvm::enumerate(out.shape())) {
      Value start = loadIndex(e, starts, e.index(static_cast<int64_t>(axis)),
                              extent - update.shape()[axis] + 1);
      corner = e.add(corner, e.mul(start, out.strides[axis]));
    }
    TensorView box = out;
    box.type = update.type;
    e.forEachRun({&update, &box}, [&](ArrayRef<Value> at, int64_t count) {
      copyRun(e, update, at[0], box, e.add(at[1], corner), count);
    });
    return success();
  }
};

/// The best element of those that come after the one before, again and again:
/// k walks along the axis.
class TopKKernel : public ScanKernel {
public:
  TopKKernel() : ScanKernel("top_k") {}

  double cyclesOf(Operation *op) const override {
    return 4 * elementsOf(op->getOperand(0).getType()) *
           static_cast<double>(cast<qnn::TopKOp>(op).getK());
  }

  LogicalResult emit(LayerEmitter &e) const override {
    using namespace mlir::arith;
    auto op = cast<qnn::TopKOp>(getAnchorOp(e.layer));
    TensorView in = viewOperand(e, op.getInput(), "input");
    const TensorView &out = e.outputs[0];
    int64_t extent = in.shape().back(), k = static_cast<int64_t>(op.getK());
    bool isFloat = qnn::isFloat(in.type),
         isSigned = qnn::isSignedStorage(in.type);
    Type i32 = e.b.getI32Type();
    auto isLess = [&](Value a, Value b) -> Value {
      if (isFloat)
        return CmpFOp::create(e.b, CmpFPredicate::OLT, a, b);
      return CmpIOp::create(
          e.b, isSigned ? CmpIPredicate::slt : CmpIPredicate::ult, a, b);
    };
    auto isEqual = [&](Value a, Value b) -> Value {
      if (isFloat)
        return CmpFOp::create(e.b, CmpFPredicate::OEQ, a, b);
      return CmpIOp::create(e.b, CmpIPredicate::eq, a, b);
    };
    Value none = e.constant(i32, -1), zero = e.constant(i32, 0);
    e.loop(in.type.getNumElements() / extent, [&](Value row) {
      Value first = e.mul(row, extent);
      Value start = e.load(in.memref, first, 1);
      // The element before and its index, none at the start.
      e.loop(k, ValueRange{start, none}, [&](Value i, ValueRange before) {
        Value isFirst =
            CmpIOp::create(e.b, CmpIPredicate::slt, before[1], zero);
        SmallVector<Value> best = e.loop(
            extent, ValueRange{start, none}, [&](Value j, ValueRange carried) {
              Value x = e.load(in.memref, e.add(first, j), 1);
              Value index = IndexCastOp::create(e.b, i32, j);
              Value isLater =
                  CmpIOp::create(e.b, CmpIPredicate::sgt, index, before[1]);
              Value comesAfter = OrIOp::create(
                  e.b, isLess(x, before[0]),
                  AndIOp::create(e.b, isEqual(x, before[0]), isLater));
              comesAfter = OrIOp::create(e.b, isFirst, comesAfter);
              Value isNew =
                  CmpIOp::create(e.b, CmpIPredicate::slt, carried[1], zero);
              Value isBetter = OrIOp::create(e.b, isNew, isLess(carried[0], x));
              isBetter = AndIOp::create(
                  e.b, AndIOp::create(e.b, comesAfter, isEqual(x, x)),
                  isBetter);
              return SmallVector<Value>{
                  SelectOp::create(e.b, isBetter, x, carried[0]),
                  SelectOp::create(e.b, isBetter, index, carried[1])};
            });
        // None is left where the others are NaNs: index 0.
        Value index = MaxSIOp::create(e.b, best[1], zero);
        Value element = e.load(
            in.memref,
            e.add(first, IndexCastOp::create(e.b, e.b.getIndexType(), index)),
            1);
        e.store(index, out.memref, e.add(e.mul(row, k), i));
        return SmallVector<Value>{element, index};
      });
    });
    return success();
  }
};

} // namespace

void populateIndexKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<ArgKernel<qnn::ArgMaxOp>>("arg_max"));
  kernels.add(std::make_unique<ArgKernel<qnn::ArgMinOp>>("arg_min"));
  kernels.add(std::make_unique<CumsumKernel>());
  kernels.add(std::make_unique<DynamicUpdateSliceKernel>());
  kernels.add(std::make_unique<GatherKernel>());
  kernels.add(std::make_unique<GatherNDKernel>());
  kernels.add(std::make_unique<OneHotKernel>());
  kernels.add(std::make_unique<TopKKernel>());
}

} // namespace qcc
