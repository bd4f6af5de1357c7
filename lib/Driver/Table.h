// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tables that a person reads: columns as wide as they need to be.

#ifndef QCC_LIB_DRIVER_TABLE_H
#define QCC_LIB_DRIVER_TABLE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace qcc {

class Table {
public:
  /// `alignment`: one character per column, 'l' or 'r'.
  Table(llvm::StringRef columnAlignment, std::vector<std::string> header);

  void add(std::vector<std::string> row);
  void print(llvm::raw_ostream &stream) const;

private:
  std::string alignment;
  std::vector<std::vector<std::string>> rows;
};

/// 1234567 as "1,234,567".
std::string formatCount(uint64_t value);
/// A number with so many digits after the point.
std::string formatFixed(double value, int digits);
/// At most `limit` characters, the middle replaced by "…".
std::string shorten(llvm::StringRef text, size_t limit);

} // namespace qcc

#endif // QCC_LIB_DRIVER_TABLE_H
