// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Imports a .tflite model with qcc's library and counts its operations.

#include "qcc/Import/TFLite.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

int main(int argc, char **argv) {
  auto file = llvm::MemoryBuffer::getFile(argc == 2 ? argv[1] : "");
  if (!file)
    return 1;
  mlir::MLIRContext context;
  auto module = qcc::importTFLite(&context, (*file)->getMemBufferRef());
  if (!module)
    return 1;
  unsigned convolutions = 0;
  module->walk([&](qcc::qnn::Conv2DOp) { ++convolutions; });
  llvm::outs() << convolutions << " convolutions\n";
  return 0;
}
