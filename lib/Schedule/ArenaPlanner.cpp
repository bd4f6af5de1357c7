// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The arena planner: several greedy orders, then branch and bound against the
// max-live lower bound.
//
// The search is complete. Push every buffer of any plan down until it rests on
// 0 or on another; taken by ascending offset, each buffer then lies exactly on
// the skyline of those before it over its own lifetime. So it is enough to try
// orders in which offsets do not decrease. As nothing is placed later below the
// last offset, the skyline counts as raised to that offset everywhere: space
// wasted beneath it is seen by the bound at once.
//
// Two buffers that live together need a distance between their starts, which
// depends on the lower of them: its size, or less where one is made of the
// other in a fitting order. All of the above holds for distances that are no
// larger than sizes; only the skyline is then a matter of each pair.

#include "qcc/Schedule/ArenaPlanner.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <tuple>

using namespace qcc;

namespace {

int64_t alignUp(int64_t value, int64_t align) {
  return (value + align - 1) / align * align;
}

/// Buffers with lifetimes in compressed steps. Every maximal set of live
/// buffers is live at some buffer's first step, so only those steps are kept.
struct Problem {
  struct Item {
    int64_t size, align;
    size_t begin, end; ///< Steps [begin, end).
    size_t buffer;     ///< Index in the caller's list.
  };
  std::vector<Item> items;
  size_t steps = 0;
  /// Items that may overlap, each pair twice: from the lower one to the upper
  /// one, with the least distance of their starts.
  struct Relation {
    size_t other;
    int64_t distance;
  };
  std::vector<std::vector<Relation>> above, below;
  /// Per step: the bytes, rounded to the least alignment there, that overlaps
  /// may save.
  std::vector<int64_t> savings;

  Problem(const std::vector<ArenaBuffer> &buffers,
          const std::vector<ArenaOverlap> &overlaps) {
    std::vector<int64_t> starts;
    for (const ArenaBuffer &b : buffers)
      if (b.size > 0)
        starts.push_back(b.firstUse);
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    steps = starts.size();
    for (size_t i = 0; i < buffers.size(); ++i) {
      const ArenaBuffer &b = buffers[i];
      if (b.size <= 0)
        continue;
      auto begin = std::lower_bound(starts.begin(), starts.end(), b.firstUse) -
                   starts.begin();
      auto end = std::upper_bound(starts.begin(), starts.end(),
                                  std::max(b.firstUse, b.lastUse)) -
                 starts.begin();
      items.push_back({b.size, std::max<int64_t>(b.align, 1),
                       static_cast<size_t>(begin), static_cast<size_t>(end),
                       i});
    }
    relate(buffers, overlaps);
  }

  void relate(const std::vector<ArenaBuffer> &buffers,
              const std::vector<ArenaOverlap> &overlaps) {
    constexpr size_t none = std::numeric_limits<size_t>::max();
    above.resize(items.size());
    below.resize(items.size());
    savings.assign(steps, 0);
    std::vector<size_t> itemOf(buffers.size(), none);
    for (size_t i = 0; i < items.size(); ++i)
      itemOf[items[i].buffer] = i;
    for (const ArenaOverlap &overlap : overlaps) {
      size_t result = itemOf[overlap.result], input = itemOf[overlap.input];
      if (result == none || input == none ||
          !conflict(items[result], items[input]))
        continue;
      int64_t sizeR = items[result].size, sizeI = items[input].size;
      int64_t before = std::clamp<int64_t>(overlap.before, 0, sizeR),
              behind = std::clamp<int64_t>(overlap.behind, 0, sizeI);
      above[result].push_back({input, before});
      below[input].push_back({result, before});
      above[input].push_back({result, behind});
      below[result].push_back({input, behind});
      for (size_t t = std::max(items[result].begin, items[input].begin);
           t < std::min(items[result].end, items[input].end); ++t) {
        int64_t align = leastAlign(t), r = alignUp(sizeR, align),
                i = alignUp(sizeI, align);
        int64_t together = std::min(std::max(r, alignUp(before, align) + i),
                                    std::max(i, alignUp(behind, align) + r));
        // A result of several inputs lies over all of them at most once.
        savings[t] += std::min(r + i - together, r);
      }
    }
  }

  int64_t leastAlign(size_t t) const {
    int64_t align = std::numeric_limits<int64_t>::max();
    for (const Item &i : items)
      if (i.begin <= t && t < i.end)
        align = std::min(align, i.align);
    return align;
  }

  /// The least distance from the start of `lower` to that of `upper`.
  int64_t distance(size_t lower, size_t upper) const {
    for (const Relation &relation : above[lower])
      if (relation.other == upper)
        return relation.distance;
    return items[lower].size;
  }

  static bool conflict(const Item &a, const Item &b) {
    return a.begin < b.end && b.begin < a.end;
  }

  /// Offsets are multiples of the least alignment live in a step, so every live
  /// buffer but the topmost takes its size rounded up to it.
  int64_t lowerBound() const {
    int64_t bound = 0;
    for (size_t t = 0; t < steps; ++t) {
      int64_t align = leastAlign(t), sum = 0, slack = 0;
      for (const Item &i : items)
        if (i.begin <= t && t < i.end) {
          sum += alignUp(i.size, align);
          slack = std::max(slack, alignUp(i.size, align) - i.size);
          bound = std::max(bound, i.size);
        }
      bound = std::max(bound, sum - slack - savings[t]);
    }
    return bound;
  }

  int64_t totalOf(const std::vector<int64_t> &offsets) const {
    int64_t total = 0;
    for (size_t i = 0; i < items.size(); ++i)
      total = std::max(total, offsets[i] + items[i].size);
    return total;
  }

  /// Starts [first, last] that are free for an item; the last stretch has no
  /// end.
  using Gap = std::pair<int64_t, int64_t>;
  std::vector<Gap> gapsFor(size_t index, const std::vector<size_t> &placed,
                           const std::vector<int64_t> &offsets) const {
    std::vector<Gap> busy, gaps;
    for (size_t other : placed)
      if (conflict(items[index], items[other])) {
        Gap gap = {offsets[other] - distance(index, other) + 1,
                   offsets[other] + distance(other, index)};
        if (gap.first < gap.second)
          busy.push_back(gap);
      }
    std::sort(busy.begin(), busy.end());
    int64_t top = 0;
    for (auto [begin, end] : busy) {
      if (begin > top)
        gaps.push_back({top, begin - 1});
      top = std::max(top, end);
    }
    gaps.push_back({top, std::numeric_limits<int64_t>::max()});
    return gaps;
  }

  /// Places the items in `order`, each into the lowest (or, with `bestFit`, the
  /// tightest) gap that holds it.
  std::vector<int64_t> placeInOrder(const std::vector<size_t> &order,
                                    bool bestFit) const {
    std::vector<int64_t> offsets(items.size(), 0);
    std::vector<size_t> placed;
    for (size_t index : order) {
      const Item &item = items[index];
      int64_t bestGap = std::numeric_limits<int64_t>::max();
      bool found = false;
      for (auto [begin, end] : gapsFor(index, placed, offsets)) {
        int64_t start = alignUp(begin, item.align), room = end - start;
        if (room < 0 || (found && (!bestFit || room >= bestGap)))
          continue;
        offsets[index] = start;
        bestGap = room;
        found = true;
      }
      placed.push_back(index);
    }
    return offsets;
  }

  /// Places the items in `order` at the bottom and at the top of an arena of
  /// `limit` bytes by turns: in a chain, where only neighbours meet, that
  /// reaches the lower bound.
  std::vector<int64_t> placeByTurns(const std::vector<size_t> &order,
                                    int64_t limit) const {
    std::vector<int64_t> offsets(items.size(), 0);
    std::vector<size_t> placed;
    bool atTop = false;
    for (size_t index : order) {
      const Item &item = items[index];
      int64_t lowest = -1, highest = -1;
      for (auto [begin, end] : gapsFor(index, placed, offsets)) {
        int64_t start = alignUp(begin, item.align);
        if (end < start)
          continue;
        if (lowest < 0)
          lowest = start;
        int64_t last =
            std::min(end, limit - item.size) / item.align * item.align;
        if (last >= start)
          highest = last;
      }
      offsets[index] = atTop && highest >= 0 ? highest : lowest;
      atTop = !atTop;
      placed.push_back(index);
    }
    return offsets;
  }
};

/// The best of several greedy orders.
std::vector<int64_t> planGreedily(const Problem &problem, int64_t lowerBound) {
  const auto &items = problem.items;
  std::vector<int64_t> pressure(problem.steps, 0);
  int64_t align = 1;
  for (const auto &i : items) {
    align = std::max(align, i.align);
    for (size_t t = i.begin; t < i.end; ++t)
      pressure[t] += i.size;
  }
  using Item = Problem::Item;
  using Key = std::function<std::pair<int64_t, int64_t>(const Item &)>;
  auto peak = [&](const Item &i) {
    return *std::max_element(pressure.begin() + i.begin,
                             pressure.begin() + i.end);
  };
  auto length = [](const Item &i) {
    return static_cast<int64_t>(i.end - i.begin);
  };
  auto earliness = [](const Item &i) { return -static_cast<int64_t>(i.begin); };
  const Key keys[] = {
      [](const Item &i) { return std::pair(i.size, static_cast<int64_t>(0)); },
      [&](const Item &i) { return std::pair(length(i), i.size); },
      [&](const Item &i) { return std::pair(i.size * length(i), i.size); },
      [&](const Item &i) { return std::pair(peak(i), i.size); },
      [&](const Item &i) { return std::pair(peak(i), length(i)); },
      [&](const Item &i) { return std::pair(earliness(i), i.size); },
      [](const Item &i) {
        return std::pair(static_cast<int64_t>(i.end), i.size);
      },
  };
  std::vector<int64_t> best;
  int64_t bestTotal = std::numeric_limits<int64_t>::max();
  auto offer = [&](std::vector<int64_t> offsets) {
    if (int64_t total = problem.totalOf(offsets); total < bestTotal) {
      bestTotal = total;
      best = std::move(offsets);
    }
  };
  auto sorted = [&](const Key &key) {
    std::vector<size_t> order(items.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return std::pair(key(items[a]), b) > std::pair(key(items[b]), a);
    });
    return order;
  };
  for (const Key &key : keys)
    for (bool bestFit : {false, true})
      offer(problem.placeInOrder(sorted(key), bestFit));
  for (int64_t limit :
       {lowerBound, alignUp(lowerBound, align), lowerBound + align})
    offer(problem.placeByTurns(sorted([&](const Item &i) {
                                 return std::pair(earliness(i), length(i));
                               }),
                               limit));
  return best;
}

/// Branch and bound over orders of ascending offsets.
class Search {
public:
  Search(const Problem &problem, std::vector<int64_t> incumbent,
         int64_t lowerBound, int64_t budget)
      : best(std::move(incumbent)), problem(problem), items(problem.items),
        bestTotal(problem.totalOf(best)), lowerBound(lowerBound),
        budget(budget), offsets(items.size(), -1), height(problem.steps, 0),
        waiting(problem.steps, 0) {
    for (const auto &i : items)
      for (size_t t = i.begin; t < i.end; ++t)
        waiting[t] += i.size;
  }

  /// True when the search was exhausted or met the lower bound.
  bool run() {
    visit(0, 0, 0);
    return bestTotal == lowerBound || budget >= 0;
  }

  std::vector<int64_t> best;

private:
  void visit(size_t numPlaced, int64_t lastOffset, size_t lastIndex) {
    budget -= static_cast<int64_t>(problem.steps);
    for (size_t t = 0; t < problem.steps; ++t)
      if (height[t] >= bestTotal ||
          (waiting[t] > 0 &&
           std::max(height[t], lastOffset) + waiting[t] - problem.savings[t] >=
               bestTotal))
        return;
    if (numPlaced == items.size()) {
      best = offsets;
      bestTotal = problem.totalOf(best);
      return;
    }
    struct Candidate {
      int64_t offset;
      size_t index;
    };
    std::vector<Candidate> candidates;
    if (budget < 0)
      return;
    // The next offset lies below the lowest end that a waiting buffer could
    // have: else that buffer would fit beneath, in a plan with a smaller sum of
    // offsets. (The optimal plan with the least such sum passes every test
    // here.)
    int64_t ceiling = std::numeric_limits<int64_t>::max();
    for (size_t i = 0; i < items.size(); ++i) {
      if (offsets[i] >= 0)
        continue;
      budget -= static_cast<int64_t>(items[i].end - items[i].begin);
      int64_t top = topBelow(i);
      int64_t rest = alignUp(top, items[i].align),
              raised = alignUp(std::max(top, lastOffset), items[i].align);
      ceiling = std::min(ceiling, raised + items[i].size);
      // In a pushed-down plan a buffer lies exactly on the skyline; equal
      // offsets come in ascending index.
      if (rest < lastOffset ||
          (rest == lastOffset && numPlaced > 0 && i < lastIndex &&
           !isRelated(i) && !isRelated(lastIndex)))
        continue;
      candidates.push_back({rest, i});
    }
    std::sort(candidates.begin(), candidates.end(),
              [&](const Candidate &a, const Candidate &b) {
                return std::tuple(a.offset, -items[a.index].size, a.index) <
                       std::tuple(b.offset, -items[b.index].size, b.index);
              });
    for (const Candidate &c : candidates) {
      if (c.offset >= ceiling)
        break;
      place(c.index, c.offset);
      visit(numPlaced + 1, c.offset, c.index);
      remove(c.index);
      if (bestTotal == lowerBound || budget < 0)
        return;
    }
  }

  bool isRelated(size_t index) const { return !problem.above[index].empty(); }

  /// Where `index` may start above all that is placed.
  int64_t topBelow(size_t index) const {
    const Problem::Item &item = items[index];
    if (!isRelated(index))
      return *std::max_element(height.begin() + item.begin,
                               height.begin() + item.end);
    int64_t top = 0;
    for (size_t other = 0; other < items.size(); ++other)
      if (offsets[other] >= 0 && Problem::conflict(item, items[other]))
        top = std::max(top, offsets[other] + problem.distance(other, index));
    return top;
  }

  void place(size_t index, int64_t offset) {
    const Problem::Item &item = items[index];
    offsets[index] = offset;
    saved.insert(saved.end(), height.begin() + item.begin,
                 height.begin() + item.end);
    for (size_t t = item.begin; t < item.end; ++t) {
      height[t] = std::max(height[t], offset + item.size);
      waiting[t] -= item.size;
    }
  }

  void remove(size_t index) {
    const Problem::Item &item = items[index];
    offsets[index] = -1;
    std::copy(saved.end() - (item.end - item.begin), saved.end(),
              height.begin() + item.begin);
    saved.resize(saved.size() - (item.end - item.begin));
    for (size_t t = item.begin; t < item.end; ++t)
      waiting[t] += item.size;
  }

  const Problem &problem;
  const std::vector<Problem::Item> &items;
  int64_t bestTotal, lowerBound, budget;
  std::vector<int64_t> offsets; ///< −1: waiting.
  std::vector<int64_t> height,
      waiting; ///< Per step: the skyline, and bytes still to be placed.
  std::vector<int64_t> saved; ///< Stack of skyline pieces, for `remove`.
};

} // namespace

ArenaPlan qcc::planArena(const std::vector<ArenaBuffer> &buffers,
                         const std::vector<ArenaOverlap> &overlaps,
                         int64_t workBudget) {
  ArenaPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  Problem problem(buffers, overlaps);
  plan.optimal = true;
  if (problem.items.empty())
    return plan;
  plan.lowerBound = problem.lowerBound();
  std::vector<int64_t> offsets = planGreedily(problem, plan.lowerBound);
  if (problem.totalOf(offsets) > plan.lowerBound) {
    Search search(problem, std::move(offsets), plan.lowerBound, workBudget);
    plan.optimal = search.run();
    offsets = std::move(search.best);
  }
  plan.total = problem.totalOf(offsets);
  for (size_t i = 0; i < problem.items.size(); ++i)
    plan.offsets[problem.items[i].buffer] = offsets[i];
  return plan;
}

ArenaPlan qcc::planCentred(const std::vector<ArenaBuffer> &buffers) {
  struct Place {
    int64_t size = 0, lastUse = 0;
  };
  std::vector<Place> places;
  std::vector<size_t> order(buffers.size()), placeOf(buffers.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::make_tuple(buffers[a].firstUse, -buffers[a].size, a) <
           std::make_tuple(buffers[b].firstUse, -buffers[b].size, b);
  });
  int64_t align = 1;
  for (size_t i : order) {
    const ArenaBuffer &buffer = buffers[i];
    if (buffer.size == 0)
      continue;
    align = std::max(align, buffer.align);
    // The free place that grows least, and of those the smallest.
    size_t best = places.size();
    auto cost = [&](size_t place) {
      return std::make_pair(
          std::max<int64_t>(buffer.size - places[place].size, 0),
          places[place].size);
    };
    for (size_t place = 0; place < places.size(); ++place)
      if (places[place].lastUse < buffer.firstUse &&
          (best == places.size() || cost(place) < cost(best)))
        best = place;
    if (best == places.size())
      places.emplace_back();
    places[best].size = std::max(places[best].size, buffer.size);
    places[best].lastUse = buffer.lastUse;
    placeOf[i] = best;
  }
  ArenaPlan plan;
  plan.lowerBound = Problem(buffers, {}).lowerBound();
  plan.offsets.assign(buffers.size(), 0);
  std::vector<int64_t> starts;
  int64_t next = 0;
  for (Place &place : places) {
    starts.push_back(next);
    next += (place.size + align - 1) / align * align;
  }
  for (size_t i : order)
    if (buffers[i].size) {
      int64_t spare = places[placeOf[i]].size - buffers[i].size;
      plan.offsets[i] = starts[placeOf[i]] + spare / 2 / align * align;
      plan.total = std::max(plan.total, plan.offsets[i] + buffers[i].size);
    }
  return plan;
}

void qcc::separateForFree(const std::vector<ArenaBuffer> &buffers,
                          std::vector<ArenaOverlap> overlaps, ArenaPlan &plan) {
  for (size_t i = overlaps.size(); i-- > 0;) {
    std::vector<ArenaOverlap> fewer = overlaps;
    fewer.erase(fewer.begin() + static_cast<int64_t>(i));
    ArenaPlan apart = planArena(buffers, fewer, /*workBudget=*/0);
    if (apart.total > plan.total)
      continue;
    overlaps = std::move(fewer);
    plan.offsets = std::move(apart.offsets);
    plan.total = apart.total;
  }
}
