// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels that must be chosen. See the header.

#include "WantedKernels.h"

#include <set>

namespace qcc::fuzz {

bool isKernelFor(llvm::StringRef name, const TargetFacts &facts) {
  bool hasFloats = facts.hasFloat && !facts.integerOnly;
  bool addsFloats = facts.hasVectorFloat && hasFloats && !facts.hasRVV;
  if (name == "depthwise_conv2d.columns")
    return facts.vectorBits &&
           (facts.isa == IsaFamily::X86 || facts.hasDotProd);
  if (name == "depthwise_conv2d.narrow")
    return facts.hasNEON && !facts.hasDotProd;
  if (name == "depthwise_conv2d.bytes")
    return facts.hasRVV;
  // For weights or activations of few bits, which the table's are not, or not
  // to be chosen for layers that small.
  if (name.ends_with("conv2d.container") ||
      name == "fully_connected.container" || name == "conv2d.narrow" ||
      name == "fully_connected.narrow" || name.ends_with(".bitserial") ||
      name.ends_with(".lut") || name.ends_with(".nibbles") ||
      name == "copy.planes")
    return false;
  if (name == "add.float")
    return addsFloats;
  if (name == "add.int32")
    return !addsFloats;
  // Where 32 bits are not proved to do, which none of the table's scales is.
  if (name == "add.int64")
    return false;
  // Where there are floats, converting is cheaper.
  if (name == "cast.table" || name == "dequantize.table")
    return !hasFloats;
  if (name == "requantize.affine")
    return facts.vectorBits && !facts.hasRVV;
  // A few instructions are cheaper than looking bytes up one by one.
  static const std::set<llvm::StringRef> cheap = {
      "abs.table", "add.table",        "compare.table",
      "mul.table", "requantize.table", "sub.table"};
  if (cheap.count(name))
    return facts.isa != IsaFamily::X86 || facts.hasAVX512VBMI;
  // The logical ones follow comparisons, which they are one layer with unless
  // those are of floats.
  static const std::set<llvm::StringRef> onlyFloats = {
      "block_fully_connected.container",
      "l2_pool2d.direct",
      "logical_not.direct",
      "logical_or.direct",
      "neg.direct",
      "pow.direct",
      "sign.direct",
      "squared_difference.direct"};
  return hasFloats || !(name.ends_with(".float") || onlyFloats.count(name) ||
                        name == "softmax.float_table");
}

bool isOfMethod(llvm::StringRef name, llvm::StringRef method) {
  return name.split('.').second == method;
}

namespace {

/// A kernel of another set.
class BorrowedKernel final : public Kernel {
public:
  explicit BorrowedKernel(const Kernel &kernel) : kernel(kernel) {}
  llvm::StringRef getName() const override { return kernel.getName(); }
  llvm::StringRef getAnchor() const override { return kernel.getAnchor(); }
  KernelFamily getFamily() const override { return kernel.getFamily(); }
  mlir::FailureOr<KernelChoice> match(qnn::LayerOp layer,
                                      const TargetFacts &facts,
                                      std::string &why) const override {
    return kernel.match(layer, facts, why);
  }
  mlir::LogicalResult emit(LayerEmitter &emitter) const override {
    return kernel.emit(emitter);
  }

private:
  const Kernel &kernel;
};

} // namespace

std::shared_ptr<const KernelSet> forceKernels(const KernelSet &all,
                                              llvm::StringRef method) {
  std::set<llvm::StringRef> anchors;
  for (llvm::StringRef name : all.getNames())
    if (isOfMethod(name, method))
      anchors.insert(all.find(name)->getAnchor());
  if (anchors.empty())
    return nullptr;
  auto kernels = std::make_shared<KernelSet>();
  for (llvm::StringRef name : all.getNames()) {
    const Kernel &kernel = *all.find(name);
    if (isOfMethod(name, method) || !anchors.count(kernel.getAnchor()))
      kernels->add(std::make_unique<BorrowedKernel>(kernel));
  }
  return kernels;
}

} // namespace qcc::fuzz
