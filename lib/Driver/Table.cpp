// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Column widths are counted in characters, not bytes: names may be UTF-8.

#include "Table.h"

#include "llvm/Support/Format.h"

#include <algorithm>

using namespace llvm;

namespace qcc {

/// Characters of a UTF-8 text: bytes that continue none.
static size_t widthOf(StringRef text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (c & 0xc0) != 0x80; });
}

Table::Table(StringRef columnAlignment, std::vector<std::string> header)
    : alignment(columnAlignment) {
  add(std::move(header));
}

void Table::add(std::vector<std::string> row) {
  row.resize(alignment.size());
  rows.push_back(std::move(row));
}

void Table::print(raw_ostream &stream) const {
  std::vector<size_t> widths(alignment.size());
  for (const auto &row : rows)
    for (size_t c = 0; c < row.size(); ++c)
      widths[c] = std::max(widths[c], widthOf(row[c]));
  for (const auto &row : rows) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      std::string space(widths[c] - widthOf(row[c]), ' ');
      line += (c ? "  " : "") +
              (alignment[c] == 'r' ? space + row[c] : row[c] + space);
    }
    stream << StringRef(line).rtrim() << "\n";
  }
}

std::string formatCount(uint64_t value) {
  std::string digits = std::to_string(value);
  for (int64_t i = static_cast<int64_t>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(i, ",");
  return digits;
}

std::string formatFixed(double value, int digits) {
  std::string text;
  raw_string_ostream(text) << format("%.*f", digits, value);
  return text;
}

std::string shorten(StringRef text, size_t limit) {
  if (text.size() <= limit)
    return text.str();
  size_t head = limit / 2, tail = limit - head - 1;
  // Cuts lie between characters.
  while (head > 0 && (text[head] & 0xc0) == 0x80)
    --head;
  while (tail > 0 && (text[text.size() - tail] & 0xc0) == 0x80)
    --tail;
  return (text.take_front(head) + "…" + text.take_back(tail)).str();
}

} // namespace qcc
