// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One function of structured loops over flat memrefs as the body of a C
// function. It knows every operation that a lowered loops-stage function of a
// scalar target consists of, and fails by name on any other.

#ifndef QCC_TARGET_C_CFUNCTION_H
#define QCC_TARGET_C_CFUNCTION_H

#include "CExpression.h"
#include "CRanges.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"
#include <set>

namespace qcc::c {

/// Memory as a C expression of pointer type.
struct Pointer {
  Expression expression;
  /// Of an element.
  Type element = Type::I8;
  bool isConst = false;
  /// Never written by anyone.
  bool isTable = false;
};

/// What the functions of one file share.
struct FileScope {
  const Ranges &ranges;
  /// Of every file-scope name: the model's C name.
  std::string prefix;
  /// C names of functions and tables by symbol.
  llvm::StringMap<std::string> names;
  /// Element types of tables by symbol.
  llvm::StringMap<Type> tableTypes;
  /// Parameters of functions by symbol: element type and constness.
  llvm::StringMap<llvm::SmallVector<Pointer>> parameters;
  /// Suffixes of the helper functions that were used; see helperDefinition.
  std::set<std::string> helpers;
};

/// The definition of the helper function called `prefix_suffix`, and the
/// helpers that it calls itself.
std::string helperDefinition(llvm::StringRef suffix, llvm::StringRef prefix);
llvm::ArrayRef<llvm::StringRef> helperCallees(llvm::StringRef suffix);
/// The suffixes of all helpers; each after those that it calls.
llvm::SmallVector<llvm::StringRef> allHelpers();

/// The element type that reads best for what is done with `memref`: unsigned
/// where loads are zero-extended, or only such values stored.
Type pickElementType(mlir::Value memref, const Ranges &ranges);
/// The integer that `value` is, sign-extended, if it is a constant.
std::optional<int64_t> constantOf(mlir::Value value);
/// Longer operands are given a name, so that statements stay readable.
inline constexpr size_t longestOperand = 64;
/// Whether the function that `memref` belongs to stores to it.
bool isWritten(mlir::Value memref);

class FunctionPrinter {
public:
  FunctionPrinter(FileScope &fileScope, llvm::raw_ostream &stream)
      : file(fileScope), out(stream) {}

  /// Names for the arguments; before printBody.
  void bindArgument(mlir::Value argument, Pointer pointer);
  /// Reserves `name` for the caller, who prints its declaration.
  void reserve(llvm::StringRef name) { used.insert(name); }
  /// The statements of `func`, indented; a `return` included.
  mlir::LogicalResult printBody(mlir::func::FuncOp func);

private:
  //===--- names and statements -------------------------------------------===//

  std::string fresh(llvm::StringRef base);
  std::string freshCounter();
  void line(const llvm::Twine &text);
  void open(const llvm::Twine &text);
  void close(llvm::StringRef text = "}");
  mlir::LogicalResult printBlock(mlir::Block &block);

  //===--- values ---------------------------------------------------------===//

  /// Keeps `e` for the one use of `value`, or gives it a name.
  void bind(mlir::Value value, Expression e);
  /// The expression of `value`, which is printed now.
  Expression use(mlir::Value value);
  /// ... whose value is the signed (two's complement) or the unsigned reading
  /// of the integer.
  Expression signedReading(mlir::Value value);
  Expression unsignedReading(mlir::Value value);
  /// ... converted to `type` exactly, for an assignment.
  Expression as(mlir::Value value, Type type);
  /// Declares what has to be read before memory changes.
  void flushReads();
  std::string declare(mlir::Value value, const Expression &e);
  std::string hintFor(mlir::Value value);
  /// The type of a variable that carries `value` around a loop or out of an if.
  Type carriedType(mlir::Value value);
  bool wraps(mlir::Value value, llvm::SmallPtrSetImpl<void *> &seen);
  std::string helper(llvm::StringRef suffix);
  bool isNonNegative(mlir::Value value);

  //===--- operations -----------------------------------------------------===//

  mlir::LogicalResult printOp(mlir::Operation &op);
  mlir::LogicalResult refuse(mlir::Operation &op, const llvm::Twine &why);
  mlir::LogicalResult printConstant(mlir::arith::ConstantOp op);
  void printArithmetic(mlir::Operation &op, llvm::StringRef sign,
                       Binding binding);
  void printShift(mlir::Operation &op);
  void printBitwise(mlir::Operation &op, llvm::StringRef sign,
                    llvm::StringRef logical, Binding binding,
                    Binding logicalBinding);
  void printDivision(mlir::Operation &op, llvm::StringRef sign, bool isSigned);
  void printMinMax(mlir::Operation &op, bool isMax, bool isSigned);
  bool printClamp(mlir::Operation &op, bool isMax);
  void printExtension(mlir::Operation &op, bool isSigned);
  void printTruncation(mlir::arith::TruncIOp op);
  void printIndexCast(mlir::Operation &op, bool isSigned);
  void printCompare(mlir::arith::CmpIOp op);
  mlir::LogicalResult printCompare(mlir::arith::CmpFOp op);
  void printSelect(mlir::arith::SelectOp op);
  mlir::LogicalResult printBitcast(mlir::arith::BitcastOp op);
  void printExtendedProduct(mlir::Operation &op, bool isSigned);
  void printFloat(mlir::Operation &op, llvm::StringRef sign, Binding binding);
  mlir::LogicalResult printLoad(mlir::memref::LoadOp op);
  mlir::LogicalResult printStore(mlir::memref::StoreOp op);
  void printView(mlir::memref::ViewOp op);
  mlir::LogicalResult printAlloca(mlir::memref::AllocaOp op);
  mlir::LogicalResult printFor(mlir::scf::ForOp op);
  mlir::LogicalResult printIf(mlir::scf::IfOp op);
  mlir::LogicalResult printCall(mlir::func::CallOp op);
  mlir::FailureOr<Expression> elementAt(mlir::Operation *op, mlir::Value memref,
                                        mlir::OperandRange indices);
  /// Assigns the operands of a yield to variables, all at once.
  void assign(mlir::ValueRange values, llvm::ArrayRef<Expression> variables);

  FileScope &file;
  llvm::raw_ostream &out;
  unsigned indent = 2;
  llvm::DenseMap<mlir::Value, Expression> values;
  llvm::DenseMap<mlir::Value, Pointer> pointers;
  /// Values kept for their one use, which read memory.
  llvm::SetVector<mlir::Value> pendingReads;
  llvm::StringSet<> used;
  /// Names of the open scopes, innermost last.
  llvm::SmallVector<llvm::SmallVector<std::string>> scopes = {{}};
  /// A value was used that no operation had printed.
  bool lostValue = false;
  /// Variables that loops assign to.
  llvm::StringSet<> variables;
};

} // namespace qcc::c

#endif // QCC_TARGET_C_CFUNCTION_H
