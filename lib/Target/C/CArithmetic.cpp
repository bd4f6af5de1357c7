// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic on integers and floats as C: where the operands' values allow it,
// signed and without casts.

#include "CFunction.h"

using namespace mlir;

namespace qcc::c {
namespace {

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

} // namespace

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
    Expression e = call(helper(isSingle ? "from_bits" : "from_bits64"),
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
  Type type =
      isIndex || value == static_cast<int32_t>(value) ? Type::Int : Type::I64;
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
    Expression e = binary(Binding::Shift, "<<",
                          castTo(type, unsignedReading(lhs)), amount, type);
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
  return isOther && inner->hasOneUse() && inner->getBlock() == op.getBlock() &&
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
  Expression a = isSigned ? signedReading(lhs)
                          : as(lhs, computeType(width, false)),
             b = isSigned ? signedReading(rhs)
                          : as(rhs, computeType(width, false));
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
  bind(op.getResult(0), isSigned ? signedReading(from) : unsignedReading(from));
}

void FunctionPrinter::printTruncation(arith::TruncIOp op) {
  Value from = op.getIn();
  unsigned width = widthOf(op.getType());
  if (width == 1) {
    Expression bit = binary(Binding::BitAnd, "&", signedReading(from),
                            integerLiteral(1, Type::Int), Type::I32);
    bind(op, binary(Binding::Equality, "!=", bit, integerLiteral(0, Type::Int),
                    Type::Bool));
    return;
  }
  // The reading that keeps the value, where one does.
  Ranges::Interval range = file.ranges.of(from);
  bool isSigned = width >= 32 || !range.isNonNegative() ||
                  range.hi <= llvm::maxIntN(width) ||
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

} // namespace qcc::c
