// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of one stored value. See the header.

#include "qcc/Arithmetic/Functions.h"

#include <algorithm>

using namespace qcc::arith;

namespace {

int leadingZeros(uint32_t x) {
  int count = 0;
  while (count < 32 && !(x >> (31 - count) & 1))
    ++count;
  return count;
}

int16_t saturateToInt16(int64_t x) {
  return static_cast<int16_t>(std::clamp<int64_t>(x, -32768, 32767));
}

/// The high half of 2ab, rounded half up, as the 32-bit one.
int16_t mul16(int16_t a, int16_t b) {
  if (a == -32768 && b == -32768)
    return 32767;
  return static_cast<int16_t>((int32_t{a} * b + (1 << 14)) >> 15);
}

/// An int32 multiplier to 16 bits, half up, saturating.
int16_t narrowMultiplier(int32_t multiplier) {
  constexpr int32_t half = 1 << 15;
  if (multiplier >= std::numeric_limits<int32_t>::max() - half)
    return std::numeric_limits<int16_t>::max();
  return static_cast<int16_t>((multiplier + half) >> 16);
}

} // namespace

std::optional<int> qcc::arith::nearPowerOfTwo(float x) {
  float exponent = std::log(x) * (1.0f / std::log(2.0f));
  float rounded = std::round(exponent);
  if (!(std::abs(exponent - rounded) < 1e-3f))
    return std::nullopt;
  return static_cast<int>(rounded);
}

int qcc::arith::signBitsOf(int32_t x) {
  return leadingZeros(static_cast<uint32_t>(x < 0 ? ~x : x)) - 1;
}

HardSwish::HardSwish(float inputScale, float resultScale) {
  float fineScale = (1.0f / 128.0f) * inputScale;
  constexpr float reluScale = 3.0f / 32768.0f;
  QuantizedMultiplier output =
      quantizeMultiplier(static_cast<double>(fineScale / resultScale));
  QuantizedMultiplier relu =
      quantizeMultiplier(static_cast<double>(fineScale / reluScale));
  outputMultiplier = narrowMultiplier(output.multiplier);
  reluMultiplier = narrowMultiplier(relu.multiplier);
  outputShift = output.shift;
  reluShift = relu.shift;
}

int32_t HardSwish::operator()(int32_t x) const {
  auto fine = static_cast<int16_t>(x * 128);
  int16_t scaled = mul16(fine, outputMultiplier);
  int16_t relu = fine;
  // All but one bit of a shift left first, the last one after the product, so
  // that what saturates would have done so anyway.
  if (reluShift > 0)
    relu = saturateToInt16(int64_t{relu} * (int64_t{1} << (reluShift - 1)));
  relu = mul16(relu, reluMultiplier);
  if (reluShift > 0)
    relu = saturateToInt16(int64_t{relu} * 2);
  if (reluShift < 0)
    relu = static_cast<int16_t>(roundingDivideByPOT(relu, -reluShift));
  relu = static_cast<int16_t>((relu + (1 << 15)) >> 1);
  // Rounds towards zero.
  int32_t product = int32_t{relu} * scaled / (1 << 15);
  return roundingDivideByPOT(product, -outputShift);
}

InterpolatedTable::InterpolatedTable(
    const std::function<float(float)> &function, float inputScale,
    int32_t inputZero, float resultScale, int32_t resultZero) {
  constexpr int32_t least = -32768, greatest = 32767;
  float first = inputScale * static_cast<float>(least - inputZero);
  float last = inputScale * static_cast<float>(greatest - inputZero);
  float resultFirst = resultScale * static_cast<float>(least - resultZero);
  float resultLast = resultScale * static_cast<float>(greatest - resultZero);
  float step = (last - first) / intervals, halfStep = step / 2;
  float inverse = 65536.0f / (resultLast - resultFirst);
  // Where the function overflows the error is no number, and nor is the entry.
  auto clamped = [](float x) {
    return static_cast<int16_t>(
        std::isnan(x) ? 0.0f
                      : std::min(std::max(x, static_cast<float>(least)),
                                 static_cast<float>(greatest)));
  };
  for (int i = 0; i < intervals; ++i) {
    float at = first + static_cast<float>(i) * step;
    float value = function(at), middle = function(at + halfStep);
    float next = function(first + static_cast<float>(i + 1) * step);
    float sample = std::round(value * inverse);
    float interpolated =
        std::round((next * inverse + std::round(value * inverse)) / 2);
    float error = interpolated - std::round(middle * inverse);
    values[i] = clamped(sample - std::round(error / 2));
  }
  values[intervals] = clamped(std::round(function(last) * inverse));
}

SigmoidTable::SigmoidTable(float inputScale, bool isTanhTable)
    : isTanh(isTanhTable) {
  // Arguments in units of 2^-12 are a power of two of the table's: for those
  // scales the multiplier is 3 and exact. Tanh takes 2^-11 as well.
  std::optional<int> exponent = nearPowerOfTwo(inputScale);
  int left = exponent ? 12 + *exponent : -1;
  if (left == 0 || (isTanh && left == 1)) {
    multiplier = 3 << left;
    shift = 0;
    return;
  }
  double scaled = static_cast<double>(inputScale) * 4096.0 * 3.0;
  shift = 0;
  while (scaled <= 32767.0 / 2.0 && shift <= 30) {
    ++shift;
    scaled *= 2.0;
  }
  multiplier = static_cast<int16_t>(scaled);
}

const std::array<uint16_t, 256> &SigmoidTable::values() {
  static const std::array<uint16_t, 256> table = [] {
    std::array<uint16_t, 256> entries;
    for (size_t i = 0; i < entries.size(); ++i) {
      double logistic = 1 / (1 + std::exp(-static_cast<double>(i) / 24));
      // Half of what linear interpolation loses, h^2/8 of the second
      // derivative, is added.
      double bend = logistic * (1 - logistic) * (2 * logistic - 1);
      entries[i] = static_cast<uint16_t>(
          std::round(65536 * (logistic + bend / (16 * 24 * 24))));
    }
    entries.back() = 65535;
    return entries;
  }();
  return table;
}

int16_t SigmoidTable::logistic(int32_t x) {
  auto magnitude = static_cast<uint32_t>(std::abs(x));
  uint32_t index = magnitude >> 9, result = 0x7fff << 10;
  if (index < 255) {
    uint32_t low = values()[index], high = values()[index + 1];
    result = (low << 9) + (magnitude & 511) * (high - low);
  }
  result = x >= 0 ? result + (1 << 9) : (1 << 25) - result + (1 << 9) - 1;
  return static_cast<int16_t>(result >> 10);
}

int16_t SigmoidTable::tanh(int32_t x) {
  auto magnitude = static_cast<uint32_t>(std::abs(x));
  uint32_t index = magnitude >> 8;
  int32_t result = 0xffff << 8;
  if (index < 255) {
    int32_t low = values()[index], high = values()[index + 1];
    result = (low << 8) + static_cast<int32_t>(magnitude & 255) * (high - low);
  }
  result = x >= 0 ? result - (1 << 23) + (1 << 7)
                  : -result + (1 << 23) + (1 << 7) - 1;
  return static_cast<int16_t>(result >> 8);
}
