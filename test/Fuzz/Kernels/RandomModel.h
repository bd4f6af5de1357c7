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
};

struct RandomModel {
  /// A module with one function @model.
  std::string text;
  /// The operations, in order.
  std::string description;
  /// Every result is a function of integers and exactly rounded float
  /// operations, so that it must agree on every bit.
  bool isExact = true;
};

/// The model of `seed`; the same for the same arguments on every machine.
RandomModel makeRandomModel(uint64_t seed, const ModelOptions &options);

/// The operations that makeRandomModel knows.
const std::vector<std::string> &getKnownOps();

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_RANDOMMODEL_H
