// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text of C expressions. See the header.

#include "CExpression.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Format.h"
#include <limits>

using namespace llvm;

namespace qcc::c {

StringRef spell(Type type) {
  switch (type) {
  case Type::I8:
    return "int8_t";
  case Type::U8:
    return "uint8_t";
  case Type::I16:
    return "int16_t";
  case Type::U16:
    return "uint16_t";
  case Type::I32:
    return "int32_t";
  case Type::U32:
    return "uint32_t";
  case Type::I64:
    return "int64_t";
  case Type::U64:
    return "uint64_t";
  case Type::Int:
  case Type::Bool:
    return "int";
  case Type::F32:
    return "float";
  case Type::F64:
    return "double";
  }
  llvm_unreachable("covered switch");
}

unsigned bitsOf(Type type) {
  switch (type) {
  case Type::I8:
  case Type::U8:
    return 8;
  case Type::I16:
  case Type::U16:
    return 16;
  case Type::I64:
  case Type::U64:
  case Type::F64:
    return 64;
  default:
    return 32;
  }
}

bool isUnsigned(Type type) {
  return type == Type::U8 || type == Type::U16 || type == Type::U32 ||
         type == Type::U64;
}

bool isFloat(Type type) { return type == Type::F32 || type == Type::F64; }

Type computeType(unsigned bits, bool isSigned) {
  return storageType(std::max(bits, 32u), isSigned);
}

Type storageType(unsigned bits, bool isSigned) {
  switch (bits) {
  case 8:
    return isSigned ? Type::I8 : Type::U8;
  case 16:
    return isSigned ? Type::I16 : Type::U16;
  case 32:
    return isSigned ? Type::I32 : Type::U32;
  case 64:
    return isSigned ? Type::I64 : Type::U64;
  }
  llvm_unreachable("no C type of this width");
}

Expression atom(std::string text, Type type) {
  Expression result;
  result.text = std::move(text);
  result.type = type;
  return result;
}

Expression integerLiteral(int64_t value, Type type) {
  if (isUnsigned(type)) {
    uint64_t bits = static_cast<uint64_t>(value);
    if (bitsOf(type) < 64)
      bits &= (uint64_t{1} << bitsOf(type)) - 1;
    bool isLong = bits > std::numeric_limits<uint32_t>::max();
    return atom(isLong ? "UINT64_C(" + utostr(bits) + ")" : utostr(bits) + "u",
                type);
  }
  if (value == std::numeric_limits<int64_t>::min())
    return atom("INT64_MIN", type);
  if (value == std::numeric_limits<int32_t>::min())
    return atom("INT32_MIN", type);
  bool isLong = value != static_cast<int32_t>(value);
  uint64_t magnitude = static_cast<uint64_t>(value < 0 ? -value : value);
  std::string digits = utostr(magnitude);
  Expression result = atom(isLong ? "INT64_C(" + digits + ")" : digits, type);
  if (value < 0) {
    result.text = "-" + result.text;
    result.binding = Binding::Unary;
  }
  return result;
}

Expression floatLiteral(double value, Type type) {
  std::string text;
  raw_string_ostream stream(text);
  stream << format(type == Type::F32 ? "%.9g" : "%.17g", value);
  if (StringRef(text).find_first_of(".e") == StringRef::npos)
    text += ".0";
  if (type == Type::F32)
    text += "f";
  Expression result = atom(text, type);
  if (text[0] == '-')
    result.binding = Binding::Unary;
  return result;
}

static Expression combine(std::string text, Binding binding, Type type,
                          ArrayRef<const Expression *> parts) {
  Expression result;
  result.text = std::move(text);
  result.binding = binding;
  result.type = type;
  result.cost = 1;
  for (const Expression *part : parts) {
    result.readsMemory |= part->readsMemory;
    result.cost += part->cost;
  }
  return result;
}

static std::string parenthesized(const Expression &x, bool wanted) {
  return wanted ? "(" + x.text + ")" : x.text;
}

Expression castTo(Type type, Expression x) {
  if (x.type == type)
    return x;
  // int and int32_t have the same values.
  bool sameInteger = !isUnsigned(type) && !isUnsigned(x.type) &&
                     !isFloat(type) && !isFloat(x.type) && bitsOf(type) == 32 &&
                     bitsOf(x.type) == 32;
  if (sameInteger) {
    x.type = type;
    return x;
  }
  return combine(("(" + spell(type) + ")").str() +
                     parenthesized(x, x.binding < Binding::Unary),
                 Binding::Unary, type, {&x});
}

Expression unary(StringRef op, Expression x) {
  // "- -1" is not "--1".
  bool parenthesize = x.binding < Binding::Unary || x.text[0] == op[0];
  return combine(op.str() + parenthesized(x, parenthesize), Binding::Unary,
                 x.type, {&x});
}

Expression binary(Binding binding, StringRef op, const Expression &a,
                  const Expression &b, Type type) {
  // Where few know the order, parentheses say it.
  bool isRare = binding < Binding::Sum;
  auto needs = [&](const Expression &x, bool isRight) {
    if (x.binding >= Binding::Unary)
      return false;
    if (binding == Binding::Equality || binding == Binding::Relation)
      return x.binding < Binding::Shift;
    return isRare || x.binding < binding || (isRight && x.binding == binding);
  };
  std::string left = parenthesized(a, needs(a, false)),
              right = parenthesized(b, needs(b, true));
  Expression result =
      combine(left + " " + op.str() + " " + right, binding, type, {&a, &b});
  if (op == "+" && a.isAtom()) {
    result.augend = a.text;
    result.addend = b.text;
  }
  return result;
}

Expression conditional(const Expression &condition, const Expression &yes,
                       const Expression &no, Type type) {
  auto part = [](const Expression &x) {
    return parenthesized(x, x.binding == Binding::Conditional);
  };
  return combine(part(condition) + " ? " + part(yes) + " : " + part(no),
                 Binding::Conditional, type, {&condition, &yes, &no});
}

Expression call(StringRef function, ArrayRef<Expression> arguments, Type type) {
  std::string text = function.str() + "(";
  SmallVector<const Expression *> parts;
  ListSeparator comma(", ");
  for (const Expression &argument : arguments) {
    text += StringRef(comma);
    text += argument.text;
    parts.push_back(&argument);
  }
  return combine(text + ")", Binding::Primary, type, parts);
}

Expression element(StringRef array, const Expression &index, Type type) {
  return combine(array.str() + "[" + index.text + "]", Binding::Primary, type,
                 {&index});
}

void writeWrapped(raw_ostream &out, StringRef text, unsigned indent,
                  StringRef continuation) {
  unsigned column = indent;
  std::string prefix(indent, ' ');
  while (column + text.size() > lineWidth) {
    size_t at = text.rfind(' ', lineWidth - column);
    // Nothing to break at: the rest of the word stands out.
    if (at == StringRef::npos || at == 0)
      at = text.find(' ', 1);
    if (at == StringRef::npos)
      break;
    out << prefix << text.substr(0, at).rtrim() << "\n";
    text = text.substr(at + 1);
    prefix = std::string(indent, ' ') + continuation.str();
    column = prefix.size();
  }
  out << prefix << text << "\n";
}

} // namespace qcc::c
