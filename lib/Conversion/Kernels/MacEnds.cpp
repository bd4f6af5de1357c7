// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where layers of 8-bit activations begin and end. See the header.

#include "MacEnds.h"

#include "LaneGroup.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace qcc {

MacEnds::MacEnds(LayerEmitter &e, MacLayer &layer, bool isSigned)
    : e(e), mac(layer), input(e.inputs[0]) {
  if (!layer.isHybrid)
    return;
  layer.inputSigned = isSigned;
  layer.inputZero = isSigned ? 0 : 128;
  samples.emplace(e, mac, mac.padding, isSigned);
  input = samples->roundAll(e.inputs[0]);
}

void MacEnds::makeEpilogue(ArrayRef<int64_t> channels, int64_t lanes,
                           int maxAccShift) {
  if (mac.sumsToFloats) {
    epilogue.emplace(e, mac, channels);
    return;
  }
  RequantSpec spec;
  for (int64_t channel : channels)
    spec.push_back(mac.requant[static_cast<size_t>(channel)]);
  requantizer.emplace(e, "requant", std::move(spec), lanes, /*isWide=*/false,
                      maxAccShift);
}

int32_t MacEnds::accOffset(int64_t slot) const {
  return requantizer ? requantizer->accOffset(slot) : 0;
}

int32_t MacEnds::accFactor() const {
  return requantizer ? requantizer->accFactor() : 1;
}

Value MacEnds::finish(Value acc, Value slot, Value sample) {
  if (epilogue)
    return epilogue->finish(acc, slot,
                            samples ? samples->scaleOf(sample) : SampleScale());
  return requantizer->emit(
      acc, slot,
      cast<MemRefType>(e.outputs[0].memref.getType()).getElementType());
}

Value MacEnds::finishGroup(ArrayRef<Value> accs, ArrayRef<Value> slots,
                           Value sample) {
  if (!epilogue)
    return requantizer->emitGroup(accs, slots);
  SampleScale scale = samples ? samples->scaleOf(sample) : SampleScale();
  SmallVector<Value> results;
  for (auto [acc, slot] : llvm::zip_equal(accs, slots))
    results.push_back(epilogue->finish(acc, slot, scale));
  int64_t lanes = LayerEmitter::lanesIn(accs.front().getType());
  SmallVector<int64_t> order(static_cast<size_t>(4 * lanes));
  for (int64_t q = 0; q < 4; ++q)
    for (int64_t lane = 0; lane < lanes; ++lane)
      order[static_cast<size_t>(valueInGroup(q, lane))] = q * lanes + lane;
  Value all = e.concat(results);
  return vector::ShuffleOp::create(e.b, all, all, order);
}

} // namespace qcc
