// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The small functions that generated C calls, each written only into files that
// use it. In their text '@' stands for the model's name.

#include "CFunction.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"

using namespace llvm;

namespace qcc::c {
namespace {

struct Helper {
  StringLiteral suffix;
  StringLiteral text;
  SmallVector<StringRef, 2> callees;
};

/// Each after those that it calls.
const Helper helpers[] = {
    {"min",
     "static inline int32_t @_min(int32_t a, int32_t b) {\n"
     "  return a < b ? a : b;\n}\n",
     {}},
    {"max",
     "static inline int32_t @_max(int32_t a, int32_t b) {\n"
     "  return a > b ? a : b;\n}\n",
     {}},
    {"clamp",
     "static inline int32_t @_clamp(int32_t x, int32_t lo, int32_t hi) {\n"
     "  return x < lo ? lo : x > hi ? hi : x;\n}\n",
     {}},
    {"min64",
     "static inline int64_t @_min64(int64_t a, int64_t b) {\n"
     "  return a < b ? a : b;\n}\n",
     {}},
    {"max64",
     "static inline int64_t @_max64(int64_t a, int64_t b) {\n"
     "  return a > b ? a : b;\n}\n",
     {}},
    {"clamp64",
     "static inline int64_t @_clamp64(int64_t x, int64_t lo, int64_t hi) {\n"
     "  return x < lo ? lo : x > hi ? hi : x;\n}\n",
     {}},
    {"minu",
     "static inline uint32_t @_minu(uint32_t a, uint32_t b) {\n"
     "  return a < b ? a : b;\n}\n",
     {}},
    {"maxu",
     "static inline uint32_t @_maxu(uint32_t a, uint32_t b) {\n"
     "  return a > b ? a : b;\n}\n",
     {}},
    {"minu64",
     "static inline uint64_t @_minu64(uint64_t a, uint64_t b) {\n"
     "  return a < b ? a : b;\n}\n",
     {}},
    {"maxu64",
     "static inline uint64_t @_maxu64(uint64_t a, uint64_t b) {\n"
     "  return a > b ? a : b;\n}\n",
     {}},
    {"fmax",
     "/* The greater; of a number and NaN the number. */\n"
     "static inline float @_fmax(float a, float b) {\n"
     "  return a > b || b != b ? a : b;\n}\n",
     {}},
    {"fmin",
     "/* The lesser; of a number and NaN the number. */\n"
     "static inline float @_fmin(float a, float b) {\n"
     "  return a < b || b != b ? a : b;\n}\n",
     {}},
    {"maximum",
     "/* The greater; NaN if either is. */\n"
     "static inline float @_maximum(float a, float b) {\n"
     "  return a > b || a != a ? a : b;\n}\n",
     {}},
    {"minimum",
     "/* The lesser; NaN if either is. */\n"
     "static inline float @_minimum(float a, float b) {\n"
     "  return a < b || a != a ? a : b;\n}\n",
     {}},
    {"fmax64",
     "/* The greater; of a number and NaN the number. */\n"
     "static inline double @_fmax64(double a, double b) {\n"
     "  return a > b || b != b ? a : b;\n}\n",
     {}},
    {"fmin64",
     "/* The lesser; of a number and NaN the number. */\n"
     "static inline double @_fmin64(double a, double b) {\n"
     "  return a < b || b != b ? a : b;\n}\n",
     {}},
    {"maximum64",
     "/* The greater; NaN if either is. */\n"
     "static inline double @_maximum64(double a, double b) {\n"
     "  return a > b || a != a ? a : b;\n}\n",
     {}},
    {"minimum64",
     "/* The lesser; NaN if either is. */\n"
     "static inline double @_minimum64(double a, double b) {\n"
     "  return a < b || a != a ? a : b;\n}\n",
     {}},
    {"clz",
     "/* How many bits above the highest 1; 32 for 0. */\n"
     "static inline int32_t @_clz(uint32_t x) {\n"
     "  int32_t n = 32;\n"
     "  while (x != 0) {\n"
     "    x >>= 1;\n"
     "    n--;\n"
     "  }\n"
     "  return n;\n}\n",
     {}},
    {"clz64",
     "/* How many bits above the highest 1; 64 for 0. */\n"
     "static inline int32_t @_clz64(uint64_t x) {\n"
     "  int32_t n = 64;\n"
     "  while (x != 0) {\n"
     "    x >>= 1;\n"
     "    n--;\n"
     "  }\n"
     "  return n;\n}\n",
     {}},
    {"to_bits",
     "static inline uint32_t @_to_bits(float x) {\n"
     "  union {\n    float f;\n    uint32_t u;\n  } bits;\n"
     "  bits.f = x;\n"
     "  return bits.u;\n}\n",
     {}},
    {"from_bits",
     "static inline float @_from_bits(uint32_t x) {\n"
     "  union {\n    float f;\n    uint32_t u;\n  } bits;\n"
     "  bits.u = x;\n"
     "  return bits.f;\n}\n",
     {}},
    {"to_bits64",
     "static inline uint64_t @_to_bits64(double x) {\n"
     "  union {\n    double f;\n    uint64_t u;\n  } bits;\n"
     "  bits.f = x;\n"
     "  return bits.u;\n}\n",
     {}},
    {"from_bits64",
     "static inline double @_from_bits64(uint64_t x) {\n"
     "  union {\n    double f;\n    uint64_t u;\n  } bits;\n"
     "  bits.u = x;\n"
     "  return bits.f;\n}\n",
     {}},
    {"abs",
     "static inline float @_abs(float x) {\n"
     "  return @_from_bits(@_to_bits(x) & 0x7fffffffu);\n}\n",
     {"to_bits", "from_bits"}},
    {"abs64",
     "static inline double @_abs64(double x) {\n"
     "  return @_from_bits64(@_to_bits64(x) & "
     "UINT64_C(0x7fffffffffffffff));\n}\n",
     {"to_bits64", "from_bits64"}},
    {"copysign",
     "/* The magnitude of x with the sign of s. */\n"
     "static inline float @_copysign(float x, float s) {\n"
     "  return @_from_bits((@_to_bits(x) & 0x7fffffffu) | (@_to_bits(s) & "
     "0x80000000u));\n}\n",
     {"to_bits", "from_bits"}},
    {"copysign64",
     "/* The magnitude of x with the sign of s. */\n"
     "static inline double @_copysign64(double x, double s) {\n"
     "  return @_from_bits64((@_to_bits64(x) & UINT64_C(0x7fffffffffffffff)) "
     "|\n"
     "                      (@_to_bits64(s) & "
     "UINT64_C(0x8000000000000000)));\n}\n",
     {"to_bits64", "from_bits64"}},
    {"sqrt",
     "/* The square root, correctly rounded as IEC 60559 has it: 25 bits of "
     "the "
     "root of the\n"
     " * mantissa one by one, then to nearest; a root is never half-way. */\n"
     "static float @_sqrt(float x) {\n"
     "  uint32_t bits = @_to_bits(x);\n"
     "  int32_t exponent = (int32_t)(bits >> 23);\n"
     "  uint64_t rest = bits & 0x7fffffu;\n"
     "  uint64_t root = 0;\n"
     "  uint64_t bit;\n"
     "  if (x != x || bits == 0x80000000u || bits == 0 || bits == "
     "0x7f800000u)\n"
     "    return x;\n"
     "  if (bits > 0x80000000u)\n"
     "    return @_from_bits(0x7fc00000u);\n"
     "  if (exponent == 0)\n"
     "    exponent = 1;\n"
     "  else\n"
     "    rest |= 0x800000u;\n"
     "  while (rest < 0x800000u) {\n"
     "    rest <<= 1;\n"
     "    exponent--;\n"
     "  }\n"
     "  exponent -= 127;\n"
     "  rest <<= (exponent & 1) != 0 ? 26 : 25;\n"
     "  exponent = (exponent & 1) != 0 ? (exponent - 1) / 2 : exponent / 2;\n"
     "  for (bit = (uint64_t)1 << 24; bit != 0; bit >>= 1) {\n"
     "    const uint64_t next = root | bit;\n"
     "    if (next * next <= rest)\n"
     "      root = next;\n"
     "  }\n"
     "  root = (root + 1) >> 1;\n"
     "  return @_from_bits(((uint32_t)(exponent + 126) << 23) + "
     "(uint32_t)root);\n}\n",
     {"to_bits", "from_bits"}},
};

const Helper &find(StringRef suffix) {
  for (const Helper &helper : helpers)
    if (helper.suffix == suffix)
      return helper;
  llvm_unreachable("no such helper");
}

} // namespace

std::string helperDefinition(StringRef suffix, StringRef prefix) {
  std::string text;
  for (char c : find(suffix).text)
    text += c == '@' ? prefix : StringRef(&c, 1);
  return text;
}

ArrayRef<StringRef> helperCallees(StringRef suffix) {
  return find(suffix).callees;
}

SmallVector<StringRef> allHelpers() {
  return to_vector(map_range(
      helpers, [](const Helper &helper) { return StringRef(helper.suffix); }));
}

} // namespace qcc::c
