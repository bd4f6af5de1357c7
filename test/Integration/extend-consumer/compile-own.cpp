// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compiler that knows one operator more than qcc:
//   compile-own model.tflite triple name.o      an object, and its header
//   compile-own model.tflite --interpret        37 numbers, by the definition

#include "OwnDialect.h"

#include "qcc/Driver/CompileModel.h"
#include "qcc/Driver/ModelRunner.h"

#include "llvm/Support/MemoryBuffer.h"

#include <fstream>
#include <iostream>

static int interpret(llvm::MemoryBufferRef model,
                     const qcc::ImportOptions &options) {
  mlir::DialectRegistry registry;
  qcc::registerDriverDialects(registry);
  registry.insert<own::OwnDialect>();
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = qcc::importModel(&context, model, options);
  if (!module)
    return 1;
  auto runner = qcc::createInterpreterRunner(std::move(module));
  if (mlir::failed(runner))
    return 1;
  qcc::NpyArray input(qcc::NpyType::Int8, {37});
  for (int64_t i = 0; i < 37; ++i)
    input.setInteger(i, i * 7 - 128);
  auto outputs = (*runner)->run({input});
  if (mlir::failed(outputs))
    return 1;
  for (int64_t i = 0; i < 37; ++i)
    std::cout << (*outputs)[0].getInteger(i) << "\n";
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 3)
    return 2;
  auto file = llvm::MemoryBuffer::getFile(argv[1]);
  if (!file)
    return 2;
  qcc::CompileOptions options;
  options.import.customOps["OwnShift"] = own::importShift;
  if (llvm::StringRef(argv[2]) == "--interpret")
    return interpret((*file)->getMemBufferRef(), options.import);

  auto kernels = std::make_shared<qcc::KernelSet>();
  qcc::populateKernels(*kernels);
  kernels->add(own::makeShiftKernel());
  options.kernels = kernels;
  options.registerDialects = [](mlir::DialectRegistry &registry) {
    registry.insert<own::OwnDialect>();
  };
  options.name = "own";
  options.target.triple = argv[2];
  auto model = qcc::compileModel(
      (*file)->getMemBufferRef(), options,
      [](const qcc::Message &message) { std::cerr << message.text << "\n"; });
  if (!model)
    return 1;
  std::ofstream(argv[3], std::ios::binary) << model->output;
  std::ofstream("own.h", std::ios::binary) << model->header;
  return 0;
}
