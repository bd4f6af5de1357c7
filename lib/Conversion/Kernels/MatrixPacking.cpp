// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tables of the matrix kernel. Weights are packed in the order the tile
// reads them; zero points are folded into the bias. See the header.

#include "MatrixLayer.h"

#include "KernelSupport.h"

using namespace mlir;

namespace qcc {

MatrixLayer::MatrixLayer(LayerEmitter &e, MacLayer macLayer, bool isPacked)
    : e(e), mac(std::move(macLayer)) {
  SmallVector<DotForm, 2> forms =
      DotForm::getCandidates(e.facts, mac.isFloat, mac.inputBits == 16);
  base = forms[forms.size() > 1 ? e.getConfig("form") : 0];
  base = base.withLanes(e.getConfig("lanes"));
  if (isPacked) {
    packing = findMatrixPacking(mac, base, e.facts);
    packing = packing->withBits(e.getConfig("weight_bits"));
    unpacksFirst = e.hasConfig("unpacks_first");
  }
  base = withRanges(base, mac, packing);
  tile = {e.getConfig("mr"), e.getConfig("nv")};
  if (e.hasConfig("packs_rows") && e.outputs[0].planes > 0)
    planeRows.emplace(e);
  input = e.inputs[0];
  if (mac.isHybrid)
    prepareSamples();
  SmallVector<int64_t> strides = spatialStrides(input);
  runs = findRuns(mac, strides[1], strides[2]);
  makeBlocks();
  if (!mac.isFloat && !packing && base.weightBits() == 8 &&
      !base.subtractsWeightZero())
    rests = WeightRests::find(mac, blocks, runs);
  joinPixels();
  makeTables();
}

SmallVector<int64_t> MatrixLayer::spatialStrides(const TensorView &view) const {
  if (!mac.isMatrix)
    return {view.strides[0], view.strides[1], view.strides[2]};
  int64_t row = &view == &input ? mac.inChannels : mac.outChannels;
  return {0, 0, row};
}

/// Rounds the samples of a hybrid layer, with the sign that is wanted: from
/// here on they are activations of 8 bits.
void MatrixLayer::prepareSamples() {
  mac.inputSigned = !base.flipsSign(/*activationsSigned=*/true);
  mac.inputZero = mac.inputSigned ? 0 : 128;
  samples.emplace(e, mac, mac.padding, mac.inputSigned);
  input = samples->roundAll(e.inputs[0]);
}

void MatrixLayer::makeBlocks() {
  blocks = divideChannels(mac.outChannels, base, tile);
  slots = blocks.back().firstSlot + blocks.back().slots();
  for (ChannelBlock &block : blocks) {
    block.firstElement = block.firstSlot * totalGroups() * base.group;
    block.isGrouped = packs() && block.vectors % 4 == 0 &&
                      !block.form.instructions->joinsVectors();
    if (packing && !unpacksFirst)
      block.codeUse = codeUseOf(*packing, mac, block.form, block.vectors);
  }
}

/// Where all channels are one block of whole vectors that come out joined, and
/// pixels follow each other, results of several leave together.
void MatrixLayer::joinPixels() {
  ChannelBlock &block = blocks.front();
  block.isStream = base.instructions->joinsVectors() && packs() &&
                   block.lanes() == mac.outChannels && !keepsWeightZeros() &&
                   spatialStrides(e.outputs[0])[2] == mac.outChannels;
  if (block.isStream)
    slots = block.slots();
}

bool MatrixLayer::packs() const {
  return !mac.isFloat && mac.resultBits == 8 && base.lanes >= 4 &&
         e.outputs[0].planes == 0 && packsLaneGroups(e.facts);
}

/// Weight (less 128 for unsigned weights of signed instructions, or less its
/// zero point, rests and all) of a channel.
int64_t MatrixLayer::storedWeight(int64_t o, int64_t k) const {
  int64_t w = mac.weight(o, k);
  if (subtractsWeightZeros())
    return w - mac.weightZeros[o];
  return mac.weightsSigned ? w : w - 128;
}

int64_t MatrixLayer::storedWeightZero(int64_t o) const {
  if (subtractsWeightZeros())
    return 0;
  return mac.weightsSigned ? mac.weightZeros[o] : mac.weightZeros[o] - 128;
}

bool MatrixLayer::keepsWeightZeros() const {
  return llvm::any_of(llvm::seq<int64_t>(0, mac.outChannels),
                      [&](int64_t o) { return storedWeightZero(o) != 0; });
}

/// Binary places that 16-bit weights have to spare.
int MatrixLayer::maxAccShift() const {
  if (mac.isFloat || mac.sumsToFloats || !e.facts.hasRVV || base.lanes == 1 ||
      mac.isWide || mac.inputBits != 8)
    return 0;
  int64_t largest = 1;
  for (int64_t at = 0; at < mac.outChannels * mac.depth(); ++at)
    largest = std::max(
        largest, std::abs(storedWeight(at / mac.depth(), at % mac.depth())));
  return std::min<int>(llvm::Log2_64(INT16_MAX / largest), 8);
}

MatrixLayer::SlotConstants MatrixLayer::readConstants() {
  SlotConstants constants;
  constants.bias.assign(slots, 0);
  constants.zeros.assign(slots, 0);
  constants.steps.assign(slots, 1);
  constants.floatBias.assign(slots, 0);
  constants.channels.assign(slots, -1);
  constants.spec.resize(slots);
  int64_t flip =
      base.flipsSign(mac.inputSigned) ? (mac.inputSigned ? 128 : -128) : 0;
  for (const ChannelBlock &block : blocks)
    for (int64_t at = 0; at < block.slots(); ++at) {
      int64_t c = block.channelAt(at);
      if (c >= block.channels)
        continue;
      int64_t o = block.firstChannel + c, slot = block.firstSlot + at;
      if (mac.isFloat) {
        constants.floatBias[slot] = mac.floatBias[o];
        continue;
      }
      int64_t zx = mac.inputZero + flip, zw = storedWeightZero(o), sum = 0;
      for (int64_t k = 0; k < mac.depth(); ++k)
        sum += storedWeight(o, k);
      constants.bias[slot] = static_cast<int32_t>(static_cast<uint64_t>(
          mac.biases[o] - zx * sum + mac.depth() * zx * zw));
      int32_t &zero = constants.zeros[slot], &step = constants.steps[slot];
      zero = static_cast<int32_t>(zw);
      constants.channels[slot] = o;
      if (packing)
        step = static_cast<int32_t>(packing->stepOf(o));
      if (block.codeUse != CodeUse::Values) {
        zero = static_cast<int32_t>(
            -step * packing->offsetOf(at / block.form.lanes % block.vectors,
                                      block.codeUse));
        step *= static_cast<int32_t>(packing->perCode());
      }
      if (!mac.sumsToFloats)
        constants.spec[slot] = mac.requant[o];
    }
  return constants;
}

void MatrixLayer::makeRequantizer(SlotConstants &constants, int maxShift) {
  // Joined vectors by twos, where they begin at multiples of two.
  int64_t lanes = 2 * base.lanes;
  if (!base.instructions->joinsVectors() ||
      llvm::any_of(blocks, [&](const ChannelBlock &block) {
        return block.firstSlot % lanes != 0 ||
               (block.count > 1 && block.lanes() % lanes != 0);
      }))
    lanes = base.lanes;
  requantizer.emplace(e, "requant", std::move(constants.spec), lanes,
                      mac.isWide, maxShift);
  auto factor = static_cast<uint32_t>(requantizer->accFactor());
  for (auto [slot, bias] : llvm::enumerate(constants.bias))
    bias =
        addWrapping(static_cast<int32_t>(static_cast<uint32_t>(bias) * factor),
                    requantizer->accOffset(static_cast<int64_t>(slot)));
}

template <typename T>
std::vector<T>
MatrixLayer::inOrder(function_ref<T(int64_t o, int64_t k)> weightOf) const {
  std::vector<T> packed;
  bool gathers = gathersTails(), overlaps = overlapsTails();
  for (const ChannelBlock &block : blocks)
    for (int64_t i = 0; i < block.count; ++i)
      for (int64_t group = 0; group < totalGroups(); ++group)
        for (int64_t v = 0; v < block.vectors; ++v)
          block.form.pack<T>(
              [&](int64_t lane, int64_t k) {
                int64_t c = block.channelOf(i, v, lane),
                        at = runs.valueAt(group, k, base.group, gathers,
                                          overlaps);
                return c < block.channels && at >= 0
                           ? weightOf(block.firstChannel + c, at)
                           : T(0);
              },
              packed);
  return packed;
}

void MatrixLayer::makeTables() {
  SlotConstants constants = readConstants();
  if (mac.isFloat) {
    weightTable =
        e.table("weights", ArrayRef(inOrder<float>([&](int64_t o, int64_t k) {
                  return mac.floatWeights[o * mac.depth() + k];
                })));
    biasTable = e.table("bias", ArrayRef(constants.floatBias));
    return;
  }
  if (e.outputs[0].planes > 0 && !mac.isWide &&
      PlaneEnds::fits(mac.requant, e.outputs[0].type))
    planeEnds.emplace(e, constants.spec);
  // Weights that are to be multiplied wait for what the requantization wants;
  // else they come first, as they are read.
  int maxShift = maxAccShift();
  if (maxShift)
    makeRequantizer(constants, maxShift);
  int32_t factor = requantizer ? requantizer->accFactor() : 1;
  bool addsBiasesLast = base.instructions->addsBiasesLast();
  int32_t weightFactor = addsBiasesLast ? 1 : factor;
  std::vector<int16_t> packed = inOrder<int16_t>([&](int64_t o, int64_t k) {
    int64_t w = storedWeight(o, k);
    if (packing)
      return static_cast<int16_t>(packing->valueOf(o, w));
    return static_cast<int16_t>((rests ? WeightRests::byteOf(w) : w) *
                                weightFactor);
  });
  weightTable = makeWeightTable(packed);
  proveSums(packed);
  // Sums of packed values are multiplied by what they are less than weights.
  std::vector<int32_t> &steps = constants.steps, &zeros = constants.zeros,
                       &bias = constants.bias;
  if ((packing || addsBiasesLast) && factor != 1)
    for (std::vector<int32_t> *those : {&steps, &zeros})
      for (int32_t &constant : *those)
        constant *= factor;
  if (addsBiasesLast && llvm::all_equal(steps))
    commonStep = static_cast<int16_t>(steps.front());
  else if (llvm::any_of(steps, [](int32_t step) { return step != 1; }))
    stepTable = e.table("steps", ArrayRef(steps));
  if (mac.sumsToFloats)
    epilogue.emplace(e, mac, constants.channels);
  else if (!maxShift && !planeEnds)
    makeRequantizer(constants, maxShift);
  bool pairs = base.instructions->pairsPixels() && !stepTable;
  biasTable = e.table("bias", ArrayRef(pairs ? twiceByTwos(bias) : bias));
  if (llvm::any_of(zeros, [](int32_t zero) { return zero != 0; }))
    zeroTable = e.table("weight_zeros", ArrayRef(zeros));
}

Value MatrixLayer::makeWeightTable(ArrayRef<int16_t> packed) {
  if (packing)
    return packUnits(packed);
  // One channel at a time widens a weight for nothing: bytes halve the flash.
  // Pairs are read as they are multiplied.
  bool fitBytes = llvm::all_of(
      packed, [](int16_t w) { return w >= INT8_MIN && w <= INT8_MAX; });
  if (base.weightBits() == 16 &&
      !(base.lanes == 1 && base.group == 1 && fitBytes))
    return e.table("weights", packed);
  std::vector<int8_t> bytes(packed.begin(), packed.end());
  return e.table("weights", ArrayRef(bytes));
}

/// Makes a table of runs that are whole units.
Value MatrixLayer::packUnits(ArrayRef<int16_t> packed) {
  std::vector<int8_t> bytes;
  for (ChannelBlock &block : blocks) {
    int64_t perStep = block.form.weightsPerStep(),
            perRun = groupsPerRun() * block.vectors * perStep;
    block.firstElement = static_cast<int64_t>(bytes.size());
    for (int64_t run = 0; run < block.count * runs.count(); ++run) {
      SmallVector<int16_t> values(packed.take_front(perRun));
      values.resize(runWeights(block), 0);
      packing->pack(values, perStep, block.codeUse, bytes);
      packed = packed.drop_front(perRun);
    }
  }
  return e.table("weights", ArrayRef(bytes));
}

WeightTable MatrixLayer::packedTableOf(const ChannelBlock &block) const {
  if (!packing)
    return weightTable;
  return {weightTable, *packing, block.form.weightsPerStep(),
          base.lanes == 1 && base.group == 1 ? 8 : base.weightBits(),
          block.codeUse};
}

Value MatrixLayer::packedWeights(const ChannelBlock &block, Value index) const {
  int64_t elements =
      runs.count() * packedTableOf(block).elementsOf(runWeights(block));
  if (gathersTails())
    elements += block.weightsOf(1, 1);
  return e.add(e.mul(index, elements), block.firstElement);
}

Value MatrixLayer::unpackedTable(const ChannelBlock &block) const {
  return viewUnpacked(e, mac, runs.count() * runWeights(block),
                      base.weightBits());
}

/// Shows the form the weights of each vector by the chunks that a tile reduces
/// together: whole groups of a run from its start, then its tail; and rests.
void MatrixLayer::proveSums(ArrayRef<int16_t> packed) {
  SmallVector<SmallVector<int16_t>> chunks;
  int64_t wholeGroups = runs.length / base.group;
  for (const ChannelBlock &block :
       gathersTails() ? ArrayRef<ChannelBlock>() : ArrayRef(blocks)) {
    int64_t step = block.form.weightsPerStep();
    for (int64_t run = 0; run < block.count * runs.rows * runs.columns; ++run)
      for (int64_t g = 0; g < groupsPerRun(); ++g) {
        if (g % base.chunk == 0 || g == wholeGroups)
          chunks.append(block.vectors, {});
        for (SmallVector<int16_t> &chunk :
             MutableArrayRef(chunks).take_back(block.vectors)) {
          llvm::append_range(chunk, packed.take_front(step));
          packed = packed.drop_front(step);
        }
      }
  }
  if (rests)
    rests->pack(e, mac, chunks);
  base.instructions->prove(base, chunks);
  for (ChannelBlock &block : blocks)
    block.form.sumEnds = base.sumEnds;
}

} // namespace qcc
