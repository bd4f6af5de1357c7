// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a module of generated code shows to the outside, made on LLVM IR.

#ifndef QCC_LIB_TARGET_ENTRYPOINTS_H
#define QCC_LIB_TARGET_ENTRYPOINTS_H

#include "qcc/Target/CodeGen.h"

namespace qcc {

/// Makes every definition internal but the public functions; places constants;
/// sets the attributes all functions share; wraps the public functions in
/// pointer checks; adds `<name>_info` and the JIT's entries. Errors say which
/// contract of translateToLLVM is broken.
llvm::Error finishModule(LLVMModule &module, const TargetDescription &target,
                         const ModelABI &abi, const CodeGenOptions &options);

/// Calls of llvm.memcpy and its kin that the ARM back end would send to
/// __aeabi_memcpy become calls of memcpy, the only library names we allow.
void lowerMemoryIntrinsics(llvm::Module &module);

/// Sets the initializer of `<abi.name>_info`, if the module has it.
void setModelInfo(llvm::Module &module, const ModelABI &abi);

} // namespace qcc

#endif // QCC_LIB_TARGET_ENTRYPOINTS_H
