// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the kernels of depthwise convolutions have in common: they read one
// plain layer, want its padding around the input and may write into padding. In
// the hybrid form the rounded samples have the padding.

#ifndef QCC_LIB_CONVERSION_KERNELS_DEPTHWISEKERNEL_H
#define QCC_LIB_CONVERSION_KERNELS_DEPTHWISEKERNEL_H

#include "KernelSupport.h"
#include "MacEnds.h"

namespace qcc {

class DepthwiseKernel : public Kernel {
public:
  llvm::StringRef getAnchor() const final { return "qnn.depthwise_conv2d"; }

  mlir::FailureOr<KernelChoice> match(qnn::LayerOp layer,
                                      const TargetFacts &facts,
                                      std::string &why) const final {
    if (!fits(facts, why))
      return mlir::failure();
    mlir::FailureOr<MacLayer> mac =
        MacLayer::read(layer, why, /*withConstants=*/wantsWeights());
    if (failed(mac) ||
        !mac->isPlain(why, /*allow16Bit=*/false, /*allowHybrid=*/true) ||
        (mac->needsFloats() && !hasFloats(facts, why)) ||
        (mac->isHybrid && !HybridSamples::isPossible(*mac, facts, why)))
      return mlir::failure();
    KernelChoice choice;
    choice.inputs.resize(layer.getInputs().size());
    choice.inputs[0].acceptsPadding = true;
    if (!mac->isHybrid)
      choice.inputs[0].padding = mac->padding;
    choice.producesPadding = true;
    mlir::Builder builder(layer.getContext());
    auto setConfig = [&](llvm::StringRef name, int64_t value) {
      choice.config.push_back(
          builder.getNamedAttr(name, builder.getI64IntegerAttr(value)));
    };
    if (!choose(*mac, facts, choice, setConfig, why))
      return mlir::failure();
    if (mac->isHybrid) {
      choice.scratchBytes = HybridSamples::layerBytes(*mac, mac->padding);
      choice.cycles += HybridSamples::cycles(*mac, facts);
      // Nothing is read any more when the first result is written.
      choice.inPlaceInputs.push_back(0);
    }
    return choice;
  }

  mlir::LogicalResult emit(LayerEmitter &e) const final {
    std::string why;
    mlir::FailureOr<MacLayer> mac = MacLayer::read(e.layer, why);
    if (failed(mac))
      return e.layer.emitOpError() << why;
    emitLayer(e, std::move(*mac));
    return mlir::success();
  }

protected:
  using SetConfig = llvm::function_ref<void(llvm::StringRef, int64_t)>;

  /// Whether the target has what it takes.
  virtual bool fits(const TargetFacts &facts, std::string &why) const {
    return true;
  }
  /// Whether `choose` looks at the constants of the layer.
  virtual bool wantsWeights() const { return false; }
  /// Sets the cycles and parameters of `choice`; else false and why.
  virtual bool choose(const MacLayer &mac, const TargetFacts &facts,
                      KernelChoice &choice, SetConfig setConfig,
                      std::string &why) const = 0;
  virtual void emitLayer(LayerEmitter &e, MacLayer mac) const = 0;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_DEPTHWISEKERNEL_H
