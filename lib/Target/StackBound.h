// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An upper bound on the stack of generated code: frame sizes as the back end
// laid them out, added up along the longest path of the call graph.

#ifndef QCC_LIB_TARGET_STACKBOUND_H
#define QCC_LIB_TARGET_STACKBOUND_H

#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Module.h"
#include "llvm/Pass.h"
#include "llvm/Support/Error.h"

namespace qcc {

/// Frames of one module, filled by the pass below while code is generated.
struct StackFrames {
  /// Bytes by function name.
  llvm::StringMap<uint64_t> bytes;
  /// Functions whose frame has no static size.
  std::vector<std::string> unbounded;
};

/// A machine function pass that fills `frames`; to be added after frames are
/// laid out and before the functions are printed and freed. After the last
/// function of the module it calls `finished`, still before the globals are
/// printed.
///
/// A frame counts with what its call pushes, with the padding of an
/// over-aligned frame, and with RISC-V vector spills at the longest VLEN,
/// `maxVlenBits`.
llvm::FunctionPass *
createCollectStackFramesPass(StackFrames &frames, unsigned maxVlenBits,
                             std::function<void(llvm::Module &)> finished);

/// Bytes of stack below the caller of `entry`. Calls of memcpy, memmove and
/// memset count with `libraryAllowance`; an indirect call (a caller's
/// parallel-for) with the largest function whose address is taken. Fails on
/// recursion and on frames without static size, naming the function.
llvm::Expected<uint64_t> computeStackBound(const llvm::Module &module,
                                           llvm::StringRef entry,
                                           const StackFrames &frames);

/// Longest VLEN that bounds are stated for: the longest of existing cores.
constexpr unsigned maxSupportedVlenBits = 1024;
/// Stack that memcpy and its kin may use: some registers saved. Dynamic
/// linking's resolution of the first call is not in it.
constexpr uint64_t libraryAllowance = 64;

} // namespace qcc

#endif // QCC_LIB_TARGET_STACKBOUND_H
