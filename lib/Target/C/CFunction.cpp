// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations as C. A value with one use in its own block becomes part of the
// expression that uses it; what reads memory is given a name before memory
// changes. Integers are kept as expressions of either reading, signed or
// unsigned, and converted only where an operation minds.

#include "CFunction.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace qcc::c {
namespace {

bool isBool(Value value) { return value.getType().isInteger(1); }

/// Whether `op` reads the integer that it is given as an unsigned one.
std::optional<bool> readsUnsigned(Operation *op) {
  if (isa<arith::ExtUIOp, arith::UIToFPOp, arith::IndexCastUIOp, arith::MaxUIOp,
          arith::MinUIOp, arith::DivUIOp, arith::RemUIOp, arith::ShRUIOp>(op))
    return true;
  if (isa<arith::ExtSIOp, arith::SIToFPOp, arith::IndexCastOp, arith::MaxSIOp,
          arith::MinSIOp, arith::DivSIOp, arith::RemSIOp, arith::ShRSIOp>(op))
    return false;
  if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
    switch (compare.getPredicate()) {
    case arith::CmpIPredicate::eq:
    case arith::CmpIPredicate::ne:
      return std::nullopt;
    case arith::CmpIPredicate::slt:
    case arith::CmpIPredicate::sle:
    case arith::CmpIPredicate::sgt:
    case arith::CmpIPredicate::sge:
      return false;
    default:
      return true;
    }
  }
  return std::nullopt;
}

} // namespace

std::optional<int64_t> constantOf(Value value) {
  APInt found;
  if (!matchPattern(value, m_ConstantInt(&found)))
    return std::nullopt;
  return found.getSExtValue();
}

Type pickElementType(Value memref, const Ranges &ranges) {
  mlir::Type element = cast<MemRefType>(memref.getType()).getElementType();
  if (element.isF32())
    return Type::F32;
  if (element.isF64())
    return Type::F64;
  unsigned width = element.getIntOrFloatBitWidth();
  unsigned asSigned = 0, asUnsigned = 0;
  for (Operation *user : memref.getUsers()) {
    if (auto load = dyn_cast<memref::LoadOp>(user)) {
      for (Operation *reader : load->getUsers())
        if (std::optional<bool> isUnsigned = readsUnsigned(reader))
          ++(*isUnsigned ? asUnsigned : asSigned);
    } else if (auto store = dyn_cast<memref::StoreOp>(user)) {
      auto narrowed = store.getValueToStore().getDefiningOp<arith::TruncIOp>();
      if (store.getMemRef() != memref || !narrowed)
        continue;
      Ranges::Interval range = ranges.of(narrowed.getIn());
      if (range.lo < 0)
        ++asSigned;
      else if (width < 64 && range.hi > llvm::maxIntN(width))
        ++asUnsigned;
    }
  }
  return storageType(width, /*isSigned=*/!asUnsigned || asSigned);
}

bool isWritten(Value memref) {
  return llvm::any_of(memref.getUses(), [](OpOperand &use) {
    Operation *user = use.getOwner();
    if (auto view = dyn_cast<memref::ViewOp>(user))
      return isWritten(view);
    auto store = dyn_cast<memref::StoreOp>(user);
    return (store && store.getMemRef() == use.get()) || isa<func::CallOp>(user);
  });
}

//===----------------------------------------------------------------------===//
// Names and statements
//===----------------------------------------------------------------------===//

std::string FunctionPrinter::fresh(StringRef base) {
  std::string name = base.str();
  for (unsigned n = 1; !used.insert(name).second; ++n)
    name = base.str() + std::to_string(n);
  scopes.back().push_back(name);
  return name;
}

std::string FunctionPrinter::freshCounter() {
  for (StringRef name : {"i", "j", "k", "l", "m", "n"})
    if (!used.contains(name))
      return fresh(name);
  return fresh("i");
}

void FunctionPrinter::line(const Twine &text) {
  writeWrapped(out, text.str(), indent);
}

void FunctionPrinter::open(const Twine &text) {
  line(text);
  indent += 2;
  scopes.emplace_back();
}

void FunctionPrinter::close(StringRef text) {
  for (const std::string &name : scopes.pop_back_val())
    used.erase(name);
  indent -= 2;
  if (!text.empty())
    line(text);
}

LogicalResult FunctionPrinter::printBlock(Block &block) {
  for (Operation &op : block)
    if (failed(printOp(op)))
      return failure();
  return success();
}

void FunctionPrinter::bindArgument(Value argument, Pointer pointer) {
  pointers[argument] = std::move(pointer);
}

LogicalResult FunctionPrinter::printBody(func::FuncOp func) {
  if (!func.getBody().hasOneBlock())
    return func.emitError("function '")
           << func.getName()
           << "' has several blocks: control flow must be structured";
  if (failed(printBlock(func.getBody().front())))
    return failure();
  if (lostValue)
    return func.emitError("function '")
           << func.getName() << "' uses a value that has no form in C";
  return success();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

void FunctionPrinter::bind(Value value, Expression e) {
  if (value.use_empty())
    return;
  bool isCheapIndex =
      value.getType().isIndex() && e.cost <= 1 && !e.readsMemory;
  bool isNegativeLiteral = e.cost == 0 && e.binding == Binding::Unary;
  bool isShortLiteral = isNegativeLiteral || e.isAtom();
  bool hasOneUse =
      value.hasOneUse() &&
      value.use_begin()->getOwner()->getBlock() == value.getParentBlock() &&
      e.text.size() <= longestOperand;
  if (isShortLiteral || isCheapIndex || hasOneUse) {
    if (e.readsMemory)
      pendingReads.insert(value);
    values[value] = std::move(e);
    return;
  }
  declare(value, e);
}

std::string FunctionPrinter::declare(Value value, const Expression &e) {
  std::string name = fresh(hintFor(value));
  line("const " + spell(e.type) + " " + name + " = " + e.text + ";");
  values[value] = atom(name, e.type);
  return name;
}

Expression FunctionPrinter::use(Value value) {
  pendingReads.remove(value);
  auto found = values.find(value);
  lostValue |= found == values.end();
  return found == values.end() ? atom("lost", Type::Int) : found->second;
}

void FunctionPrinter::flushReads() {
  for (Value value : pendingReads.takeVector())
    declare(value, values.lookup(value));
}

bool FunctionPrinter::isNonNegative(Value value) {
  return file.ranges.of(value).isNonNegative();
}

Expression FunctionPrinter::signedReading(Value value) {
  Expression e = use(value);
  unsigned width = widthOf(value.getType());
  if (!isUnsigned(e.type) || bitsOf(e.type) < width ||
      (width < 32 && isNonNegative(value)))
    return e;
  return castTo(storageType(width, /*isSigned=*/true), e);
}

Expression FunctionPrinter::unsignedReading(Value value) {
  Expression e = use(value);
  unsigned width = widthOf(value.getType());
  if (isUnsigned(e.type) && (bitsOf(e.type) == width || width < 32))
    return e;
  if (width < 32 && isNonNegative(value))
    return e;
  Type type = storageType(width, /*isSigned=*/false);
  if (std::optional<int64_t> constant = constantOf(value))
    return integerLiteral(*constant, type);
  return castTo(type, e);
}

Expression FunctionPrinter::as(Value value, Type type) {
  if (isFloat(type) || type == Type::Bool)
    return use(value);
  if (!isUnsigned(type))
    return signedReading(value);
  Expression e = unsignedReading(value);
  return isUnsigned(e.type) ? e : castTo(type, e);
}

std::string FunctionPrinter::hintFor(Value value) {
  mlir::Type type = value.getType();
  if (auto load = value.getDefiningOp<memref::LoadOp>()) {
    auto table = load.getMemRef().getDefiningOp<memref::GetGlobalOp>();
    if (!table)
      return "x";
    StringRef suffix = table.getName().rsplit('.').second;
    suffix =
        suffix.rsplit('_').second.empty() ? suffix : suffix.rsplit('_').second;
    return suffix == "weights" ? "w" : suffix == "bias" ? "b" : suffix.str();
  }
  if (type.isIndex())
    return "at";
  if (isBool(value))
    return "is";
  if (isa<FloatType>(type))
    return "y";
  return type.getIntOrFloatBitWidth() == 64 ? "p" : "t";
}

bool FunctionPrinter::wraps(Value value, llvm::SmallPtrSetImpl<void *> &seen) {
  if (!seen.insert(value.getAsOpaquePointer()).second)
    return false;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    return loop && argument.getArgNumber() > 0 &&
           wraps(loop.getYieldedValues()[argument.getArgNumber() - 1], seen);
  }
  Operation *op = value.getDefiningOp();
  unsigned index = cast<OpResult>(value).getResultNumber();
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return wraps(loop.getYieldedValues()[index], seen);
  if (isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::ShLIOp>(op))
    return file.ranges.mayOverflow(op);
  return false;
}

Type FunctionPrinter::carriedType(Value value) {
  mlir::Type type = value.getType();
  if (type.isF32())
    return Type::F32;
  if (type.isF64())
    return Type::F64;
  if (isBool(value))
    return Type::Bool;
  if (type.isIndex())
    return Type::Int;
  llvm::SmallPtrSet<void *, 8> seen;
  unsigned width = widthOf(type);
  return computeType(width, /*isSigned=*/width < 32 || !wraps(value, seen));
}

std::string FunctionPrinter::helper(StringRef suffix) {
  file.helpers.insert(suffix.str());
  return file.prefix + "_" + suffix.str();
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

FailureOr<Expression> FunctionPrinter::elementAt(Operation *op, Value memref,
                                                 OperandRange indices) {
  auto type = cast<MemRefType>(memref.getType());
  auto found = pointers.find(memref);
  if (found == pointers.end() || !type.hasStaticShape() ||
      !type.getLayout().isIdentity())
    return refuse(*op, "reads or writes memory of a shape that is not flat");
  Expression index = integerLiteral(0, Type::Int);
  for (auto [axis, position] : llvm::enumerate(indices)) {
    Expression e = use(position);
    if (axis > 0)
      index =
          binary(Binding::Product, "*", index,
                 integerLiteral(type.getDimSize(axis), Type::Int), Type::Int);
    index = axis == 0 ? e : binary(Binding::Sum, "+", index, e, Type::Int);
  }
  const Pointer &pointer = found->second;
  Expression e = element(pointer.expression.text, index, pointer.element);
  e.readsMemory |= !pointer.isTable;
  return e;
}

LogicalResult FunctionPrinter::printLoad(memref::LoadOp op) {
  FailureOr<Expression> e = elementAt(op, op.getMemRef(), op.getIndices());
  if (failed(e))
    return failure();
  bind(op, *e);
  return success();
}

LogicalResult FunctionPrinter::printStore(memref::StoreOp op) {
  Value value = op.getValueToStore();
  auto found = pointers.find(op.getMemRef());
  if (found == pointers.end() || found->second.isTable)
    return refuse(*op, "writes memory that is not known or constant");
  Type type = found->second.element;
  Expression e = use(value);
  // Same bits, another reading; or an int that is known to fit.
  if (!isFloat(type) && (bitsOf(e.type) > bitsOf(type) ||
                         (bitsOf(e.type) == bitsOf(type) &&
                          isUnsigned(e.type) != isUnsigned(type)))) {
    std::optional<int64_t> constant = constantOf(value);
    if (constant && !isBool(value))
      e = isUnsigned(type) && bitsOf(type) < 32
              ? integerLiteral(*constant & llvm::maxUIntN(bitsOf(type)),
                               Type::Int)
              : integerLiteral(*constant, type);
    else
      e = castTo(type, e);
  }
  FailureOr<Expression> target = elementAt(op, op.getMemRef(), op.getIndices());
  if (failed(target))
    return failure();
  flushReads();
  line(target->text + " = " + e.text + ";");
  return success();
}

void FunctionPrinter::printView(memref::ViewOp op) {
  const Pointer source = pointers.lookup(op.getSource());
  Type element = pickElementType(op, file.ranges);
  Expression offset = use(op.getByteShift());
  Expression address =
      constantOf(op.getByteShift()) == 0
          ? source.expression
          : binary(Binding::Sum, "+", source.expression, offset, Type::I8);
  std::string qualifier = source.isConst ? "const " : "";
  Pointer result = {address, element, source.isConst, false};
  if (element != source.element) {
    std::string text = address.binding < Binding::Unary
                           ? "(" + address.text + ")"
                           : address.text;
    // Through void *, because only the planner knows that it is aligned.
    if (bitsOf(element) > 8)
      text = "(" + qualifier + "void *)" + text;
    result.expression.text =
        "(" + qualifier + spell(element).str() + " *)" + text;
    result.expression.binding = Binding::Unary;
    result.expression.cost = 1;
  }
  bool onlyPassed = llvm::all_of(
      op->getUsers(), [](Operation *user) { return isa<func::CallOp>(user); });
  if (!onlyPassed) {
    std::string name = fresh("view");
    line(qualifier + spell(element) + " *const " + name + " = " +
         result.expression.text + ";");
    result.expression = atom(name, element);
  }
  pointers[op] = result;
}

LogicalResult FunctionPrinter::printAlloca(memref::AllocaOp op) {
  auto type = op.getType();
  if (!type.hasStaticShape() || !type.getLayout().isIdentity())
    return refuse(*op, "has no static flat shape");
  Type element = pickElementType(op, file.ranges);
  std::string name = fresh("local");
  line(spell(element) + " " + name + "[" + Twine(type.getNumElements()) + "];");
  pointers[op] = {atom(name, element), element, false, false};
  return success();
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

/// Whether identifier `name` stands in `text`.
static bool mentions(StringRef text, StringRef name) {
  auto isWord = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  for (size_t at = text.find(name); at != StringRef::npos;
       at = text.find(name, at + 1)) {
    size_t end = at + name.size();
    if ((at == 0 || !isWord(text[at - 1])) &&
        (end == text.size() || !isWord(text[end])))
      return true;
  }
  return false;
}

void FunctionPrinter::assign(ValueRange newValues,
                             ArrayRef<Expression> targets) {
  SmallVector<Expression> next;
  for (auto [value, target] : llvm::zip(newValues, targets))
    next.push_back(as(value, target.type));
  // All at once: a variable that a later assignment still reads is saved.
  for (size_t i = 0; i < targets.size(); ++i) {
    if (next[i].text == targets[i].text)
      continue;
    for (size_t j = i + 1; j < targets.size(); ++j)
      if (mentions(next[j].text, targets[i].text)) {
        std::string name = fresh("next");
        line("const " + spell(targets[j].type) + " " + name + " = " +
             next[j].text + ";");
        next[j] = atom(name, targets[j].type);
      }
  }
  for (auto [e, target] : llvm::zip(next, targets)) {
    if (e.text == target.text)
      continue;
    if (!e.augend.empty() && e.augend == target.text)
      line(target.text + " += " + e.addend + ";");
    else
      line(target.text + " = " + e.text + ";");
  }
}

LogicalResult FunctionPrinter::printFor(scf::ForOp op) {
  Expression from = use(op.getLowerBound()), to = use(op.getUpperBound()),
             step = use(op.getStep());
  if (!op.getInductionVar().getType().isIndex() &&
      widthOf(op.getInductionVar().getType()) != 32)
    return refuse(*op, "counts in another width than 32 bits");
  auto nameIt = [&](Expression &e, Value value) {
    if (e.cost)
      e = atom(declare(value, e), e.type);
  };
  nameIt(to, op.getUpperBound());
  nameIt(step, op.getStep());
  SmallVector<Expression> carried;
  for (auto [init, argument, result] :
       llvm::zip(op.getInitArgs(), op.getRegionIterArgs(), op.getResults())) {
    Type type = carriedType(argument);
    Expression first = as(init, type);
    std::string name = first.text;
    // A variable that nobody else wants goes on being the same.
    bool isVariable =
        isa<BlockArgument>(init) || init.getDefiningOp<scf::ForOp>();
    if (!isVariable || !variables.contains(name) || !init.hasOneUse() ||
        first.type != type) {
      name = fresh(isFloat(type) ? "sum" : type == Type::Int ? "at" : "acc");
      line(spell(type) + " " + name + " = " + first.text + ";");
      variables.insert(name);
    }
    carried.push_back(atom(name, type));
    values[argument] = carried.back();
    values[result] = carried.back();
  }
  flushReads();
  scopes.emplace_back();
  std::string counter = freshCounter();
  values[op.getInductionVar()] = atom(counter, Type::Int);
  std::string advance =
      step.text == "1" ? counter + "++" : counter + " += " + step.text;
  open("for (int " + counter + " = " + from.text + "; " + counter + " < " +
       to.text + "; " + advance + ") {");
  if (failed(printBlock(*op.getBody())))
    return failure();
  assign(op.getBody()->getTerminator()->getOperands(), carried);
  close();
  used.erase(counter);
  scopes.pop_back();
  return success();
}

LogicalResult FunctionPrinter::printIf(scf::IfOp op) {
  Expression condition = use(op.getCondition());
  SmallVector<Expression> results;
  for (Value result : op.getResults()) {
    Type type = carriedType(result);
    results.push_back(atom(fresh(isFloat(type) ? "y" : "t"), type));
    line(spell(type) + " " + results.back().text + ";");
    values[result] = results.back();
  }
  flushReads();
  open("if (" + condition.text + ") {");
  if (failed(printBlock(*op.thenBlock())))
    return failure();
  assign(op.thenYield().getOperands(), results);
  if (Block *otherwise = op.elseBlock()) {
    close("");
    open("} else {");
    if (failed(printBlock(*otherwise)))
      return failure();
    assign(op.elseYield().getOperands(), results);
  }
  close();
  return success();
}

LogicalResult FunctionPrinter::printCall(func::CallOp op) {
  auto callee = file.parameters.find(op.getCallee());
  if (callee == file.parameters.end() || op->getNumResults())
    return refuse(*op, "calls a function that is not one of the layers");
  SmallVector<Expression> arguments;
  for (auto [operand, parameter] :
       llvm::zip(op.getOperands(), callee->second)) {
    const Pointer pointer = pointers.lookup(operand);
    Expression e = pointer.expression;
    if (pointer.element != parameter.element) {
      std::string text =
          e.binding < Binding::Unary ? "(" + e.text + ")" : e.text;
      std::string qualifier =
          parameter.isConst || pointer.isConst ? "const " : "";
      e.text = "(" + qualifier + spell(parameter.element).str() + " *)" + text;
    }
    arguments.push_back(e);
  }
  flushReads();
  line(call(file.names.lookup(op.getCallee()), arguments, Type::Int).text +
       ";");
  return success();
}

//===----------------------------------------------------------------------===//
// The table of operations
//===----------------------------------------------------------------------===//

LogicalResult FunctionPrinter::refuse(Operation &op, const Twine &why) {
  return op.emitOpError() << why << ": it has no form in C";
}

LogicalResult FunctionPrinter::printOp(Operation &op) {
  for (mlir::Type type : op.getResultTypes())
    if (isa<VectorType>(type))
      return refuse(op, "makes a vector");
  auto done = [](auto &&action) -> LogicalResult {
    action();
    return success();
  };
  auto first = [&] { return op.getOperand(0); };
  auto result = [&] { return op.getResult(0); };
  auto floatType = [](Value value) {
    return value.getType().isF64() ? Type::F64 : Type::F32;
  };
  auto floatFunction = [&](StringRef name) {
    bool isDouble = result().getType().isF64();
    SmallVector<Expression> arguments;
    for (Value operand : op.getOperands())
      arguments.push_back(use(operand));
    bind(result(), call(helper((name + (isDouble ? "64" : "")).str()),
                        arguments, floatType(result())));
  };
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      // Integers.
      .Case([&](arith::ConstantOp c) { return printConstant(c); })
      .Case([&](arith::AddIOp) {
        return done([&] { printArithmetic(op, "+", Binding::Sum); });
      })
      .Case([&](arith::SubIOp) {
        return done([&] { printArithmetic(op, "-", Binding::Sum); });
      })
      .Case([&](arith::MulIOp) {
        return done([&] { printArithmetic(op, "*", Binding::Product); });
      })
      .Case<arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp>(
          [&](Operation *) { return done([&] { printShift(op); }); })
      .Case([&](arith::AndIOp) {
        return done([&] {
          printBitwise(op, "&", "&&", Binding::BitAnd, Binding::And);
        });
      })
      .Case([&](arith::OrIOp) {
        return done(
            [&] { printBitwise(op, "|", "||", Binding::BitOr, Binding::Or); });
      })
      .Case([&](arith::XOrIOp) {
        return done([&] {
          printBitwise(op, "^", "!=", Binding::BitXor, Binding::Equality);
        });
      })
      .Case([&](arith::DivSIOp) {
        return done([&] { printDivision(op, "/", true); });
      })
      .Case([&](arith::DivUIOp) {
        return done([&] { printDivision(op, "/", false); });
      })
      .Case([&](arith::RemSIOp) {
        return done([&] { printDivision(op, "%", true); });
      })
      .Case([&](arith::RemUIOp) {
        return done([&] { printDivision(op, "%", false); });
      })
      .Case([&](arith::MinSIOp) {
        return done([&] { printMinMax(op, false, true); });
      })
      .Case([&](arith::MaxSIOp) {
        return done([&] { printMinMax(op, true, true); });
      })
      .Case([&](arith::MinUIOp) {
        return done([&] { printMinMax(op, false, false); });
      })
      .Case([&](arith::MaxUIOp) {
        return done([&] { printMinMax(op, true, false); });
      })
      .Case([&](arith::ExtSIOp) {
        return done([&] { printExtension(op, true); });
      })
      .Case([&](arith::ExtUIOp) {
        return done([&] { printExtension(op, false); });
      })
      .Case(
          [&](arith::TruncIOp t) { return done([&] { printTruncation(t); }); })
      .Case([&](arith::IndexCastOp) {
        return done([&] { printIndexCast(op, true); });
      })
      .Case([&](arith::IndexCastUIOp) {
        return done([&] { printIndexCast(op, false); });
      })
      .Case([&](arith::CmpIOp c) { return done([&] { printCompare(c); }); })
      .Case([&](arith::SelectOp s) { return done([&] { printSelect(s); }); })
      .Case([&](arith::MulSIExtendedOp) {
        if (widthOf(first().getType()) != 32)
          return refuse(op, "is a product of more than 64 bits");
        return done([&] { printExtendedProduct(op, true); });
      })
      .Case([&](arith::MulUIExtendedOp) {
        if (widthOf(first().getType()) != 32)
          return refuse(op, "is a product of more than 64 bits");
        return done([&] { printExtendedProduct(op, false); });
      })
      .Case([&](math::CountLeadingZerosOp) {
        unsigned width = widthOf(first().getType());
        if (width != 32 && width != 64)
          return refuse(op, "counts zeros of another width than 32 or 64");
        return done([&] {
          bind(result(), call(helper(width == 64 ? "clz64" : "clz"),
                              {unsignedReading(first())}, Type::I32));
        });
      })
      // Floats.
      .Case([&](arith::AddFOp) {
        return done([&] { printFloat(op, "+", Binding::Sum); });
      })
      .Case([&](arith::SubFOp) {
        return done([&] { printFloat(op, "-", Binding::Sum); });
      })
      .Case([&](arith::MulFOp) {
        return done([&] { printFloat(op, "*", Binding::Product); });
      })
      .Case([&](arith::DivFOp) {
        return done([&] { printFloat(op, "/", Binding::Product); });
      })
      .Case([&](arith::NegFOp) {
        return done([&] { bind(result(), unary("-", use(first()))); });
      })
      .Case<arith::MaxNumFOp, arith::MinNumFOp, arith::MaximumFOp,
            arith::MinimumFOp>([&](Operation *) {
        bool isMax = isa<arith::MaxNumFOp, arith::MaximumFOp>(op);
        bool keepsNaN = isa<arith::MaximumFOp, arith::MinimumFOp>(op);
        return done([&] {
          floatFunction(keepsNaN ? (isMax ? "maximum" : "minimum")
                                 : (isMax ? "fmax" : "fmin"));
        });
      })
      .Case([&](arith::CmpFOp c) { return printCompare(c); })
      .Case([&](arith::SIToFPOp) {
        return done([&] {
          Expression e = isBool(first()) ? unary("-", use(first()))
                                         : signedReading(first());
          bind(result(), castTo(floatType(result()), e));
        });
      })
      .Case([&](arith::UIToFPOp) {
        return done([&] {
          Expression e =
              isBool(first()) ? use(first()) : unsignedReading(first());
          bind(result(), castTo(floatType(result()), e));
        });
      })
      .Case([&](arith::FPToSIOp) {
        return done([&] {
          bind(result(), castTo(storageType(widthOf(result().getType()), true),
                                use(first())));
        });
      })
      .Case([&](arith::FPToUIOp) {
        return done([&] {
          bind(result(), castTo(storageType(widthOf(result().getType()), false),
                                use(first())));
        });
      })
      .Case<arith::ExtFOp, arith::TruncFOp>([&](Operation *) {
        return done(
            [&] { bind(result(), castTo(floatType(result()), use(first()))); });
      })
      .Case([&](arith::BitcastOp b) { return printBitcast(b); })
      .Case([&](math::AbsFOp) { return done([&] { floatFunction("abs"); }); })
      .Case([&](math::CopySignOp) {
        return done([&] { floatFunction("copysign"); });
      })
      .Case([&](math::SqrtOp) {
        if (!result().getType().isF32())
          return refuse(op, "is a square root of a double");
        return done([&] { floatFunction("sqrt"); });
      })
      // Memory and control flow.
      .Case([&](memref::GetGlobalOp get) {
        return done([&] {
          pointers[get] = {atom(file.names.lookup(get.getName()), Type::I8),
                           file.tableTypes.lookup(get.getName()), true, true};
        });
      })
      .Case([&](memref::LoadOp load) { return printLoad(load); })
      .Case([&](memref::StoreOp store) { return printStore(store); })
      .Case([&](memref::ViewOp view) { return done([&] { printView(view); }); })
      .Case([&](memref::AllocaOp alloca) { return printAlloca(alloca); })
      .Case([&](scf::ForOp loop) { return printFor(loop); })
      .Case([&](scf::IfOp branch) { return printIf(branch); })
      .Case([&](func::CallOp call) { return printCall(call); })
      .Case([&](scf::YieldOp) { return success(); })
      .Case([&](func::ReturnOp leave) {
        if (leave.getNumOperands())
          line("return " + use(leave.getOperand(0)).text + ";");
        return success();
      })
      .Case([&](ub::PoisonOp poison) {
        return done([&] {
          bind(poison, atom(isa<FloatType>(poison.getType()) ? "0.0f" : "0",
                            Type::Int));
        });
      })
      .Default([&](Operation *) {
        return op.emitError("operation '")
               << op.getName() << "' has no form in C";
      });
}

} // namespace qcc::c
