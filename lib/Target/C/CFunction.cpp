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

/// Longer ones are given a name, so that statements stay readable.
constexpr size_t longestOperand = 64;

std::optional<int64_t> constantOf(Value value) {
  APInt found;
  if (!matchPattern(value, m_ConstantInt(&found)))
    return std::nullopt;
  return found.getSExtValue();
}

bool isBool(Value value) { return value.getType().isInteger(1); }

/// C's type for the result of signed arithmetic.
Type signedTypeOf(Value value) {
  return value.getType().isIndex() ? Type::Int
                                   : computeType(widthOf(value.getType()),
                                                 /*isSigned=*/true);
}

/// Two operands of which C is to compute in 64 bits: one must have them.
void widen(Expression &a, Expression &b, unsigned width) {
  if (width <= 32 || bitsOf(a.type) > 32 || bitsOf(b.type) > 32)
    return;
  bool isLiteral = a.isAtom() && llvm::isDigit(a.text[0]);
  (isLiteral ? b : a) = castTo(Type::I64, isLiteral ? b : a);
}

/// Whether `op` reads the integer that it is given as an unsigned one.
std::optional<bool> readsUnsigned(Operation *op) {
  if (isa<arith::ExtUIOp, arith::UIToFPOp, arith::IndexCastUIOp,
          arith::MaxUIOp, arith::MinUIOp, arith::DivUIOp, arith::RemUIOp,
          arith::ShRUIOp>(op))
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
      auto narrowed =
          store.getValueToStore().getDefiningOp<arith::TruncIOp>();
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
  bool hasOneUse = value.hasOneUse() &&
                   value.use_begin()->getOwner()->getBlock() ==
                       value.getParentBlock() &&
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
    suffix = suffix.rsplit('_').second.empty() ? suffix
                                               : suffix.rsplit('_').second;
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
// Integers
//===----------------------------------------------------------------------===//

LogicalResult FunctionPrinter::printConstant(arith::ConstantOp op) {
  Value result = op.getResult();
  if (auto number = dyn_cast<FloatAttr>(op.getValue())) {
    bool isSingle = op.getType().isF32();
    if (!isSingle && !op.getType().isF64())
      return refuse(*op, "is a float of another width than 32 or 64 bits");
    Type type = isSingle ? Type::F32 : Type::F64;
    APFloat value = number.getValue();
    if (value.isFinite()) {
      bind(result, floatLiteral(number.getValueAsDouble(), type));
      return success();
    }
    // Infinities and NaN have names only in <math.h>.
    uint64_t bits = value.bitcastToAPInt().getZExtValue();
    Expression e =
        call(helper(isSingle ? "from_bits" : "from_bits64"),
             {integerLiteral(static_cast<int64_t>(bits),
                             isSingle ? Type::U32 : Type::U64)},
             type);
    e.cost = 0;
    bind(result, e);
    return success();
  }
  auto number = dyn_cast<IntegerAttr>(op.getValue());
  if (!number)
    return refuse(*op, "is neither an integer nor a float");
  if (isBool(result)) {
    bind(result, atom(number.getValue().isZero() ? "0" : "1", Type::Bool));
    return success();
  }
  int64_t value = number.getValue().getSExtValue();
  bool isIndex = op.getType().isIndex();
  if (isIndex && value != static_cast<int32_t>(value))
    return refuse(*op, "is an index beyond 32 bits");
  Type type = isIndex || value == static_cast<int32_t>(value) ? Type::Int
                                                              : Type::I64;
  bind(result, integerLiteral(value, type));
  return success();
}

void FunctionPrinter::printArithmetic(Operation &op, StringRef sign,
                                      Binding binding) {
  Value lhs = op.getOperand(0), rhs = op.getOperand(1), to = op.getResult(0);
  unsigned width = widthOf(to.getType());
  if (isBool(to)) {
    // Modulo 2: sums and differences differ where the operands do.
    bool isProduct = binding == Binding::Product;
    bind(to, binary(isProduct ? Binding::And : Binding::Equality,
                    isProduct ? "&&" : "!=", use(lhs), use(rhs), Type::Bool));
    return;
  }
  bool mayOverflow = file.ranges.mayOverflow(&op);
  if (!mayOverflow || width < 32) {
    Expression a = signedReading(lhs), b = signedReading(rhs);
    widen(a, b, width);
    // x + -3 is x - 3.
    std::optional<int64_t> constant = constantOf(rhs);
    Expression e;
    if (sign == "+" && constant && *constant < 0 && *constant > -(1LL << 31) &&
        b.cost == 0)
      e = binary(binding, "-", a, integerLiteral(-*constant, Type::Int),
                 signedTypeOf(to));
    else
      e = binary(binding, sign, a, b, signedTypeOf(to));
    // Within an int nothing is lost; the cast wraps.
    if (mayOverflow)
      e = castTo(storageType(width, /*isSigned=*/true), e);
    bind(to, e);
    return;
  }
  Expression a = unsignedReading(lhs), b = unsignedReading(rhs);
  bind(to, binary(binding, sign, a, b, storageType(width, false)));
}

void FunctionPrinter::printShift(Operation &op) {
  Value lhs = op.getOperand(0), rhs = op.getOperand(1), to = op.getResult(0);
  unsigned width = widthOf(to.getType());
  Expression amount = signedReading(rhs);
  if (isa<arith::ShLIOp>(op)) {
    std::optional<int64_t> constant = constantOf(rhs);
    bool fits = !file.ranges.mayOverflow(&op);
    if (fits && !isNonNegative(lhs) && constant && *constant < 31) {
      // A negative number is not shifted to the left in C.
      Expression a = signedReading(lhs),
                 b = integerLiteral(int64_t{1} << *constant, Type::Int);
      widen(a, b, width);
      bind(to, binary(Binding::Product, "*", a, b, signedTypeOf(to)));
      return;
    }
    if (fits && isNonNegative(lhs)) {
      Expression a = signedReading(lhs);
      if (width > 32)
        a = castTo(Type::I64, a);
      bind(to, binary(Binding::Shift, "<<", a, amount, signedTypeOf(to)));
      return;
    }
    Type type = computeType(width, /*isSigned=*/false);
    Expression e = binary(Binding::Shift, "<<", castTo(type, unsignedReading(lhs)),
                          amount, type);
    if (width < 32)
      e = castTo(storageType(width, /*isSigned=*/false), e);
    bind(to, e);
    return;
  }
  bool isSigned = isa<arith::ShRSIOp>(op) || isNonNegative(lhs);
  // Only the bits that a narrowing drops would differ.
  if (!isSigned && to.hasOneUse())
    if (auto narrowing = dyn_cast<arith::TruncIOp>(*to.user_begin()))
      if (std::optional<int64_t> constant = constantOf(rhs))
        isSigned = widthOf(narrowing.getType()) + *constant <= width;
  Expression a = isSigned ? signedReading(lhs) : unsignedReading(lhs);
  if (width > 32)
    a = castTo(isSigned || !isUnsigned(a.type) ? Type::I64 : Type::U64, a);
  Type type = isSigned ? signedTypeOf(to) : computeType(width, false);
  if (width < 32)
    type = Type::I32;
  bind(to, binary(Binding::Shift, ">>", a, amount, type));
}

void FunctionPrinter::printBitwise(Operation &op, StringRef sign,
                                   StringRef logical, Binding binding,
                                   Binding logicalBinding) {
  Value lhs = op.getOperand(0), rhs = op.getOperand(1), to = op.getResult(0);
  if (isBool(to)) {
    bind(to, binary(logicalBinding, logical, use(lhs), use(rhs), Type::Bool));
    return;
  }
  unsigned width = widthOf(to.getType());
  auto isWide = [&](Value value) {
    Type type = values.lookup(value).type;
    return isUnsigned(type) && bitsOf(type) == width && width >= 32;
  };
  if (isWide(lhs) || isWide(rhs)) {
    bind(to, binary(binding, sign, unsignedReading(lhs), unsignedReading(rhs),
                    storageType(width, false)));
    return;
  }
  Expression a = signedReading(lhs), b = signedReading(rhs);
  widen(a, b, width);
  bind(to, binary(binding, sign, a, b, signedTypeOf(to)));
}

void FunctionPrinter::printDivision(Operation &op, StringRef sign,
                                    bool isSigned) {
  Value lhs = op.getOperand(0), rhs = op.getOperand(1), to = op.getResult(0);
  unsigned width = widthOf(to.getType());
  isSigned |= isNonNegative(lhs) && isNonNegative(rhs);
  if (!isSigned && width >= 32) {
    bind(to, binary(Binding::Product, sign, unsignedReading(lhs),
                    unsignedReading(rhs), storageType(width, false)));
    return;
  }
  Expression a = isSigned ? signedReading(lhs) : unsignedReading(lhs),
             b = isSigned ? signedReading(rhs) : unsignedReading(rhs);
  widen(a, b, width);
  Expression e = binary(Binding::Product, sign, a, b, signedTypeOf(to));
  if (!isSigned)
    e = castTo(storageType(width, /*isSigned=*/false), e);
  bind(to, e);
}

bool FunctionPrinter::printClamp(Operation &op, bool isMax) {
  // min(max(x, lo), hi) and max(min(x, hi), lo), where lo <= hi.
  Operation *inner = op.getOperand(0).getDefiningOp();
  bool isOther = inner && (isMax ? isa<arith::MinSIOp>(inner)
                                 : isa<arith::MaxSIOp>(inner));
  return isOther && inner->hasOneUse() &&
         inner->getBlock() == op.getBlock() &&
         constantOf(inner->getOperand(1)) && constantOf(op.getOperand(1)) &&
         (*constantOf(inner->getOperand(1)) <= *constantOf(op.getOperand(1))) !=
             isMax;
}

void FunctionPrinter::printMinMax(Operation &op, bool isMax, bool isSigned) {
  Value lhs = op.getOperand(0), rhs = op.getOperand(1), to = op.getResult(0);
  unsigned width = widthOf(to.getType());
  isSigned |= isNonNegative(lhs) && isNonNegative(rhs);
  std::string wide = width > 32 ? "64" : "";
  if (isSigned && !isBool(to)) {
    // The first of two that make a clamp waits for the second.
    if (to.hasOneUse() && (*to.user_begin())->getBlock() == op.getBlock() &&
        isa<arith::MinSIOp, arith::MaxSIOp>(*to.user_begin()) &&
        isa<arith::MinSIOp, arith::MaxSIOp>(op) &&
        printClamp(**to.user_begin(), isa<arith::MaxSIOp>(*to.user_begin())) &&
        to.user_begin()->getOperand(0) == to) {
      Expression e = signedReading(lhs);
      if (e.text.size() > longestOperand || e.readsMemory)
        e = atom(declare(lhs, e), e.type);
      values[to] = e;
      return;
    }
    if (isa<arith::MinSIOp, arith::MaxSIOp>(op) && printClamp(op, isMax)) {
      int64_t a = *constantOf(lhs.getDefiningOp()->getOperand(1)),
              b = *constantOf(rhs);
      bind(to, call(helper("clamp" + wide),
                    {use(lhs), integerLiteral(std::min(a, b), Type::Int),
                     integerLiteral(std::max(a, b), Type::Int)},
                    signedTypeOf(to)));
      return;
    }
  }
  std::string suffix =
      (isMax ? "max" : "min") + std::string(isSigned ? "" : "u") + wide;
  Expression a = isSigned ? signedReading(lhs) : as(lhs, computeType(width, false)),
             b = isSigned ? signedReading(rhs) : as(rhs, computeType(width, false));
  bind(to, call(helper(suffix), {a, b},
                isSigned ? signedTypeOf(to) : computeType(width, false)));
}

void FunctionPrinter::printExtension(Operation &op, bool isSigned) {
  Value from = op.getOperand(0);
  if (isBool(from)) {
    Expression e = use(from);
    bind(op.getResult(0), isSigned ? unary("-", e) : e);
    return;
  }
  // C widens by itself where the expression is used.
  bind(op.getResult(0),
       isSigned ? signedReading(from) : unsignedReading(from));
}

void FunctionPrinter::printTruncation(arith::TruncIOp op) {
  Value from = op.getIn();
  unsigned width = widthOf(op.getType());
  if (width == 1) {
    Expression bit = binary(Binding::BitAnd, "&", signedReading(from),
                            integerLiteral(1, Type::Int), Type::I32);
    bind(op, binary(Binding::Equality, "!=", bit,
                    integerLiteral(0, Type::Int), Type::Bool));
    return;
  }
  // The reading that keeps the value, where one does.
  Ranges::Interval range = file.ranges.of(from);
  bool isSigned = width >= 32 || !range.isNonNegative() || range.hi <= llvm::maxIntN(width) ||
                  range.hi > static_cast<int64_t>(llvm::maxUIntN(width));
  bind(op, castTo(storageType(width, isSigned), use(from)));
}

void FunctionPrinter::printIndexCast(Operation &op, bool isSigned) {
  Value from = op.getOperand(0), to = op.getResult(0);
  unsigned have = widthOf(from.getType()), want = widthOf(to.getType());
  if (want > have)
    return printExtension(op, isSigned);
  if (want == have)
    return bind(to, castTo(signedTypeOf(to), signedReading(from)));
  bind(to, castTo(to.getType().isIndex() ? Type::Int : storageType(want, true),
                signedReading(from)));
}

void FunctionPrinter::printCompare(arith::CmpIOp op) {
  using Predicate = arith::CmpIPredicate;
  Value lhs = op.getLhs(), rhs = op.getRhs();
  StringRef sign;
  bool isSigned = true, isEquality = false;
  switch (op.getPredicate()) {
  case Predicate::eq:
    sign = "==", isEquality = true;
    break;
  case Predicate::ne:
    sign = "!=", isEquality = true;
    break;
  case Predicate::ult:
    isSigned = false;
    [[fallthrough]];
  case Predicate::slt:
    sign = "<";
    break;
  case Predicate::ule:
    isSigned = false;
    [[fallthrough]];
  case Predicate::sle:
    sign = "<=";
    break;
  case Predicate::ugt:
    isSigned = false;
    [[fallthrough]];
  case Predicate::sgt:
    sign = ">";
    break;
  case Predicate::uge:
    isSigned = false;
    [[fallthrough]];
  case Predicate::sge:
    sign = ">=";
    break;
  }
  Expression a, b;
  if (isBool(lhs)) {
    // As signed numbers they are 0 and -1.
    bool swaps = isSigned && !isEquality;
    a = use(swaps ? rhs : lhs), b = use(swaps ? lhs : rhs);
  } else if (isSigned || (isNonNegative(lhs) && isNonNegative(rhs))) {
    a = signedReading(lhs), b = signedReading(rhs);
    widen(a, b, widthOf(lhs.getType()));
  } else {
    a = unsignedReading(lhs), b = unsignedReading(rhs);
  }
  bind(op, binary(isEquality ? Binding::Equality : Binding::Relation, sign, a,
                  b, Type::Bool));
}

void FunctionPrinter::printSelect(arith::SelectOp op) {
  Value yes = op.getTrueValue(), no = op.getFalseValue();
  Expression condition = use(op.getCondition());
  if (isa<FloatType>(op.getType()) || isBool(yes)) {
    Expression a = use(yes), b = use(no);
    return bind(op, conditional(condition, a, b, a.type));
  }
  unsigned width = widthOf(op.getType());
  auto isWide = [&](Value value) {
    Type type = values.lookup(value).type;
    return isUnsigned(type) && bitsOf(type) == width && width >= 32;
  };
  if (isWide(yes) && isWide(no)) {
    Expression a = use(yes), b = use(no);
    return bind(op, conditional(condition, a, b, a.type));
  }
  Expression a = signedReading(yes), b = signedReading(no);
  widen(a, b, width);
  bind(op, conditional(condition, a, b, signedTypeOf(op)));
}

void FunctionPrinter::printExtendedProduct(Operation &op, bool isSigned) {
  Value lhs = op.getOperand(0), rhs = op.getOperand(1);
  unsigned width = widthOf(lhs.getType());
  Type wide = isSigned ? Type::I64 : Type::U64;
  Expression a = isSigned ? signedReading(lhs) : unsignedReading(lhs),
             b = isSigned ? signedReading(rhs) : unsignedReading(rhs);
  Expression product =
      binary(Binding::Product, "*", castTo(wide, a), castTo(wide, b), wide);
  std::string name = fresh("p");
  line("const " + spell(wide) + " " + name + " = " + product.text + ";");
  Expression whole = atom(name, wide);
  Type half = storageType(width, isSigned);
  bind(op.getResult(0), castTo(half, whole));
  bind(op.getResult(1),
       castTo(half, binary(Binding::Shift, ">>", whole,
                         integerLiteral(width, Type::Int), wide)));
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

void FunctionPrinter::printFloat(Operation &op, StringRef sign,
                                 Binding binding) {
  Expression a = use(op.getOperand(0)), b = use(op.getOperand(1));
  bind(op.getResult(0), binary(binding, sign, a, b, a.type));
}

LogicalResult FunctionPrinter::printCompare(arith::CmpFOp op) {
  using Predicate = arith::CmpFPredicate;
  Expression a = use(op.getLhs()), b = use(op.getRhs());
  auto compare = [&](StringRef sign) {
    bool isEquality = sign == "==" || sign == "!=";
    return binary(isEquality ? Binding::Equality : Binding::Relation, sign, a,
                  b, Type::Bool);
  };
  auto negate = [&](const Expression &e) { return unary("!", e); };
  auto eitherWay = [&] {
    return binary(Binding::Or, "||", compare("<"), compare(">"), Type::Bool);
  };
  auto isNaN = [&](const Expression &e, StringRef sign) {
    return binary(Binding::Equality, sign, e, e, Type::Bool);
  };
  // The text of an operand may stand twice: it must be a name.
  bool twice = op.getPredicate() == Predicate::ONE ||
               op.getPredicate() == Predicate::UEQ ||
               op.getPredicate() == Predicate::ORD ||
               op.getPredicate() == Predicate::UNO;
  if (twice) {
    if (a.cost)
      a = atom(declare(op.getLhs(), a), a.type);
    if (op.getLhs() == op.getRhs())
      b = a;
    else if (b.cost)
      b = atom(declare(op.getRhs(), b), b.type);
  }
  Expression e;
  switch (op.getPredicate()) {
  case Predicate::OEQ:
    e = compare("==");
    break;
  case Predicate::OGT:
    e = compare(">");
    break;
  case Predicate::OGE:
    e = compare(">=");
    break;
  case Predicate::OLT:
    e = compare("<");
    break;
  case Predicate::OLE:
    e = compare("<=");
    break;
  case Predicate::UNE:
    e = compare("!=");
    break;
  case Predicate::UGT:
    e = negate(compare("<="));
    break;
  case Predicate::UGE:
    e = negate(compare("<"));
    break;
  case Predicate::ULT:
    e = negate(compare(">="));
    break;
  case Predicate::ULE:
    e = negate(compare(">"));
    break;
  case Predicate::ONE:
    e = eitherWay();
    break;
  case Predicate::UEQ:
    e = negate(eitherWay());
    break;
  case Predicate::ORD:
    e = a.text == b.text ? isNaN(a, "==")
                         : binary(Binding::And, "&&", isNaN(a, "=="),
                                  isNaN(b, "=="), Type::Bool);
    break;
  case Predicate::UNO:
    e = a.text == b.text ? isNaN(a, "!=")
                         : binary(Binding::Or, "||", isNaN(a, "!="),
                                  isNaN(b, "!="), Type::Bool);
    break;
  case Predicate::AlwaysFalse:
    e = atom("0", Type::Bool);
    break;
  case Predicate::AlwaysTrue:
    e = atom("1", Type::Bool);
    break;
  }
  bind(op, e);
  return success();
}

LogicalResult FunctionPrinter::printBitcast(arith::BitcastOp op) {
  Value from = op.getIn(), to = op.getOut();
  unsigned width = widthOf(to.getType());
  std::string wide = width == 64 ? "64" : "";
  bool fromFloat = isa<FloatType>(from.getType()),
       toFloat = isa<FloatType>(to.getType());
  if (fromFloat == toFloat || (width != 32 && width != 64))
    return refuse(*op, "is no bit cast between a float and an integer");
  if (fromFloat)
    bind(to, call(helper("to_bits" + wide), {use(from)},
                  storageType(width, /*isSigned=*/false)));
  else
    bind(to, call(helper("from_bits" + wide), {unsignedReading(from)},
                  width == 64 ? Type::F64 : Type::F32));
  return success();
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
      index = binary(Binding::Product, "*", index,
                     integerLiteral(type.getDimSize(axis), Type::Int),
                     Type::Int);
    index = axis == 0 ? e : binary(Binding::Sum, "+", index, e, Type::Int);
  }
  const Pointer &pointer = found->second;
  Expression e =
      element(pointer.expression.text, index, pointer.element);
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
  bool onlyPassed = llvm::all_of(op->getUsers(), [](Operation *user) {
    return isa<func::CallOp>(user);
  });
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
    bool isVariable = isa<BlockArgument>(init) || init.getDefiningOp<scf::ForOp>();
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
      .Case([&](arith::TruncIOp t) {
        return done([&] { printTruncation(t); });
      })
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
          pointers[get] = {
              atom(file.names.lookup(get.getName()), Type::I8),
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
