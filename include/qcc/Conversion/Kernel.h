// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kernel interface: one kernel is one description of how a layer becomes
// loops. Selection asks every kernel of a layer's anchor whether it fits and
// what it costs; the memory planner asks what the choice wants of its buffers;
// the lowering asks it to emit. Kernels live in a KernelSet that the caller
// builds, so that an embedder can add his own.

#ifndef QCC_CONVERSION_KERNEL_H
#define QCC_CONVERSION_KERNEL_H

#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Support/TargetFacts.h"

#include "llvm/ADT/StringMap.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace qcc {

class LayerEmitter;

/// Whether an input may, or must, lie as bit-planes rather than bytes.
enum class Planes {
  Never,
  /// As the kernel finds it.
  Either,
  Always,
  /// As result 0 does.
  AsResult
};

/// What a kernel wants of one input's buffer.
struct InputRequirement {
  /// The kernel reads through strides, so the buffer may have spare elements
  /// around H and W (4-D inputs).
  bool acceptsPadding = false;
  /// Spare elements [top, bottom, left, right] that the kernel reads, holding
  /// the zero point; all 0: none wanted.
  std::array<int64_t, 4> padding = {0, 0, 0, 0};
  /// Whether the kernel reads bit-planes (see `#qnn.buffer`).
  Planes planes = Planes::Never;
};

/// How a kernel that makes its result in steps of `rows` rows (axis 1 of four,
/// one batch) uses one input: row y of the result takes the rows y·stride +
/// first … + count − 1, and a step reads what its rows take, nothing else. So
/// the result may lie over input rows that are done with; which of them, the
/// plan decides, and whether steps go upwards or downwards.
struct RowWalk {
  int64_t input = 0, stride = 1, first = 0, count = 1, rows = 1;
  /// Above 0: where neither buffer has spare elements all rows are one, and so
  /// many pixels of it a step.
  int64_t pixels = 0;

  bool operator==(const RowWalk &other) const {
    return std::tie(input, stride, first, count, rows, pixels) ==
           std::tie(other.input, other.stride, other.first, other.count,
                    other.rows, other.pixels);
  }
};

/// A kernel's answer for one layer on one target. Everything is kept in the
/// layer's `kernel` attribute, so that a selected module says it all in text.
struct KernelChoice {
  /// Estimated cycles of one inference; the cheapest kernel wins.
  double cycles = 0;
  /// Parameters for `emit` (tile sizes, …).
  llvm::SmallVector<mlir::NamedAttribute> config;
  /// One per layer input.
  llvm::SmallVector<InputRequirement> inputs;
  /// The kernel writes its results through strides, so that their buffers may
  /// be padded.
  bool producesPadding = false;
  /// The kernel can write result 0 as bit-planes.
  bool producesPlanes = false;
  /// Inputs whose memory result 0 may take over: no element is read after the
  /// result's element of the same index is written.
  llvm::SmallVector<int64_t> inPlaceInputs;
  /// The same for other results, which are states that a layer updates: pairs
  /// of a result and the input whose memory it may take over.
  llvm::SmallVector<std::pair<int64_t, int64_t>> inPlaceStates;
  /// At most one per input. The kernel must then go by
  /// LayerEmitter::forEachRow or forEachStep.
  llvm::SmallVector<RowWalk> walks;
  /// Bytes of scratch memory wanted in the arena, 64-byte aligned, for the time
  /// of the layer.
  int64_t scratchBytes = 0;
  /// Behind these, for a kernel that packs bytes where result 0 lies as
  /// bit-planes.
  int64_t planeScratchBytes = 0;
  /// Of both what a layer wants whose result 0 lies in `planes` planes.
  int64_t scratchFor(int64_t planes) const {
    return scratchBytes + (planes > 0 ? planeScratchBytes : 0);
  }
  /// Bytes of weights, and of the same as a kernel that does not pack them has
  /// them; both 0: not told.
  int64_t weightBytes = 0, plainWeightBytes = 0;
};

/// What the multiplying kernels compute with: bytes; bytes so small that sums
/// have 16 bits; weights of few bits that become bytes in registers;
/// bit-planes; tables of sums of activations.
enum class KernelFamily { Int8, Narrow, Container, BitSerial, Lut };

/// What a family may be called where all are meant too, for messages.
inline constexpr llvm::StringLiteral kKernelFamilies =
    "auto, int8, narrow, container, bitserial or lut";

/// The family called `name`; none for `auto`, too.
std::optional<KernelFamily> parseKernelFamily(llvm::StringRef name);

class Kernel {
public:
  virtual ~Kernel() = default;

  /// Unique name, op and method: "conv2d.gemm".
  virtual llvm::StringRef getName() const = 0;

  /// Name of the operation the kernel implements: "qnn.conv2d". The anchor is
  /// the first operation of a layer's region that is no constant. Kernels for
  /// layers of several operations, whatever the first, have "qnn.layer".
  virtual llvm::StringRef getAnchor() const = 0;

  /// Kernels that multiply nothing are of the plain one.
  virtual KernelFamily getFamily() const { return KernelFamily::Int8; }

  /// The choice for `layer` on `facts`, or failure with the reason in `why`.
  virtual mlir::FailureOr<KernelChoice> match(qnn::LayerOp layer,
                                              const TargetFacts &facts,
                                              std::string &why) const = 0;

  /// Emits the body of the layer's function.
  virtual mlir::LogicalResult emit(LayerEmitter &emitter) const = 0;
};

/// The kernels that a compilation may choose from.
class KernelSet {
public:
  void add(std::unique_ptr<Kernel> kernel);
  /// Kernels for the operation called `anchor`, in the order they were added.
  llvm::ArrayRef<const Kernel *> lookup(llvm::StringRef anchor) const;
  /// The kernel called `name`, or null.
  const Kernel *find(llvm::StringRef name) const;
  /// The names of all, in the order they were added.
  llvm::SmallVector<llvm::StringRef> getNames() const;

private:
  std::vector<std::unique_ptr<Kernel>> owned;
  llvm::StringMap<llvm::SmallVector<const Kernel *>> byAnchor;
};

/// A set of every kernel of qcc: what passes take that are given none.
std::shared_ptr<const KernelSet> makeKernelSet();

/// The kernel that copies between bytes and bit-planes, which the planner takes
/// where a producer and its consumers do not agree.
constexpr llvm::StringLiteral kPlaneCopyKernel = "copy.planes";

/// Every kernel of qcc. Each family adds its own.
void populateKernels(KernelSet &kernels);
void populateBitserialKernels(KernelSet &kernels);
void populateBlockMatrixKernels(KernelSet &kernels);
void populateConvKernels(KernelSet &kernels);
void populateDepthwiseGroupKernels(KernelSet &kernels);
void populateDepthwiseKernels(KernelSet &kernels);
void populateDepthwiseNarrowKernels(KernelSet &kernels);
void populateDepthwiseRISCVKernels(KernelSet &kernels);
void populateDirectMacKernels(KernelSet &kernels);
void populateElementwiseKernels(KernelSet &kernels);
void populateIndexKernels(KernelSet &kernels);
void populateNormalizeKernels(KernelSet &kernels);
void populatePlaneKernels(KernelSet &kernels);
void populatePoolKernels(KernelSet &kernels);
void populateReduceKernels(KernelSet &kernels);
void populateResizeKernels(KernelSet &kernels);
void populateLstmKernels(KernelSet &kernels);
void populateLutKernels(KernelSet &kernels);
void populateSvdfKernels(KernelSet &kernels);
void populateShapeKernels(KernelSet &kernels);
void populateSoftmaxKernels(KernelSet &kernels);

/// What is made small: the time; or bytes of weights, for up to half as much
/// time again.
enum class KernelGoal { Time, Size };

/// What a goal may be called, for messages.
inline constexpr llvm::StringLiteral kKernelGoals = "time or size";

/// The goal called `name`, if there is one.
std::optional<KernelGoal> parseKernelGoal(llvm::StringRef name);

/// What decides among the kernels that fit a layer, beside their cycles.
struct KernelPreference {
  /// Only of this one, where it has any that fit.
  std::optional<KernelFamily> family;
  KernelGoal goal = KernelGoal::Time;
  /// Cycles that a byte of weights takes to come.
  double cyclesPerByte = 0;
};

/// Bytes of the constants in `op`.
int64_t countConstantBytes(mlir::Operation *op);

/// Gives `layer` the best of `kernels` that fits it on `facts`, explained in a
/// remark; failure after an error that lists each kernel's reason when none
/// does. A kernel's time is its cycles and what its weights take to come, and
/// as many bytes as it has scratch memory, to which others' give way. The least
/// wins; of times within 2 % of that, which estimates do not tell apart, the
/// one with the least scratch memory, and then the fewest bytes of weights. For
/// KernelGoal::Size the fewest bytes of all times within 1.5 of the least.
mlir::LogicalResult selectKernel(qnn::LayerOp layer, const TargetFacts &facts,
                                 const KernelSet &kernels,
                                 const KernelPreference &preference = {});

/// The operation that decides a layer's kernel, or null for an empty region.
mlir::Operation *getAnchorOp(qnn::LayerOp layer);

/// Whether a layer holds more than one operation, constants aside.
bool hasSeveralOps(qnn::LayerOp layer);

/// Whether result `result` may take over the memory of input `input`.
bool mayTakeOver(const KernelChoice &choice, int64_t result, int64_t input);

/// In how many bit-planes result 0 of `layer` is planned to lie; 0: in bytes.
int64_t planesOfResult(qnn::LayerOp layer);

/// At how many bits rows of `value` are planned to be packed; 0: they are not.
int64_t rowBitsOf(mlir::Value value);

/// Bytes of scratch memory of a planned layer, whose kernel wants what its
/// attribute says or `choice`.
int64_t scratchBytesOf(qnn::LayerOp layer);
int64_t scratchBytesOf(qnn::LayerOp layer, const KernelChoice &choice);

/// The `#qnn.kernel` attribute that records `choice`, and its parts read back.
qnn::KernelAttr buildKernelAttr(mlir::MLIRContext *context,
                                llvm::StringRef name,
                                const KernelChoice &choice);
KernelChoice readKernelAttr(qnn::KernelAttr attr);

} // namespace qcc

#endif // QCC_CONVERSION_KERNEL_H
