// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The arena planner: plans are valid, and optimal where they say so, against an
// independent exhaustive search.

#include "qcc/Schedule/ArenaPlanner.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <random>

using namespace qcc;

namespace {

bool liveTogether(const ArenaBuffer &a, const ArenaBuffer &b) {
  return a.size > 0 && b.size > 0 && a.firstUse <= b.lastUse &&
         b.firstUse <= a.lastUse;
}

bool overlap(int64_t a, int64_t aSize, int64_t b, int64_t bSize) {
  return a < b + bSize && b < a + aSize;
}

/// Whether two buffers that live together lie well at these offsets.
bool liesWell(const std::vector<ArenaBuffer> &buffers,
              const std::vector<ArenaOverlap> &overlaps,
              const std::vector<int64_t> &offsets, size_t i, size_t j) {
  if (!overlap(offsets[i], buffers[i].size, offsets[j], buffers[j].size))
    return true;
  for (const ArenaOverlap &o : overlaps)
    if ((o.result == i && o.input == j) || (o.result == j && o.input == i)) {
      int64_t ahead = offsets[o.input] - offsets[o.result];
      if (ahead >= o.before || -ahead >= o.behind)
        return true;
    }
  return false;
}

void expectValid(const std::vector<ArenaBuffer> &buffers, const ArenaPlan &plan,
                 const std::vector<ArenaOverlap> &overlaps = {}) {
  ASSERT_EQ(plan.offsets.size(), buffers.size());
  int64_t top = 0;
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_GE(plan.offsets[i], 0);
    EXPECT_EQ(plan.offsets[i] % buffers[i].align, 0);
    top = std::max(top, plan.offsets[i] + buffers[i].size);
    for (size_t j = 0; j < i; ++j)
      EXPECT_TRUE(!liveTogether(buffers[i], buffers[j]) ||
                  liesWell(buffers, overlaps, plan.offsets, i, j))
          << "buffers " << j << " and " << i;
  }
  EXPECT_EQ(plan.total, top);
  EXPECT_GE(plan.total, plan.lowerBound);
}

/// Whether `buffers` fit in `limit` bytes, by trying every offset of every
/// buffer.
bool fits(const std::vector<ArenaBuffer> &buffers,
          std::vector<int64_t> &offsets, int64_t limit,
          const std::vector<ArenaOverlap> &overlaps = {}) {
  size_t i = offsets.size();
  if (i == buffers.size())
    return true;
  for (int64_t offset = 0; offset + buffers[i].size <= limit;
       offset += buffers[i].align) {
    bool free = true;
    offsets.push_back(offset);
    for (size_t j = 0; j < i && free; ++j)
      free = !liveTogether(buffers[i], buffers[j]) ||
             liesWell(buffers, overlaps, offsets, i, j);
    if (free && fits(buffers, offsets, limit, overlaps))
      return true;
    offsets.pop_back();
  }
  return false;
}

std::vector<ArenaBuffer> randomBuffers(std::mt19937 &random, size_t count,
                                       int64_t maxSize, int64_t steps,
                                       std::vector<int64_t> aligns) {
  auto pick = [&](int64_t lo, int64_t hi) {
    return lo + static_cast<int64_t>(random() % (hi - lo + 1));
  };
  std::vector<ArenaBuffer> buffers;
  for (size_t i = 0; i < count; ++i) {
    int64_t first = pick(0, steps - 1);
    buffers.push_back({pick(1, maxSize), aligns[random() % aligns.size()],
                       first, pick(first, steps - 1)});
  }
  return buffers;
}

TEST(ArenaPlanner, Empty) {
  ArenaPlan plan = planArena({});
  EXPECT_EQ(plan.total, 0);
  EXPECT_TRUE(plan.optimal);
}

TEST(ArenaPlanner, DisjointLifetimesShare) {
  std::vector<ArenaBuffer> buffers = {
      {100, 16, 0, 1}, {60, 16, 2, 3}, {80, 16, 4, 4}};
  ArenaPlan plan = planArena(buffers);
  expectValid(buffers, plan);
  EXPECT_EQ(plan.total, 100);
  EXPECT_TRUE(plan.optimal);
}

TEST(ArenaPlanner, LifetimesAreInclusive) {
  std::vector<ArenaBuffer> buffers = {{100, 1, 0, 1}, {100, 1, 1, 2}};
  ArenaPlan plan = planArena(buffers);
  expectValid(buffers, plan);
  EXPECT_EQ(plan.total, 200);
}

TEST(ArenaPlanner, TopmostBufferNeedsNoRounding) {
  std::vector<ArenaBuffer> buffers = {{10, 16, 0, 1}, {12, 16, 0, 1}};
  ArenaPlan plan = planArena(buffers);
  expectValid(buffers, plan);
  EXPECT_EQ(plan.total, 26); // 12 rounded to 16, and 10 above
  EXPECT_TRUE(plan.optimal);
}

TEST(ArenaPlanner, ZeroSizedBuffersConflictWithNothing) {
  std::vector<ArenaBuffer> buffers = {{0, 16, 0, 9}, {12, 16, 0, 1}};
  EXPECT_EQ(planArena(buffers).total, 12);
}

TEST(ArenaPlanner, ProvesOptimumAboveLowerBound) {
  std::vector<ArenaBuffer> buffers = {{5, 8, 0, 0}, {5, 8, 0, 0}, {1, 1, 0, 0}};
  ArenaPlan plan = planArena(buffers);
  expectValid(buffers, plan);
  EXPECT_EQ(plan.lowerBound, 11);
  EXPECT_EQ(plan.total, 13);
  EXPECT_TRUE(plan.optimal);
}

TEST(ArenaPlanner, EqualsExhaustiveSearch) {
  std::mt19937 random(2);
  int aboveLowerBound = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    std::vector<ArenaBuffer> buffers =
        randomBuffers(random, 1 + random() % 8, 6, 7, {1, 1, 2, 4});
    ArenaPlan plan = planArena(buffers);
    aboveLowerBound += plan.total > plan.lowerBound;
    expectValid(buffers, plan);
    EXPECT_TRUE(plan.optimal);
    std::vector<int64_t> offsets;
    EXPECT_TRUE(fits(buffers, offsets, plan.total));
    offsets.clear();
    EXPECT_FALSE(fits(buffers, offsets, plan.total - 1)) << "trial " << trial;
  }
  EXPECT_GT(aboveLowerBound, 30) << "too few cases test the search";
}

TEST(ArenaPlanner, ResultsLieOverWhatTheyAreMadeOf) {
  // Down by 3, up by 2, down by 3: never more than the larger one and 3 bytes.
  std::vector<ArenaBuffer> buffers = {
      {20, 1, 0, 1}, {15, 1, 1, 2}, {20, 1, 2, 3}, {15, 1, 3, 4}};
  std::vector<ArenaOverlap> overlaps = {
      {1, 0, 3, 8}, {2, 1, 8, 2}, {3, 2, 3, 8}};
  ArenaPlan plan = planArena(buffers, overlaps);
  expectValid(buffers, plan, overlaps);
  EXPECT_EQ(plan.lowerBound, 23);
  EXPECT_EQ(plan.total, 23);
  EXPECT_TRUE(plan.optimal);
}

TEST(ArenaPlanner, WhatSavesNothingLiesApart) {
  // The second pair is small beside the first.
  std::vector<ArenaBuffer> buffers = {
      {100, 1, 0, 1}, {100, 1, 1, 2}, {10, 1, 2, 3}, {10, 1, 3, 4}};
  std::vector<ArenaOverlap> overlaps = {
      {1, 0, 10, 10}, {2, 1, 5, 95}, {3, 2, 0, 0}};
  ArenaPlan plan = planArena(buffers, overlaps);
  EXPECT_EQ(plan.total, 110);
  separateForFree(buffers, overlaps, plan);
  EXPECT_EQ(plan.total, 110);
  expectValid(buffers, plan, {overlaps[0]});
}

TEST(ArenaPlanner, EqualsExhaustiveSearchWithOverlaps) {
  std::mt19937 random(6);
  int above = 0, shared = 0;
  for (int trial = 0; trial < 1500; ++trial) {
    // A chain with bystanders; each link may overlap the one before, by
    // distances up to its size and beyond.
    std::vector<ArenaBuffer> buffers;
    std::vector<ArenaOverlap> overlaps;
    int64_t links = 2 + static_cast<int64_t>(random() % 4);
    for (int64_t i = 0; i < links; ++i) {
      buffers.push_back({1 + static_cast<int64_t>(random() % 6),
                         random() % 3 ? 1 : 2, i, i + 1});
      if (i > 0 && random() % 4)
        overlaps.push_back({static_cast<size_t>(i), static_cast<size_t>(i - 1),
                            static_cast<int64_t>(random() % 8),
                            static_cast<int64_t>(random() % 8)});
    }
    for (const ArenaBuffer &other :
         randomBuffers(random, random() % 3, 4, links, {1, 2}))
      buffers.push_back(other);
    ArenaPlan plan = planArena(buffers, overlaps);
    expectValid(buffers, plan, overlaps);
    EXPECT_TRUE(plan.optimal);
    std::vector<int64_t> offsets;
    EXPECT_FALSE(fits(buffers, offsets, plan.total - 1, overlaps))
        << "trial " << trial;
    above += plan.total > plan.lowerBound;
    shared += plan.total < planArena(buffers).total;
  }
  EXPECT_GT(above, 50) << "too few cases test the search";
  EXPECT_GT(shared, 300) << "too few cases gain by overlaps";
}

TEST(ArenaPlanner, ChainsReachTheLowerBound) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<ArenaBuffer> buffers;
    for (int64_t i = 0; i < 100; ++i)
      buffers.push_back(
          {8 * static_cast<int64_t>(1 + random() % 5000), 8, i, i + 1});
    ArenaPlan plan = planArena(buffers);
    expectValid(buffers, plan);
    EXPECT_EQ(plan.total, plan.lowerBound);
  }
}

TEST(ArenaPlanner, LargeRandomCasesAreValidAndDeterministic) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 5; ++trial) {
    std::vector<ArenaBuffer> buffers =
        randomBuffers(random, 150, 5000, 100, {4, 16, 64});
    ArenaPlan plan = planArena(buffers, {}, 2000000),
              again = planArena(buffers, {}, 2000000);
    expectValid(buffers, plan);
    EXPECT_EQ(plan.offsets, again.offsets);
  }
}

TEST(ArenaPlanner, BudgetOfNothingStillPlans) {
  std::mt19937 random(4);
  std::vector<ArenaBuffer> buffers = randomBuffers(random, 60, 100, 30, {1});
  ArenaPlan plan = planArena(buffers, {}, 0);
  expectValid(buffers, plan);
  EXPECT_EQ(plan.optimal, plan.total == plan.lowerBound);
}

TEST(ArenaPlanner, CentredPlansAreValid) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<ArenaBuffer> buffers =
        randomBuffers(random, 40, 5000, 30, {1, 16, 64});
    ArenaPlan plan = planCentred(buffers);
    expectValid(buffers, plan);
    EXPECT_EQ(plan.offsets, planCentred(buffers).offsets);
    EXPECT_GE(plan.total, plan.lowerBound);
  }
}

TEST(ArenaPlanner, MiddlesOfAChainCoincideByTurns) {
  std::vector<ArenaBuffer> buffers;
  const int64_t sizes[] = {640, 6400, 1280, 12800, 2560, 640, 64};
  for (int64_t size : sizes) {
    auto i = static_cast<int64_t>(buffers.size());
    buffers.push_back({size, 64, i, i + 1});
  }
  ArenaPlan plan = planCentred(buffers);
  expectValid(buffers, plan);
  for (size_t i = 2; i < buffers.size(); ++i)
    EXPECT_NEAR(plan.offsets[i] + buffers[i].size / 2,
                plan.offsets[i - 2] + buffers[i - 2].size / 2, 64);
  // The largest of either turn.
  EXPECT_EQ(plan.total, 12800 + 2560);
}

} // namespace
