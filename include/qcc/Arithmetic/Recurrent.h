// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The multipliers of TFLite's integer recurrent layers, from the scales of
// their tensors: LSTM (8-bit activations, 16-bit cell) and SVDF (16-bit state).

#ifndef QCC_ARITHMETIC_RECURRENT_H
#define QCC_ARITHMETIC_RECURRENT_H

#include "qcc/Arithmetic/FixedPoint.h"

#include <algorithm>
#include <vector>

namespace qcc::arith {

struct LstmScales {
  /// Per gate: what takes W·x and R·h to Q3.12.
  std::vector<QuantizedMultiplier> input, output;
  /// What makes the hidden state of o·tanh(c), a product of two Q0.15.
  Requantization hidden;
  /// The cell's scale is 2^cellExponent.
  int cellExponent = 0;
  /// The bound of the cell; 0: none.
  int32_t cellClip = 0;
};

/// s_weight · s_activation · 2^12, evaluated in float32 as TFLite does.
inline QuantizedMultiplier lstmGateMultiplier(double weightScale,
                                              double activationScale) {
  float product =
      static_cast<float>(weightScale) * static_cast<float>(activationScale);
  return quantizeMultiplier(static_cast<double>(product * 4096.0f));
}

/// 2^-30 / s_hidden, rounded to float32 in the end.
inline QuantizedMultiplier lstmHiddenMultiplier(double hiddenScale) {
  double scale =
      0x1p-15 / static_cast<double>(static_cast<float>(hiddenScale)) * 0x1p-15;
  return quantizeMultiplier(static_cast<double>(static_cast<float>(scale)));
}

/// `clip` in steps of the cell's scale, towards zero, within 16 bits.
inline int32_t lstmCellClip(float clip, double cellScale) {
  if (!(clip > 0))
    return 0;
  return static_cast<int32_t>(
      std::min(clip / static_cast<float>(cellScale), 32767.0f));
}

struct SvdfScales {
  /// s_feature · s_input / s_state.
  QuantizedMultiplier feature;
  /// s_state · s_time / s_result.
  Requantization result;
};

/// a · b / c, evaluated in float32 as TFLite does.
inline QuantizedMultiplier svdfMultiplier(double a, double b, double c) {
  float product = static_cast<float>(a) * static_cast<float>(b);
  return quantizeMultiplier(
      static_cast<double>(product / static_cast<float>(c)));
}

} // namespace qcc::arith

#endif // QCC_ARITHMETIC_RECURRENT_H
