// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What tiles of the matrix kernel cost. See the header.

#include "MatrixBlocks.h"

namespace qcc {

double estimateRow(const MacLayer &mac, const DotForm &form, Tile tile,
                   int64_t pixels, int64_t channels) {
  double steps = static_cast<double>(llvm::divideCeil(mac.depth(), form.group));
  // Rows of the filter are apart, its columns only where it is dilated.
  if (int64_t run = mac.inChannels * mac.kernelWidth;
      form.knowsTiles && mac.dilationWidth == 1)
    steps = static_cast<double>(mac.kernelHeight *
                                llvm::divideCeil(run, form.group));
  auto vectors = static_cast<int64_t>(llvm::divideCeil(channels, form.lanes));
  // One pixel streams the weights through: there the last vectors tell, too.
  bool countsTiles = form.knowsTiles || (pixels == 1 && form.streamBytes > 0);
  auto cost = [&](int64_t rows, int64_t columns) {
    // Weights that the first-level cache does not hold come slower.
    double bytes = static_cast<double>(form.weightsPerStep() *
                                       form.weightBits() / 8 * columns);
    double stream = form.streamBytes > 0 && bytes * steps > 24 * 1024
                        ? bytes / form.streamBytes
                        : 0;
    double groups =
        std::max(form.instructions->groupCycles(form, rows, columns), stream) *
        steps;
    if (!countsTiles)
      return groups;
    // The loop around it; requantization, cheapest on four vectors at a time.
    auto stores = static_cast<double>(
        columns / 4 + llvm::popcount(static_cast<uint64_t>(columns % 4)));
    // More than half of the registers leave requantization too few.
    double spills = rows * columns > 16 && form.instructions->pairsPixels()
                        ? static_cast<double>(rows * columns)
                        : 0;
    return groups + 12 + spills +
           static_cast<double>(rows) *
               (2.5 * static_cast<double>(columns) + 2.5 * stores);
  };
  auto perColumn = [&](int64_t columns) {
    double cycles =
        static_cast<double>(pixels / tile.pixels) * cost(tile.pixels, columns);
    return pixels % tile.pixels ? cycles + cost(pixels % tile.pixels, columns)
                                : cycles;
  };
  if (!countsTiles)
    return perColumn(tile.vectors) * static_cast<double>(vectors) /
           static_cast<double>(tile.vectors);
  double cycles =
      static_cast<double>(vectors / tile.vectors) * perColumn(tile.vectors);
  return vectors % tile.vectors ? cycles + perColumn(vectors % tile.vectors)
                                : cycles;
}

} // namespace qcc
