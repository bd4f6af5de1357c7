// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows of values of few bits, written down from the definition and read back.

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "gtest/gtest.h"

#include <random>

using namespace qcc;

namespace {

/// Sets bits [at, at + width) of a row's bytes.
void setBits(std::vector<uint8_t> &bytes, int64_t byte, int64_t at,
             int64_t width, int64_t value) {
  for (int64_t i = 0; i < width; ++i)
    if (value >> i & 1)
      bytes[byte] |= 1 << (at + i);
}

TEST(RowCode, FieldsAreTheBitsOfTheWidth) {
  using Fields = llvm::SmallVector<int64_t, 3>;
  EXPECT_EQ((qnn::RowCode{0, 1}.fields()), (Fields{1}));
  EXPECT_EQ((qnn::RowCode{0, 3}.fields()), (Fields{2, 1}));
  EXPECT_EQ((qnn::RowCode{0, 4}.fields()), (Fields{4}));
  EXPECT_EQ((qnn::RowCode{0, 5}.fields()), (Fields{4, 1}));
  EXPECT_EQ((qnn::RowCode{0, 7}.fields()), (Fields{4, 2, 1}));
}

TEST(RowCode, RowsHaveTheirTrueSize) {
  for (int64_t bits = 1; bits <= 7; ++bits) {
    EXPECT_EQ((qnn::RowCode{0, bits}.rowBytes(256)), 32 * bits);
    // Otherwise whole words of each segment.
    int64_t bytes = qnn::RowCode{0, bits}.rowBytes(250);
    EXPECT_GE(bytes * 8, 250 * bits);
    EXPECT_LE(bytes, 32 * bits);
  }
}

TEST(RowCode, ReadsWhatTheDefinitionWrites) {
  std::mt19937 random(7);
  for (int64_t bits = 1; bits <= 7; ++bits)
    for (int64_t count : {4, 12, 52, 64, 100, 260}) {
      qnn::RowCode code{-3, bits};
      int64_t smallest = (bits & 1) ? 1 : (bits & 2) ? 2 : 4;
      int64_t words = (count * smallest + 31) / 32, segment = 4 * words;
      std::vector<uint8_t> row(segment * bits / smallest);
      ASSERT_EQ(code.rowBytes(count), static_cast<int64_t>(row.size()));
      std::vector<int64_t> values(count);
      for (int64_t v = 0; v < count; ++v) {
        int64_t raw = random() % (1 << bits), rest = raw, start = 0;
        values[v] = raw - 3;
        for (int64_t field : {4, 2, 1}) {
          if (!(bits & field))
            continue;
          int64_t bytes = segment * field / smallest;
          setBits(row, start + v % bytes, field * (v / bytes), field,
                  rest & ((1 << field) - 1));
          rest >>= field;
          start += bytes;
        }
      }
      for (int64_t v = 0; v < count; ++v)
        ASSERT_EQ(
            code.read(reinterpret_cast<const char *>(row.data()), count, v),
            values[v])
            << bits << " bits, value " << v << " of " << count;
    }
}

} // namespace
