// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small random models in the textual form of the qnn dialect, for the
// differential test of compiled code against the reference interpreter.

#ifndef QCC_TEST_FUZZ_RANDOMMODEL_H
#define QCC_TEST_FUZZ_RANDOMMODEL_H

#include <cstdint>
#include <string>
#include <vector>

namespace qcc::fuzz {

struct ModelOptions {
  /// Names of the operations to start with; empty: any.
  std::vector<std::string> ops;
  /// Most operations in a row.
  int maxLength = 4;
  /// Graphs rather than chains: operations read any earlier tensor, and there
  /// are several results, arguments, constants and repeated ones among them.
  bool isGraph = false;
  /// Inputs are floats.
  bool hasFloatInputs = false;
  /// Weights have so few bits, 1 to 7; 0: they are bytes.
  int64_t weightBits = 0;
  /// Weights and activations of 1 to 8 bits, as ONNX has them.
  bool isLowBit = false;
};

/// How far a float result may lie from the interpreter's: by `relative` of it,
/// or by `absolute` where that is more. Both 0: functions of integers and of
/// exactly rounded float operations agree on every bit, as integers always do.
struct Tolerance {
  double relative = 0, absolute = 0;
};

struct RandomModel {
  /// A module with one function @model.
  std::string text;
  /// The operations, in order.
  std::string description;
  /// Bits and signs of its products, as "w1s a4u"; with `isLowBit` alone.
  std::vector<std::string> pairs;
  Tolerance tolerance;
};

/// The model of `seed`; the same for the same arguments on every machine.
RandomModel makeRandomModel(uint64_t seed, const ModelOptions &options);

/// The operations that makeRandomModel knows.
const std::vector<std::string> &getKnownOps();

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_RANDOMMODEL_H
