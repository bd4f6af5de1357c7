// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The planner of one function's memory: what qnn-plan-memory (PlanMemory.cpp)
// decides, and the copies that it takes for it (PlanCopies.cpp).

#ifndef QCC_LIB_CONVERSION_FUNCTIONPLANNER_H
#define QCC_LIB_CONVERSION_FUNCTIONPLANNER_H

#include "qcc/Conversion/Passes.h"
#include "qcc/Conversion/RowWalk.h"
#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Schedule/ArenaPlanner.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "llvm/ADT/MapVector.h"

namespace qcc {

inline bool isZero(const Padding &pad) { return pad == Padding{}; }

/// The value that `value` is a reshape of.
inline mlir::Value storageOf(mlir::Value value) {
  while (auto reshape = value.getDefiningOp<qnn::ReshapeOp>())
    value = reshape.getInput();
  return value;
}

/// A use of a storage by a layer.
struct Use {
  mlir::OpOperand *operand;
  qnn::LayerOp layer() const {
    return llvm::cast<qnn::LayerOp>(operand->getOwner());
  }
  unsigned index() const { return operand->getOperandNumber(); }
};

/// Which tensors of few bits lie in packed rows: those that make the arena
/// smaller at little cost, or at any; all that can; none.
enum class PackRows { Auto, Smaller, Always, Never };

/// Plans one function.
class FunctionPlanner {
public:
  FunctionPlanner(mlir::func::FuncOp func, const TargetFacts &facts,
                  const KernelSet &kernels, bool ioInArena, PackRows packRows)
      : func(func), facts(facts), kernels(kernels), ioInArena(ioInArena),
        packRows(packRows) {}

  mlir::LogicalResult run();
  int64_t numCopies = 0;

private:
  /// Storages that share memory.
  struct Group {
    llvm::SmallVector<mlir::Value> members;
    int64_t firstUse = 0, lastUse = 0, bytes = 0;
    /// Caller's memory; arena when it is none.
    qnn::MemorySpace space = qnn::MemorySpace::Arena;
    int64_t index = 0, offset = 0;
  };
  struct Plan {
    llvm::MapVector<mlir::Value, Padding> pads;
    std::vector<Group> groups;
    llvm::DenseMap<mlir::Value, unsigned> groupOf;
    llvm::DenseMap<mlir::Operation *, int64_t> scratchOffsets;
    /// Layers whose result lies over an input such that rows go downwards.
    llvm::DenseSet<mlir::Operation *> descending;
    ArenaPlan arena;
  };

  /// A result and an input that dies in its layer, which it may lie over.
  struct Overlap {
    qnn::LayerOp layer;
    unsigned result, input; ///< Groups.
    OverlapDistance distance;
  };

  /// What the function does to one variable.
  struct Access {
    qnn::VariableOp variable;
    qnn::ReadVariableOp read;
    qnn::AssignVariableOp assign;
    int64_t offset = 0;
  };

  mlir::LogicalResult check();
  mlir::LogicalResult checkState(mlir::Operation &op);
  /// Gives every assigned value a storage of its own, made by a layer that may
  /// write to the variable's place.
  mlir::LogicalResult separateAssigned();
  /// The last operation that reads the storage, or null.
  mlir::Operation *lastReader(mlir::Value storage);
  bool mayWriteInPlace(mlir::OpResult result, mlir::Value oldValue);
  void placeVariables();
  bool isAssigned(mlir::Value storage);
  const KernelChoice &choiceOf(qnn::LayerOp layer);
  InputRequirement requirementOf(const Use &use);
  llvm::SmallVector<Use> usesOf(mlir::Value storage);
  bool hasReshape(mlir::Value storage);
  bool isReturned(mlir::Value storage) {
    return llvm::is_contained(
        llvm::map_range(terminator.getOperands(), storageOf), storage);
  }
  bool isPaddable(mlir::Value storage);
  /// `toPlanes`: of bytes.
  mlir::FailureOr<mlir::Value> insertCopy(mlir::Value source,
                                          mlir::Operation *before,
                                          bool toPlanes = false);
  mlir::LogicalResult separateReturned();
  bool reshapesKeepWords(mlir::Value storage);
  void findPacked();
  mlir::LogicalResult insertPackingCopies();
  /// Bit-planes of the value's storage; 0: bytes.
  int64_t planesOf(mlir::Value value) {
    mlir::Value storage = storageOf(value);
    return packed.contains(storage) ? qnn::bitCodeOf(storage.getType())->bits
                                    : 0;
  }
  /// Bits that rows of the value's storage are packed at; 0: they are not.
  int64_t rowBitsOf(mlir::Value value) {
    mlir::Value storage = storageOf(value);
    return packedRows.contains(storage)
               ? qnn::rowCodeOf(storage.getType())->bits
               : 0;
  }
  int64_t scratchBytesOf(qnn::LayerOp layer);
  bool mayPackRows(mlir::Value value);
  double cyclesToPackRows(mlir::Value value);
  /// The best plan there is, after little effort.
  Plan makeQuickPlan() { return makePlan(Widen::Never, /*limit=*/0); }
  /// Packs rows of those values that make the arena smaller so.
  void choosePackedRows();
  PaddedTensor padded(mlir::Value value, const Padding &pad) {
    return {llvm::cast<mlir::RankedTensorType>(value.getType()), pad,
            planesOf(value), rowBitsOf(value)};
  }
  int64_t paddedBytes(mlir::Value value, const Padding &pad) {
    return padded(value, pad).bytes();
  }
  mlir::LogicalResult insertPaddingCopies();
  /// Whether a result and the operand whose memory it takes over may get the
  /// larger of their paddings to agree, and which operand is then preferred:
  /// the one that grows least, or the one whose result grows least.
  enum class Widen { Never, Result, Operand };
  /// The plan under `widen`, looked for with effort if it may take less than
  /// `limit` bytes.
  Plan makePlan(Widen widen, int64_t limit);
  void mergeInPlace(Plan &plan, qnn::LayerOp layer, int64_t step, Widen widen);
  mlir::LogicalResult checkSizes(const Plan &plan);
  void findOverlaps(const Plan &plan, qnn::LayerOp layer, int64_t step,
                    llvm::SmallVectorImpl<Overlap> &overlaps);
  void write(const Plan &plan);

  mlir::func::FuncOp func;
  const TargetFacts &facts;
  const KernelSet &kernels;
  bool ioInArena;
  PackRows packRows;
  mlir::func::ReturnOp terminator;
  llvm::MapVector<mlir::StringAttr, Access> accesses;
  int64_t stateBytes = 0;
  /// Storages that lie as bit-planes.
  llvm::DenseSet<mlir::Value> packed;
  /// Those whose rows lie packed.
  llvm::DenseSet<mlir::Value> packedRows;
  llvm::DenseMap<mlir::Operation *, std::unique_ptr<KernelChoice>> choices;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_FUNCTIONPLANNER_H
