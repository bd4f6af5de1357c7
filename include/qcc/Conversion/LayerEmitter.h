// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a kernel emits with: views of its tensors in flat memory, constants,
// loops, and vectors that become scalars when one lane is asked for, so that
// one kernel serves targets with and without a vector unit.

#ifndef QCC_CONVERSION_LAYEREMITTER_H
#define QCC_CONVERSION_LAYEREMITTER_H

#include "qcc/Conversion/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace qcc {

/// A tensor in flat memory: element (i0, i1, …) lies at `base + Σ i_k ·
/// strides[k]` elements of `memref`, a `memref<N x storage>`.
struct TensorView {
  mlir::Value memref;
  mlir::RankedTensorType type;
  llvm::SmallVector<int64_t> strides;
  int64_t base = 0;
  /// Spare elements [top, bottom, left, right]; empty when dense.
  llvm::SmallVector<int64_t, 4> pad;
  /// Above 0: bit-planes, and the memref, strides and base are of words of 32
  /// bits, the last axis being the words of a pixel (see `#qnn.buffer`).
  int64_t planes = 0;

  llvm::ArrayRef<int64_t> shape() const { return type.getShape(); }
  /// Elements follow each other without gaps.
  bool isDense() const { return pad.empty(); }
};

/// What a kernel says of the loop by which it divides a layer.
struct Division {
  int64_t iterations = 0; ///< of it, if that is known
  /// If it goes through channels: how many each iteration makes of all pixels.
  int64_t channelsPerIteration = 0;
};

/// Layers of fewer pixels have channels divided rather than pixels.
constexpr int64_t kFewPixels = 16;

class PackedRows;

class LayerEmitter {
public:
  mlir::ImplicitLocOpBuilder b;
  const TargetFacts &facts;
  qnn::LayerOp layer;
  /// One per layer operand and result.
  llvm::SmallVector<TensorView> inputs, outputs;
  /// memref<scratchBytes x i8>, null when none was asked for.
  mlir::Value scratch;
  /// How many threads inParallel divides the layer's work among at most, and
  /// into how many equal shares in all: who is faster takes more of them.
  int64_t parts = 1, shares = 1;
  /// The model has more weights than second-level caches keep.
  bool weightsComeFromAfar = false;
  /// The result lies over an input that it is made of: rows must be finished
  /// one after the other, upwards or downwards.
  bool isRowWise = false, isDescending = false;
  /// Inputs and the result whose rows lie packed: the kernel sees windows.
  llvm::SmallVector<std::shared_ptr<PackedRows>> packedInputs;
  std::shared_ptr<PackedRows> packedResult;
  /// Why the layer cannot be made after all, which a piece of a kernel finds
  /// out; empty if it can.
  std::string refusal;

  LayerEmitter(mlir::OpBuilder &builder, qnn::LayerOp layer,
               const TargetFacts &facts, mlir::ModuleOp module,
               llvm::StringRef symbol);

  KernelChoice getChoice() { return readKernelAttr(*layer.getKernel()); }
  /// Integer parameter `name` of the kernel's config.
  int64_t getConfig(llvm::StringRef name);
  bool hasConfig(llvm::StringRef name);

  //===--- constants ------------------------------------------------------===//

  mlir::Value index(int64_t value);
  /// An integer of `type`, or a splat of it when `type` is a vector.
  mlir::Value constant(mlir::Type type, int64_t value);
  mlir::Value constantFloat(mlir::Type type, double value);
  /// A read-only table in the generated code: `memref<N x element>`. `suffix`
  /// names it within the layer.
  mlir::Value table(llvm::StringRef suffix, mlir::DenseElementsAttr values);
  template <typename T>
  mlir::Value table(llvm::StringRef suffix, llvm::ArrayRef<T> values);

  //===--- index arithmetic, folded
  //-----------------------------------------===//

  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value add(mlir::Value a, int64_t b);
  mlir::Value mul(mlir::Value a, int64_t b);

  //===--- memory
  //-----------------------------------------------------------===//

  /// `lanes` consecutive elements of `memref` from `offset`; a scalar for one
  /// lane. `align`: known bytes.
  mlir::Value load(mlir::Value memref, mlir::Value offset, int64_t lanes,
                   int64_t align = 1);
  void store(mlir::Value value, mlir::Value memref, mlir::Value offset);
  /// The same memory as elements of another size.
  mlir::Value viewAs(mlir::Value memref, mlir::Type element);
  /// The same index, of which optimizers know nothing: what lies there is
  /// loaded each time rather than kept in registers and copied.
  mlir::Value hide(mlir::Value index);
  /// The same scalars, all of which are there before what follows is loaded:
  /// schedulers that multiply all first and then add up would spill.
  llvm::SmallVector<mlir::Value> settle(llvm::ArrayRef<mlir::Value> values);
  /// The type of `lanes` elements: `element` itself for one lane.
  static mlir::Type lanesOf(mlir::Type element, int64_t lanes);
  static int64_t lanesIn(mlir::Type type);
  static mlir::Type withElement(mlir::Type type, mlir::Type element);
  /// `value` in every lane.
  mlir::Value splat(mlir::Value scalar, int64_t lanes);
  /// Vectors of one type (as many as a power of two), one after the other.
  mlir::Value concat(llvm::ArrayRef<mlir::Value> vectors);
  /// The first `lanes` lanes of a vector.
  mlir::Value firstLanes(mlir::Value vector, int64_t lanes);

  //===--- arithmetic on scalars or vectors
  //-------------------------------------===//

  /// Widens an integer (lane-wise) to `element`, by sign or by zero.
  mlir::Value extend(mlir::Value value, mlir::Type element, bool isSigned);
  /// Clamps an i32 (lane-wise) to [lo, hi] and narrows it to `element`; bounds
  /// that the value's type implies are left out by the caller passing them.
  mlir::Value clampAndNarrow(mlir::Value value, int64_t lo, int64_t hi,
                             mlir::Type element);

  //===--- loops
  //----------------------------------------------------------------===//

  using LoopBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::Value iv, mlir::ValueRange carried)>;
  /// for (iv = 0; iv < count; ++iv) with carried values. One trip (or `unroll`)
  /// makes straight-line code.
  llvm::SmallVector<mlir::Value> loop(int64_t count, mlir::ValueRange init,
                                      LoopBody body, bool unroll = false);
  /// for (iv = first; iv < end; ++iv).
  llvm::SmallVector<mlir::Value> loop(mlir::Value first, mlir::Value end,
                                      mlir::ValueRange init, LoopBody body);
  void loop(int64_t count, llvm::function_ref<void(mlir::Value iv)> body,
            bool unroll = false);
  void loop(mlir::Value count, llvm::function_ref<void(mlir::Value iv)> body);

  /// Calls `body(first, size)` for each `perStep` of `count` rows (or joined
  /// pixels) of the only result in the order of the plan, for kernels that
  /// promise a RowWalk; the last size may be smaller. With rows goes what spare
  /// elements are beside them.
  void forEachStep(
      int64_t count, int64_t perStep,
      llvm::function_ref<void(mlir::Value first, mlir::Value size)> body);
  /// The same for single rows.
  void forEachRow(int64_t count, llvm::function_ref<void(mlir::Value y)> body);

  /// Calls `body(offsets, count)` for every maximal run of elements that is
  /// contiguous in all `views` (which have the same shape): `offsets[k]` is the
  /// run's first element in view k, `count` its length, the same for every run.
  void forEachRun(llvm::ArrayRef<const TensorView *> views,
                  llvm::function_ref<void(llvm::ArrayRef<mlir::Value> offsets,
                                          int64_t count)>
                      body);

  /// Calls `body(offset, lanes)` to cover `count` consecutive elements: full
  /// vectors of `lanes` in a loop, then smaller powers of two for the
  /// remainder.
  /// `isDivided`: among parts; otherwise loops of the body may be.
  void forEachVector(
      int64_t count, int64_t lanes,
      llvm::function_ref<void(mlir::Value offset, int64_t lanes)> body,
      bool isDivided = true);

  /// `body` where the indices compare so.
  void doIf(mlir::arith::CmpIPredicate predicate, mlir::Value lhs, int64_t rhs,
            llvm::function_ref<void()> body);

  //===--- parts for several threads
  //--------------------------------------------===//

  /// Calls `body`, whose code runs once for each run of neighbouring shares, at
  /// the same time and in any order: stores go into a loop that is divided
  /// among the shares, or into `once`. What is emitted before is done before
  /// any begins. Without parts all of these are plain code.
  /// Where channels are divided the borders of the results are likewise, so
  /// that they are written where they will be read.
  void inParallel(llvm::function_ref<void()> body, Division division = {});
  /// As `loop`. The outermost of these inside inParallel with an iteration for
  /// each part (and forEachVector, forEachRun likewise) goes through the
  /// iterations of the shares at hand; the first shares have one more where
  /// they are not equal.
  void splitLoop(int64_t count, llvm::function_ref<void(mlir::Value iv)> body);
  /// `body` with the last share alone, or the first, unless a loop around it is
  /// divided.
  void once(llvm::function_ref<void()> body, bool inFirst = false);
  /// Inside inParallel, and no loop around is divided.
  bool isUndivided() const { return firstShare != nullptr; }
  /// Whether a store lay in all parts: a mistake of the kernel.
  bool storedInAllParts() const { return storesInAllParts; }
  /// Asks for `bytes` bytes of `view` from element `offset`, which another
  /// thread may have written, all at once: one miss after the other would be
  /// waited for. Only with as many shares as nobody takes who has taken some.
  void prefetch(const TensorView &view, mlir::Value offset, int64_t bytes);
  /// Whether `outer` equal pieces of work make more equal parts than the
  /// `inner` ones inside each, which share more of what they read.
  bool splitsOuter(int64_t outer, int64_t inner) const;

  /// Writes the zero point into the spare elements around the results, unless
  /// that goes with their rows: at once, or with the first inParallel.
  void fillBorders();
  /// What is still to be written of them when the layer is complete.
  void finishBorders(Division division = {});

private:
  /// Writes the zero point into the spare elements around `view`: into all
  /// channels, or into `width` from `channel` on.
  void fillBorder(const TensorView &view, mlir::Value channel, int64_t width);
  /// A constant that the optimizer takes for unknown. Counting down from a
  /// known one, it would add that to every address of the loop, where it fits
  /// no instruction.
  mlir::Value opaqueIndex(int64_t value);
  /// The zero point in `count` elements from `offset`.
  void fillSpare(const TensorView &view, mlir::Value offset, int64_t count);

  mlir::ModuleOp module;
  std::string symbol;
  /// Where the `count` iterations of a loop begin that belong to share `share`.
  mlir::Value beginOfShare(mlir::Value share, int64_t count);

  /// The shares at hand inside inParallel, until a loop is divided.
  mlir::Value firstShare, endShare;
  bool storesInAllParts = false;
  bool owesBorders = false;
};

} // namespace qcc

#endif // QCC_CONVERSION_LAYEREMITTER_H
