// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The matrix kernel: convolutions and matrix products as tiles of `mr` pixels
// by `nv` vectors of output channels held in registers while the reduction
// streams by. What fits and what it costs is here, the code in MatrixLayer.cpp.
// Weights of few bits may be summed up in 16 bits, and packed: these are
// kernels of their own, which compete.

#include "HybridSample.h"
#include "KernelSupport.h"
#include "MatrixBlocks.h"
#include "PlaneEnds.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;
using namespace qcc;

namespace {

/// Any weights; such as have narrow sums; such as are worth packing; such as
/// have three bits and are packed in the place of four, in one plane, which is
/// cheaper than two.
enum class WeightKind { Any, Narrow, Packed, Widened };

struct GemmKernel final : Kernel {
  StringRef kernelName, anchorName;
  WeightKind kind;

  GemmKernel(StringRef kernelName, StringRef anchorName, WeightKind kind)
      : kernelName(kernelName), anchorName(anchorName), kind(kind) {}
  StringRef getName() const override { return kernelName; }
  StringRef getAnchor() const override { return anchorName; }
  KernelFamily getFamily() const override {
    return kind == WeightKind::Any      ? KernelFamily::Int8
           : kind == WeightKind::Narrow ? KernelFamily::Narrow
                                        : KernelFamily::Container;
  }

  FailureOr<KernelChoice> match(qnn::LayerOp layer, const TargetFacts &facts,
                                std::string &why) const override {
    SmallVector<DotForm, 2> narrow =
        DotForm::getCandidates(facts, /*isFloat=*/false, /*is16Bit=*/false);
    if (kind == WeightKind::Narrow && llvm::none_of(narrow, hasNarrowSums)) {
      why = "no dot products with narrow sums";
      return failure();
    }
    FailureOr<MacLayer> mac =
        MacLayer::read(layer, why, /*withConstants=*/kind != WeightKind::Any);
    // Whether 32 bits hold the sums of 16-bit activations, weights say.
    if (succeeded(mac) && mac->inputBits == 16)
      mac = MacLayer::read(layer, why);
    if (failed(mac) ||
        !mac->isPlain(why, /*allow16Bit=*/true, /*allowHybrid=*/true) ||
        (mac->needsFloats() && !hasFloats(facts, why)) ||
        (mac->isHybrid && !HybridSamples::isPossible(*mac, facts, why)))
      return failure();
    if (mac->groups != 1) {
      why = "groups other than 1";
      return failure();
    }
    if (kind != WeightKind::Any && mac->isFloat) {
      why = "float weights";
      return failure();
    }
    int64_t rowPixels = mac->outWidth;
    // Rows of a pointwise convolution without stride join into one when the
    // buffers turn out dense.
    if (mac->taps() == 1 && mac->strideHeight == 1 && mac->strideWidth == 1)
      rowPixels *= mac->outHeight;
    SmallVector<DotForm, 2> forms =
        DotForm::getCandidates(facts, mac->isFloat, mac->inputBits == 16);
    int64_t rows =
        mac->batch * (rowPixels == mac->outWidth ? mac->outHeight : 1);
    Variant best;
    double bestCost = 0, bestWork = 0;
    for (const Variant &variant : getVariants(*mac, forms, facts)) {
      int64_t maxVectors =
          llvm::divideCeil(mac->outChannels, variant.form.lanes);
      for (int64_t vectors = 1; vectors <= std::min<int64_t>(maxVectors, 8);
           ++vectors)
        for (int64_t pixels = 1;
             pixels <= std::min<int64_t>(rowPixels, 16) &&
             variant.form.instructions->fits(variant.form, pixels, vectors);
             ++pixels) {
          DotForm form = variant.form;
          CodeUse use = CodeUse::Values;
          if (variant.packing && !variant.unpacksFirst)
            use = codeUseOf(*variant.packing, *mac, form, vectors);
          // A mask makes a code what is multiplied, and activations are summed.
          if (use == CodeUse::InPlace)
            form.unpackCycles =
                form.unpackCycles /
                    static_cast<double>(variant.packing->operations()) +
                form.stepCycles * 0.5 * static_cast<double>(pixels) /
                    static_cast<double>(vectors);
          else if (use == CodeUse::Codes)
            form.unpackCycles =
                form.instructions->codeCycles(form, *variant.packing, pixels);
          double cost = estimateRow(*mac, form, {pixels, vectors}, rowPixels,
                                    mac->outChannels);
          // Whether rows join the plan of the memory will say: the tile should
          // suit either.
          if (form.registerLanes && rowPixels != mac->outWidth)
            cost = (cost + static_cast<double>(mac->outHeight) *
                               estimateRow(*mac, form, {pixels, vectors},
                                           mac->outWidth, mac->outChannels)) /
                   2;
          cost += variant.unpackCycles / static_cast<double>(rows);
          // Sums of windows, once for all channels.
          if (use == CodeUse::Codes)
            cost += static_cast<double>(rowPixels *
                                        static_cast<int64_t>(llvm::divideCeil(
                                            mac->depth(), form.group))) *
                    (form.stepCycles + form.activationCycles) / 2;
          // Of tiles that all wait for memory the one with the least work.
          double work = cost;
          cost =
              std::max(cost, variant.streamCycles / static_cast<double>(rows));
          if (bestCost == 0 || cost < bestCost ||
              (cost == bestCost && work < bestWork)) {
            bestCost = cost;
            bestWork = work;
            best = variant;
            best.tile = {pixels, vectors};
          }
        }
    }
    if (bestCost == 0) {
      why = kind == WeightKind::Packed    ? "weights have 8 bits"
            : kind == WeightKind::Widened ? "weights have no 3 bits"
                                          : "sums of products exceed 16 bits";
      return failure();
    }
    const DotForm &form = best.form;
    int64_t maxVectors = llvm::divideCeil(mac->outChannels, form.lanes);
    Builder b(layer.getContext());
    KernelChoice choice;
    choice.cycles = bestCost * static_cast<double>(rows) +
                    static_cast<double>(rows * rowPixels * maxVectors) * 4;
    choice.config = {
        b.getNamedAttr("mr", b.getI64IntegerAttr(best.tile.pixels)),
        b.getNamedAttr("nv", b.getI64IntegerAttr(best.tile.vectors)),
        b.getNamedAttr("lanes", b.getI64IntegerAttr(form.lanes))};
    if (forms.size() > 1)
      choice.config.push_back(
          b.getNamedAttr("form", b.getI64IntegerAttr(best.number)));
    if (mac->isHybrid) {
      choice.scratchBytes = HybridSamples::layerBytes(*mac, mac->padding);
      choice.cycles += HybridSamples::cycles(*mac, facts);
      // Nothing is read any more when the first result is written.
      choice.inPlaceInputs.push_back(0);
    }
    if (best.packing) {
      // Steps multiply sums.
      if (best.packing->hasSteps())
        choice.cycles += static_cast<double>(rows * rowPixels * maxVectors) * 2;
      choice.config.push_back(b.getNamedAttr(
          "weight_bits", b.getI64IntegerAttr(best.packing->bits())));
      if (best.unpacksFirst) {
        choice.config.push_back(
            b.getNamedAttr("unpacks_first", b.getUnitAttr()));
        choice.scratchBytes =
            unpackedAt(*mac) +
            unpackedBytes(*mac, form, best.tile.vectors, *best.packing);
      }
    }
    // But for what fills the last vector and unit.
    int64_t count = mac->outChannels * mac->depth();
    choice.plainWeightBytes =
        count * (form.lanes == 1 && !mac->isFloat ? 8 : form.weightBits()) / 8;
    choice.weightBytes = best.packing ? static_cast<int64_t>(llvm::divideCeil(
                                            count * best.packing->bits(), 8))
                                      : choice.plainWeightBytes;
    choice.inputs.resize(layer.getInputs().size());
    choice.inputs[0].acceptsPadding = !mac->isMatrix;
    if (!mac->isHybrid)
      choice.inputs[0].padding = mac->padding;
    choice.producesPadding = !mac->isMatrix;
    // Words of 32 channels, from plain vectors of them, or else rows of bytes
    // that are packed, where no other thread makes some at the same time.
    Type result = getAnchorOp(layer)->getResult(0).getType();
    if (!mac->isMatrix && !mac->isHybrid && !mac->isFloat &&
        !mac->sumsToFloats && mac->resultBits == 8 && qnn::bitCodeOf(result)) {
      bool fillsWords = facts.isa == IsaFamily::X86 && form.lanes > 1 &&
                        mac->outChannels % 32 == 0 &&
                        best.tile.vectors * form.lanes % 32 == 0 &&
                        !form.instructions->joinsVectors();
      // Rows have all channels: weights that are unpacked for a block of them
      // must be those of all.
      bool keepsWeights = best.unpacksFirst &&
                          mac->outChannels <= best.tile.vectors * form.lanes;
      bool packsRows = !fillsWords && facts.threads == 1 &&
                       (choice.scratchBytes == 0 || keepsWeights);
      choice.producesPlanes = fillsWords || packsRows;
      if (packsRows) {
        choice.config.push_back(b.getNamedAttr("packs_rows", b.getUnitAttr()));
        choice.planeScratchBytes = PlaneRows::scratchBytes(result);
      }
    }
    choice.walks = mac->rowWalks(facts);
    if (mac->taps() == 1 && mac->strideHeight == 1 && mac->strideWidth == 1)
      for (RowWalk &walk : choice.walks)
        walk.pixels = llvm::alignTo(MacLayer::pixelsPerStep, best.tile.pixels);
    return choice;
  }

  LogicalResult emit(LayerEmitter &e) const override;

private:
  bool packs() const {
    return kind == WeightKind::Packed || kind == WeightKind::Widened;
  }

  /// A way to multiply a layer.
  struct Variant {
    /// The form, and its number among those of the target.
    DotForm form;
    int64_t number = 0;
    Tile tile;
    std::optional<WeightPacking> packing;
    /// Weights are unpacked into memory before the pixels of a block read them:
    /// what that costs, of all blocks.
    bool unpacksFirst = false;
    double unpackCycles = 0;
    /// At least, for weights that come from memory.
    double streamCycles = 0;
  };

  static bool hasNarrowSums(const DotForm &form) {
    return form.instructions->hasNarrowSums();
  }

  SmallVector<Variant, 0> getVariants(const MacLayer &mac,
                                      ArrayRef<DotForm> forms,
                                      const TargetFacts &facts) const {
    SmallVector<Variant, 0> variants;
    for (auto [index, candidate] : llvm::enumerate(forms)) {
      auto number = static_cast<int64_t>(index);
      std::optional<WeightPacking> packing;
      if (!packs() && hasNarrowSums(candidate) != (kind == WeightKind::Narrow))
        continue;
      if (packs() && !(packing = findMatrixPacking(mac, candidate, facts)))
        continue;
      if (kind == WeightKind::Widened) {
        if (packing->bits() != 3)
          continue;
        packing = packing->withBits(4);
      }
      DotForm form = withRanges(candidate, mac, packing);
      if (!form.instructions->suits(form, mac.outChannels))
        continue;
      form = form.withLanes(form.fitLanes(mac.outChannels));
      if (!packing) {
        variants.push_back({form, number, {}, std::nullopt});
        variants.back().streamCycles =
            estimateStream(mac, form, form.weightBits());
        continue;
      }
      DotForm packed = form.withPacking(*packing, facts);
      double stream = estimateStream(mac, form, packing->bits());
      variants.push_back(
          {packed, number, {}, packing, /*unpacksFirst=*/false, 0, stream});
      // Blocks outermost: not where rows are, nor in each of several threads.
      if (facts.threads > 1 || form.lanes == 1 || !mac.rowWalks(facts).empty())
        continue;
      auto steps =
          static_cast<double>(llvm::divideCeil(mac.outChannels, form.lanes) *
                              llvm::divideCeil(mac.depth(), form.group));
      double registers = std::max(
          1.0, static_cast<double>(form.weightsPerStep() * form.weightBits()) /
                   facts.vectorBits);
      variants.push_back({form,
                          number,
                          {},
                          packing,
                          /*unpacksFirst=*/true,
                          steps * (packed.unpackCycles + registers),
                          stream});
    }
    return variants;
  }
};

LogicalResult GemmKernel::emit(LayerEmitter &e) const {
  std::string why;
  FailureOr<MacLayer> mac = MacLayer::read(e.layer, why);
  if (failed(mac))
    return e.layer.emitOpError() << why;
  for (const RowWalk &walk : e.getChoice().walks)
    if (walk.pixels % e.getConfig("mr") != 0)
      return e.layer.emitOpError() << "has tiles of " << e.getConfig("mr")
                                   << " pixels, which do not divide the "
                                   << walk.pixels << " of its 'row_walks'";
  emitMatrixLayer(e, std::move(*mac), packs());
  return success();
}

} // namespace

void qcc::populateConvKernels(KernelSet &kernels) {
  kernels.add(std::make_unique<GemmKernel>("conv2d.gemm", "qnn.conv2d",
                                           WeightKind::Any));
  kernels.add(std::make_unique<GemmKernel>(
      "fully_connected.gemm", "qnn.fully_connected", WeightKind::Any));
  kernels.add(std::make_unique<GemmKernel>(
      "depthwise_conv2d.gemm", "qnn.depthwise_conv2d", WeightKind::Any));
  kernels.add(std::make_unique<GemmKernel>("conv2d.narrow", "qnn.conv2d",
                                           WeightKind::Narrow));
  kernels.add(std::make_unique<GemmKernel>(
      "fully_connected.narrow", "qnn.fully_connected", WeightKind::Narrow));
  kernels.add(std::make_unique<GemmKernel>("conv2d.container", "qnn.conv2d",
                                           WeightKind::Packed));
  kernels.add(std::make_unique<GemmKernel>(
      "fully_connected.container", "qnn.fully_connected", WeightKind::Packed));
  kernels.add(std::make_unique<GemmKernel>("conv2d.nibbles", "qnn.conv2d",
                                           WeightKind::Widened));
  kernels.add(std::make_unique<GemmKernel>(
      "fully_connected.nibbles", "qnn.fully_connected", WeightKind::Widened));
}
