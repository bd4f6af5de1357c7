// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kernel set, and kernel choices as attributes.

#include "qcc/Conversion/Kernel.h"

#include "PackedRows.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace qcc;

void KernelSet::add(std::unique_ptr<Kernel> kernel) {
  byAnchor[kernel->getAnchor()].push_back(kernel.get());
  owned.push_back(std::move(kernel));
}

ArrayRef<const Kernel *> KernelSet::lookup(StringRef anchor) const {
  auto it = byAnchor.find(anchor);
  return it == byAnchor.end() ? ArrayRef<const Kernel *>()
                              : ArrayRef<const Kernel *>(it->second);
}

const Kernel *KernelSet::find(StringRef name) const {
  for (const std::unique_ptr<Kernel> &kernel : owned)
    if (kernel->getName() == name)
      return kernel.get();
  return nullptr;
}

SmallVector<StringRef> KernelSet::getNames() const {
  SmallVector<StringRef> names;
  for (const std::unique_ptr<Kernel> &kernel : owned)
    names.push_back(kernel->getName());
  return names;
}

Operation *qcc::getAnchorOp(qnn::LayerOp layer) {
  for (Operation &op : layer.getBody().front())
    if (!isa<qnn::ConstantOp, qnn::YieldOp>(op))
      return &op;
  return nullptr;
}

bool qcc::hasSeveralOps(qnn::LayerOp layer) {
  return llvm::count_if(layer.getBody().front(), [](Operation &op) {
           return !isa<qnn::ConstantOp, qnn::YieldOp>(op);
         }) > 1;
}

// What the planner reads lies in the config dictionary beside the kernel's own
// parameters, under these names.
static constexpr StringLiteral kCycles = "cycles", kPads = "pads",
                               kAcceptsPadding = "accepts_padding",
                               kProducesPadding = "produces_padding",
                               kInPlace = "in_place",
                               kInPlaceStates = "in_place_states",
                               kWalks = "row_walks", kScratch = "scratch",
                               kPlaneScratch = "plane_scratch",
                               kPlanes = "planes",
                               kProducesPlanes = "produces_planes",
                               kWeightBytes = "weight_bytes";

bool qcc::mayTakeOver(const KernelChoice &choice, int64_t result,
                      int64_t input) {
  return (result == 0 && llvm::is_contained(choice.inPlaceInputs, input)) ||
         llvm::is_contained(choice.inPlaceStates, std::pair(result, input));
}

int64_t qcc::planesOfResult(qnn::LayerOp layer) {
  ArrayAttr buffers = layer.getBuffersAttr();
  return buffers && !buffers.empty()
             ? cast<qnn::BufferAttr>(buffers[0]).getPlanes()
             : 0;
}

int64_t qcc::rowBitsOf(Value value) {
  auto layer = value.getDefiningOp<qnn::LayerOp>();
  ArrayAttr buffers = layer ? layer.getBuffersAttr() : ArrayAttr();
  unsigned number = layer ? cast<OpResult>(value).getResultNumber() : 0;
  return buffers && number < buffers.size()
             ? cast<qnn::BufferAttr>(buffers[number]).getRowBits()
             : 0;
}

int64_t qcc::scratchBytesOf(qnn::LayerOp layer, const KernelChoice &choice) {
  return scratchWithWindows(layer, choice,
                            choice.scratchFor(planesOfResult(layer)),
                            [](Value value) { return rowBitsOf(value) > 0; });
}

int64_t qcc::scratchBytesOf(qnn::LayerOp layer) {
  return scratchBytesOf(layer, readKernelAttr(*layer.getKernel()));
}

qnn::KernelAttr qcc::buildKernelAttr(MLIRContext *context, StringRef name,
                                     const KernelChoice &choice) {
  Builder b(context);
  SmallVector<NamedAttribute> entries(choice.config);
  auto add = [&](StringRef key, Attribute value) {
    entries.push_back(b.getNamedAttr(key, value));
  };
  add(kCycles, b.getI64IntegerAttr(static_cast<int64_t>(choice.cycles)));
  SmallVector<Attribute> pads;
  SmallVector<bool> accepts;
  for (const InputRequirement &input : choice.inputs) {
    pads.push_back(b.getDenseI64ArrayAttr(input.padding));
    accepts.push_back(input.acceptsPadding);
  }
  add(kPads, b.getArrayAttr(pads));
  add(kAcceptsPadding, b.getDenseBoolArrayAttr(accepts));
  if (choice.producesPadding)
    add(kProducesPadding, b.getUnitAttr());
  SmallVector<int64_t> planes;
  for (const InputRequirement &input : choice.inputs)
    planes.push_back(static_cast<int64_t>(input.planes));
  if (llvm::any_of(planes, [](int64_t p) { return p != 0; }))
    add(kPlanes, b.getDenseI64ArrayAttr(planes));
  if (choice.producesPlanes)
    add(kProducesPlanes, b.getUnitAttr());
  if (!choice.inPlaceInputs.empty())
    add(kInPlace, b.getDenseI64ArrayAttr(choice.inPlaceInputs));
  SmallVector<int64_t> states;
  for (auto [result, input] : choice.inPlaceStates)
    states.append({result, input});
  if (!states.empty())
    add(kInPlaceStates, b.getDenseI64ArrayAttr(states));
  SmallVector<Attribute> walks;
  for (const RowWalk &walk : choice.walks)
    walks.push_back(
        b.getDenseI64ArrayAttr({walk.input, walk.stride, walk.first, walk.count,
                                walk.rows, walk.pixels}));
  if (!walks.empty())
    add(kWalks, b.getArrayAttr(walks));
  if (choice.scratchBytes)
    add(kScratch, b.getI64IntegerAttr(choice.scratchBytes));
  if (choice.planeScratchBytes)
    add(kPlaneScratch, b.getI64IntegerAttr(choice.planeScratchBytes));
  if (choice.weightBytes != choice.plainWeightBytes)
    add(kWeightBytes,
        b.getDenseI64ArrayAttr({choice.weightBytes, choice.plainWeightBytes}));
  return qnn::KernelAttr::get(context, b.getStringAttr(name),
                              b.getDictionaryAttr(entries));
}

KernelChoice qcc::readKernelAttr(qnn::KernelAttr attr) {
  KernelChoice choice;
  DictionaryAttr config = attr.getConfig();
  for (NamedAttribute entry : config)
    if (!llvm::is_contained({kCycles, kPads, kAcceptsPadding, kProducesPadding,
                             kInPlace, kInPlaceStates, kWalks, kScratch,
                             kPlaneScratch, kPlanes, kProducesPlanes,
                             kWeightBytes},
                            entry.getName()))
      choice.config.push_back(entry);
  if (auto cycles = config.getAs<IntegerAttr>(kCycles))
    choice.cycles = static_cast<double>(cycles.getInt());
  auto pads = config.getAs<ArrayAttr>(kPads);
  auto accepts = config.getAs<DenseBoolArrayAttr>(kAcceptsPadding);
  auto planes = config.getAs<DenseI64ArrayAttr>(kPlanes);
  for (size_t i = 0, e = pads ? pads.size() : 0; i < e; ++i) {
    InputRequirement input;
    if (auto pad = dyn_cast<DenseI64ArrayAttr>(pads[i]); pad && pad.size() == 4)
      llvm::copy(pad.asArrayRef(), input.padding.begin());
    input.acceptsPadding =
        accepts && static_cast<int64_t>(i) < accepts.size() && accepts[i];
    if (planes && static_cast<int64_t>(i) < planes.size() && planes[i] >= 0 &&
        planes[i] <= static_cast<int64_t>(Planes::AsResult))
      input.planes = static_cast<Planes>(planes[i]);
    choice.inputs.push_back(input);
  }
  choice.producesPadding = config.contains(kProducesPadding);
  choice.producesPlanes = config.contains(kProducesPlanes);
  if (auto inPlace = config.getAs<DenseI64ArrayAttr>(kInPlace))
    llvm::append_range(choice.inPlaceInputs, inPlace.asArrayRef());
  if (auto states = config.getAs<DenseI64ArrayAttr>(kInPlaceStates))
    for (int64_t i = 0; i + 1 < states.size(); i += 2)
      choice.inPlaceStates.emplace_back(states[i], states[i + 1]);
  if (auto walks = config.getAs<ArrayAttr>(kWalks))
    for (Attribute walk : walks)
      if (auto v = dyn_cast<DenseI64ArrayAttr>(walk); v && v.size() == 6)
        choice.walks.push_back({v[0], v[1], v[2], v[3], v[4], v[5]});
  if (auto scratch = config.getAs<IntegerAttr>(kScratch))
    choice.scratchBytes = scratch.getInt();
  if (auto scratch = config.getAs<IntegerAttr>(kPlaneScratch))
    choice.planeScratchBytes = scratch.getInt();
  if (auto bytes = config.getAs<DenseI64ArrayAttr>(kWeightBytes);
      bytes && bytes.size() == 2) {
    choice.weightBytes = bytes[0];
    choice.plainWeightBytes = bytes[1];
  }
  return choice;
}

std::optional<KernelFamily> qcc::parseKernelFamily(StringRef name) {
  return llvm::StringSwitch<std::optional<KernelFamily>>(name)
      .Case("int8", KernelFamily::Int8)
      .Case("narrow", KernelFamily::Narrow)
      .Case("container", KernelFamily::Container)
      .Case("bitserial", KernelFamily::BitSerial)
      .Case("lut", KernelFamily::Lut)
      .Default(std::nullopt);
}

std::optional<KernelGoal> qcc::parseKernelGoal(StringRef name) {
  return llvm::StringSwitch<std::optional<KernelGoal>>(name)
      .Case("time", KernelGoal::Time)
      .Case("size", KernelGoal::Size)
      .Default(std::nullopt);
}

int64_t qcc::countConstantBytes(Operation *op) {
  int64_t bytes = 0;
  op->walk([&](Operation *inner) {
    if (DenseElementsAttr value; matchPattern(inner, m_Constant(&value)))
      bytes += value.getNumElements() * qnn::bytesPerElement(value.getType());
  });
  return bytes;
}

std::shared_ptr<const KernelSet> qcc::makeKernelSet() {
  auto kernels = std::make_shared<KernelSet>();
  populateKernels(*kernels);
  return kernels;
}

void qcc::populateKernels(KernelSet &kernels) {
  populateBitserialKernels(kernels);
  populateBlockMatrixKernels(kernels);
  populateConvKernels(kernels);
  populateDepthwiseGroupKernels(kernels);
  populateDepthwiseKernels(kernels);
  populateDepthwiseNarrowKernels(kernels);
  populateDepthwiseRISCVKernels(kernels);
  populateDirectMacKernels(kernels);
  populateElementwiseKernels(kernels);
  populateIndexKernels(kernels);
  populatePlaneKernels(kernels);
  populatePoolKernels(kernels);
  populateReduceKernels(kernels);
  populateResizeKernels(kernels);
  populateLstmKernels(kernels);
  populateLutKernels(kernels);
  populateSvdfKernels(kernels);
  populateShapeKernels(kernels);
  populateSoftmaxKernels(kernels);
  populateNormalizeKernels(kernels);
}
