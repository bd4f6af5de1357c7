// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qcc bench: the latency of compiled code on this machine, as a distribution.

#include "Session.h"
#include "Table.h"

#include "qcc/Driver/TensorFiles.h"

#include "llvm/Support/JSON.h"

#include <algorithm>
#include <chrono>

using namespace mlir;

namespace qcc {
namespace {

using Clock = std::chrono::steady_clock;

double microsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start)
      .count();
}

/// Percentile of sorted values, by the nearest rank.
double percentile(ArrayRef<double> sorted, double percent) {
  size_t rank = static_cast<size_t>(percent / 100 * sorted.size() + 0.999999);
  return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}

struct LayerTime {
  const LayerInfo *layer;
  double medianMicros;
};

/// The median time of each layer over `runs` runs.
std::vector<LayerTime> timeLayers(const CompiledRunner &runner, unsigned runs) {
  const JitModel &model = runner.getModel();
  size_t count = model.getLayers().size();
  std::vector<std::vector<double>> times(count);
  for (unsigned run = 0; run < runs; ++run) {
    std::vector<uint64_t> nanoseconds(count);
    model.runTimed(runner.getArguments(), nanoseconds);
    for (size_t i = 0; i < count; ++i)
      times[i].push_back(nanoseconds[i] / 1000.0);
  }
  std::vector<LayerTime> result;
  for (size_t i = 0; i < count; ++i) {
    llvm::sort(times[i]);
    int64_t position = runner.findLayer(i);
    if (position >= 0)
      result.push_back(
          {&runner.getLayers()[position], percentile(times[i], 50)});
  }
  return result;
}

double gmacsPerSecond(int64_t macs, double micros) {
  return micros > 0 ? macs / micros / 1000 : 0;
}

} // namespace

int runBench(const BenchCommand &command) {
  Session session(command);
  if (command.runs != 0 && command.runs < 100)
    return session.fail("--runs=" + Twine(command.runs) +
                        ": fewer than 100 runs say little; expected 100 or "
                        "more");
  OwningOpRef<ModuleOp> module = session.load();
  if (!module)
    return 1;
  FailureOr<CodeOptions> code = session.resolve();
  if (failed(code))
    return 1;
  StageObserver observer = session.observe();
  std::unique_ptr<CompiledRunner> runner =
      CompiledRunner::create(std::move(module), *code, observer);
  if (!runner)
    return 1;
  const ModelABI &abi = runner->getInterface();
  InputSamples samples = makeRandomInputs(abi.inputs, 1);
  std::vector<NpyArray> inputs = samples.get(abi.inputs, 0);

  observer.enter("measuring");
  const JitModel &model = runner->getModel();
  int64_t threads = runner->getNumThreads();
  std::vector<double> times;
  // Warm caches, branch predictors and clocks first. Inputs are set anew each
  // time: with --io=arena the code may have overwritten them.
  for (int i = 0; i < 10; ++i) {
    runner->setInputs(inputs);
    model.run(runner->getArguments());
  }
  Clock::time_point start = Clock::now();
  unsigned least = std::max(command.runs, 100u);
  while (times.size() < least || (command.runs == 0 && times.size() < 100000 &&
                                  microsSince(start) < 1e6)) {
    runner->setInputs(inputs);
    Clock::time_point begin = Clock::now();
    model.run(runner->getArguments());
    times.push_back(microsSince(begin));
  }
  llvm::sort(times);
  double median = percentile(times, 50), p99 = percentile(times, 99);
  int64_t macs = 0;
  for (const LayerInfo &layer : runner->getLayers())
    macs += layer.macs;

  std::vector<LayerTime> layers;
  if (command.layers || command.json)
    layers = timeLayers(*runner, std::min<unsigned>(times.size(), 1000));

  if (command.json) {
    llvm::json::Array layerArray;
    for (const LayerTime &time : layers)
      layerArray.push_back(llvm::json::Object{
          {"name", llvm::json::fixUTF8(time.layer->name)},
          {"operation", time.layer->operation},
          {"kernel", time.layer->kernel},
          {"median_us", time.medianMicros},
          {"macs", time.layer->macs},
          {"gmacs_per_s",
           gmacsPerSecond(time.layer->macs, time.medianMicros)}});
    llvm::outs() << llvm::json::Value(llvm::json::Object{
                        {"model", llvm::json::fixUTF8(session.getModelName())},
                        {"target", llvm::json::fixUTF8(abi.target)},
                        {"threads", threads},
                        {"runs", static_cast<int64_t>(times.size())},
                        {"median_us", median},
                        {"min_us", times.front()},
                        {"p99_us", p99},
                        {"macs", macs},
                        {"gmacs_per_s", gmacsPerSecond(macs, median)},
                        {"layers", std::move(layerArray)}})
                 << "\n";
    return 0;
  }
  llvm::outs() << session.getModelName() << " on " << abi.target << ", "
               << threads << (threads == 1 ? " thread, " : " threads, ")
               << formatCount(times.size()) << " runs\n"
               << "  median " << formatFixed(median, 1) << " µs, min "
               << formatFixed(times.front(), 1) << " µs, p99 "
               << formatFixed(p99, 1) << " µs\n"
               << "  " << formatCount(macs) << " MACs, "
               << formatFixed(gmacsPerSecond(macs, median), 2) << " GMAC/s\n";
  if (command.layers) {
    double total = 0;
    for (const LayerTime &time : layers)
      total += time.medianMicros;
    Table table("llrrrr", {"layer", "kernel", "µs", "%", "MACs", "GMAC/s"});
    for (const LayerTime &time : layers)
      table.add(
          {time.layer->name, time.layer->kernel,
           formatFixed(time.medianMicros, 2),
           formatFixed(total > 0 ? time.medianMicros / total * 100 : 0, 1),
           time.layer->macs ? formatCount(time.layer->macs) : "",
           time.layer->macs
               ? formatFixed(
                     gmacsPerSecond(time.layer->macs, time.medianMicros), 2)
               : ""});
    llvm::outs() << "\n";
    table.print(llvm::outs());
  }
  return 0;
}

} // namespace qcc
