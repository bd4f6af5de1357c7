// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What kernels that are no convolutions share: operands as views, broadcasting,
// functions of one stored value as tables, and floats that round like the
// interpreter's.

#ifndef QCC_LIB_CONVERSION_KERNELS_KERNELSUPPORT_H
#define QCC_LIB_CONVERSION_KERNELS_KERNELSUPPORT_H

#include "qcc/Conversion/LayerEmitter.h"

#include <optional>
#include <string>
#include <vector>

namespace qcc {

/// Vector lanes for elements of `bytes` bytes; 1 without a vector unit, or for
/// floats (`isFloat`) without vectors of floats.
int64_t lanesFor(const TargetFacts &facts, int64_t bytes, bool isFloat = false);

/// True when the layer holds its anchor alone, constants aside; else false with
/// the reason in `why`.
bool isSingleOp(qnn::LayerOp layer, std::string &why);

/// The same for an operation that has its next states as further results, all
/// of which the layer yields.
bool isStateLayer(qnn::LayerOp layer, mlir::Operation *anchor,
                  std::string &why);

/// True when the target can compute on floats; else false with the reason.
bool hasFloats(const TargetFacts &facts, std::string &why);

/// The storage type of `type` in memory: the next of i8, i16, i32, i64 for
/// integers, since sub-byte values take a byte.
mlir::Type memoryTypeOf(mlir::Type type);

/// The usual choice of an element-wise kernel: reads and writes through
/// strides, may run in place of every operand that the anchor allows, and takes
/// `cyclesPerVector` for each `lanes` elements of the result.
KernelChoice makeElementwiseChoice(qnn::LayerOp layer, int64_t lanes,
                                   double cyclesPerVector);

/// The same for kernels that go by forEachRun, forEachBroadcastRun or
/// emitUnary: where memory is small, the result may lie over operands of its
/// shape.
KernelChoice makeRowwiseChoice(qnn::LayerOp layer, const TargetFacts &facts,
                               int64_t lanes, double cyclesPerVector);

/// `operand` of the anchor as a view: a layer input, or a constant as a
/// read-only table called `suffix`.
TensorView viewOperand(LayerEmitter &e, mlir::Value operand,
                       llvm::StringRef suffix);

/// `view` with the shape of `type`, to which it broadcasts under NumPy's rules:
/// repeated axes have stride 0.
TensorView broadcastView(const TensorView &view, mlir::RankedTensorType type);

/// Calls `body(offsets, isRepeated, count)` for every maximal run of elements
/// of views of the same shape, each of which is either contiguous along the run
/// or the same element throughout (`isRepeated`).
void forEachBroadcastRun(
    LayerEmitter &e, llvm::ArrayRef<const TensorView *> views,
    llvm::function_ref<void(llvm::ArrayRef<mlir::Value> offsets,
                            llvm::ArrayRef<bool> isRepeated, int64_t count)>
        body);

/// The results of an operation on one operand (beside constants of one element)
/// for each stored value of the operand's 8-bit type, in order from the least
/// storable value of the bit width (−128 or 0), as the reference interpreter
/// defines them: the table and the definition cannot differ. Values outside a
/// narrow storage range repeat the nearest one. Nothing when no interpretation
/// is attached.
struct UnaryTable {
  /// Stored integers of an integer or quantized result.
  std::vector<int64_t> integers;
  /// Values of a float result.
  std::vector<float> floats;
};
std::optional<UnaryTable> tabulateUnary(mlir::Operation *op);

/// The operand that `op` is a function of 256 values of: 8-bit, while all
/// others are constants of one element. Nothing when there is none.
std::optional<unsigned> getTabulatedOperand(mlir::Operation *op);

/// a < b ? b : a and b < a ? b : a: C++'s std::max and std::min, which keep a
/// NaN in `a` and a signed zero, unlike the IEEE operations.
mlir::Value maxFloat(LayerEmitter &e, mlir::Value a, mlir::Value b);
mlir::Value minFloat(LayerEmitter &e, mlir::Value a, mlir::Value b);
/// min(max(value, lo), hi) in these terms; infinite bounds emit nothing.
mlir::Value clampFloat(LayerEmitter &e, mlir::Value value, float lo, float hi);

/// Clamps an integer to [lo, hi] where [knownLo, knownHi] exceeds it.
mlir::Value clampInteger(LayerEmitter &e, mlir::Value value, int64_t lo,
                         int64_t hi, int64_t knownLo, int64_t knownHi,
                         bool isSigned = true);

/// Reduces or widens an integer (lane-wise) to `element`.
mlir::Value resizeInteger(LayerEmitter &e, mlir::Value value,
                          mlir::Type element, bool isSigned);

/// Calls `convert` on vectors of the anchor's only operand and stores what it
/// gives as the result.
void emitUnary(LayerEmitter &e, int64_t lanes,
               llvm::function_ref<mlir::Value(mlir::Value)> convert);
/// The same of operand `operand`, whose shape is the result's.
void emitUnary(LayerEmitter &e, int64_t lanes, unsigned operand,
               llvm::function_ref<mlir::Value(mlir::Value)> convert);

/// A kernel for one-operand operations called "<op>.<method>".
class UnaryKernel : public Kernel {
public:
  UnaryKernel(llvm::StringRef op, llvm::StringRef method)
      : anchor(("qnn." + op).str()), name((op + "." + method).str()) {}
  llvm::StringRef getName() const override { return name; }
  llvm::StringRef getAnchor() const override { return anchor; }

private:
  std::string anchor, name;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_KERNELSUPPORT_H
