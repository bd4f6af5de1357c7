// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What random models are made of: random numbers, element types and tensors,
// and how MLIR spells them.

#ifndef QCC_TEST_FUZZ_KERNELS_RANDOMTENSORS_H
#define QCC_TEST_FUZZ_KERNELS_RANDOMTENSORS_H

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <vector>

namespace qcc::fuzz {

using Shape = std::vector<int64_t>;

/// splitmix64: standard distributions differ between libraries.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t bits() {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// In [lo, hi].
  int64_t in(int64_t lo, int64_t hi) {
    return lo +
           static_cast<int64_t>(bits() % static_cast<uint64_t>(hi - lo + 1));
  }
  bool chance(int percent) { return in(0, 99) < percent; }
  double real(double lo, double hi) {
    return lo + (hi - lo) * static_cast<double>(bits() >> 11) * 0x1p-53;
  }
  template <typename T> T pick(std::initializer_list<T> values) {
    return values.begin()[in(0, static_cast<int64_t>(values.size()) - 1)];
  }

private:
  uint64_t state;
};

/// An element type: float, or integers of `bits`, with a scale and zero point
/// unless they are plain.
struct Element {
  bool isFloat = false, isPlain = false;
  int bits = 8;
  bool isSigned = true;
  double scale = 1;
  int64_t zero = 0;
  /// Less of what `bits` can hold, where `least` is less than `most`.
  int64_t least = 0, most = 0;
  /// The ends of what it holds alone.
  bool isBipolar = false;

  bool isNarrow() const { return least < most; }
  int64_t lo() const {
    return isNarrow() ? least : isSigned ? -(int64_t{1} << (bits - 1)) : 0;
  }
  int64_t hi() const {
    return isNarrow() ? most : (int64_t{1} << (isSigned ? bits - 1 : bits)) - 1;
  }
};

struct Tensor {
  std::string name;
  Shape shape;
  Element element;
};

inline std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  std::string result = text;
  if (result.find_first_of(".e") == std::string::npos)
    result += ".0";
  else if (result.find('.') == std::string::npos)
    result.insert(result.find('e'), ".0");
  return result;
}

inline std::string print(const Element &e) {
  if (e.isFloat)
    return "f32";
  if (e.isPlain)
    return "i" + std::to_string(e.bits);
  std::string text = std::string("!quant.uniform<") + (e.isSigned ? "i" : "u") +
                     std::to_string(e.bits);
  if (e.isNarrow())
    text += "<" + std::to_string(e.least) + ":" + std::to_string(e.most) + ">";
  text += ":f32, " + number(e.scale);
  if (e.zero != 0)
    text += ":" + std::to_string(e.zero);
  return e.isBipolar ? "!qnn.bipolar<" + text + ">>" : text + ">";
}

inline std::string dimensions(const Shape &shape) {
  std::string text;
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text;
}

inline std::string tensorType(const Shape &shape, const std::string &element) {
  return "tensor<" + dimensions(shape) + element + ">";
}

inline std::string typeOf(const Tensor &t) {
  return tensorType(t.shape, print(t.element));
}

inline std::string array(const Shape &values) {
  std::string text = "array<i64: ";
  for (size_t i = 0; i < values.size(); ++i)
    text += (i ? ", " : "") + std::to_string(values[i]);
  return text + ">";
}

inline int64_t countOf(const Shape &shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_KERNELS_RANDOMTENSORS_H
