// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// C expressions as text that knows its type and how tightly it binds, so that
// parentheses and casts stand where C needs them and nowhere else. Nothing here
// knows MLIR's operations: any back end that writes C can build on it.

#ifndef QCC_TARGET_C_CEXPRESSION_H
#define QCC_TARGET_C_CEXPRESSION_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdint>
#include <string>

namespace qcc::c {

/// The types of values. `Int` is an index or a loop counter: an int, which has
/// 32 bits (the generated file checks it). `Bool` is an int that is 0 or 1.
enum class Type { I8, U8, I16, U16, I32, U32, I64, U64, Int, Bool, F32, F64 };

/// `int8_t`, …, `int`, `float`.
llvm::StringRef spell(Type type);
unsigned bitsOf(Type type);
bool isUnsigned(Type type);
bool isFloat(Type type);
/// The integer type of at least 32 bits, which C computes in, that holds
/// `bits`-bit integers.
Type computeType(unsigned bits, bool isSigned);
/// The type of exactly `bits` bits: 8, 16, 32 or 64.
Type storageType(unsigned bits, bool isSigned);

/// How tightly an expression binds, in C's order.
enum class Binding {
  Conditional,
  Or,
  And,
  BitOr,
  BitXor,
  BitAnd,
  Equality,
  Relation,
  Shift,
  Sum,
  Product,
  Unary,
  Primary
};

struct Expression {
  std::string text;
  Binding binding = Binding::Primary;
  /// C's own type of the text. Its value may be that of a wider integer: C
  /// widens operands by value.
  Type type = Type::I32;
  /// Reads memory that a later statement may write.
  bool readsMemory = false;
  /// Operators in it.
  unsigned cost = 0;
  /// Of a sum: the text after the first operand's " + ", where the first
  /// operand is a name; for `x += …`.
  std::string augend, addend;

  bool isAtom() const { return binding == Binding::Primary && cost == 0; }
};

/// A name or a literal.
Expression atom(std::string text, Type type);
/// `value` as a literal of `type`.
Expression integerLiteral(int64_t value, Type type);
/// A literal that reads back as `value`; not for infinities and NaN.
Expression floatLiteral(double value, Type type);

/// `(type)x`; x itself where it has the type.
Expression castTo(Type type, Expression x);
Expression unary(llvm::StringRef op, Expression x);
/// `a op b` of type `type`, parenthesized as -Wparentheses likes it.
Expression binary(Binding binding, llvm::StringRef op, const Expression &a,
                  const Expression &b, Type type);
Expression conditional(const Expression &condition, const Expression &yes,
                       const Expression &no, Type type);
/// `function(a, …)`.
Expression call(llvm::StringRef function, llvm::ArrayRef<Expression> arguments,
                Type type);
/// `array[index]`.
Expression element(llvm::StringRef array, const Expression &index, Type type);

/// The columns that lines end before.
inline constexpr unsigned lineWidth = 100;

/// Writes `text`, indented by `indent` columns, with lines broken at spaces;
/// what is broken off is indented by four more, or starts with `continuation`.
void writeWrapped(llvm::raw_ostream &out, llvm::StringRef text, unsigned indent,
                  llvm::StringRef continuation = "    ");

} // namespace qcc::c

#endif // QCC_TARGET_C_CEXPRESSION_H
