// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler as a library: what an embedding program does, in one thread and
// in two that must not meet.

#include "qcc/Driver/Compiler.h"

#include "qcc/Support/File.h"
#include "gtest/gtest.h"

#include <thread>

using namespace qcc;

namespace {

/// The object of the shipped model under the prefix `name`, or "".
std::string compile(const std::string &name, const std::string &triple) {
  auto file = readFile(QCC_TEST_DATA "/ic_pretrainedResnet_quant.tflite");
  if (!file)
    return llvm::consumeError(file.takeError()), "";
  mlir::DialectRegistry registry;
  registerDriverDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      importModel(&context, (*file)->getMemBufferRef(), {});
  CodeOptions options;
  options.name = name;
  options.request.triple = triple;
  auto target = resolveTarget(options.request);
  if (!target)
    return llvm::consumeError(target.takeError()), "";
  options.target = *target;
  ModelABI abi;
  auto bytes = generateModelCode(*module, EmitKind::Object, options, {}, abi);
  if (mlir::failed(bytes))
    return "";
  EXPECT_EQ(abi.name, name);
  EXPECT_GT(abi.arenaBytes, 0u);
  EXPECT_GT(abi.stackBytes, 0u);
  return std::string(bytes->data(), bytes->size());
}

TEST(Compiler, TwoThreadsDoNotMeet) {
  const std::string arm = "aarch64-linux-gnu", riscv = "riscv64-linux-gnu";
  std::string first = compile("first", arm), second = compile("second", riscv);
  ASSERT_FALSE(first.empty());
  ASSERT_FALSE(second.empty());
  std::string inThread1, inThread2;
  std::thread thread1([&] { inThread1 = compile("first", arm); });
  std::thread thread2([&] { inThread2 = compile("second", riscv); });
  thread1.join();
  thread2.join();
  EXPECT_TRUE(first == inThread1);
  EXPECT_TRUE(second == inThread2);
}

TEST(Compiler, RefusesWhatIsNoModel) {
  mlir::DialectRegistry registry;
  registerDriverDialects(registry);
  mlir::MLIRContext context(registry);
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&context,
                                        [&](mlir::Diagnostic &diagnostic) {
                                          message += diagnostic.str();
                                          return mlir::success();
                                        });
  std::string bytes("\x01\x02\x03\x04\x05\x06\x07\x08", 8);
  EXPECT_FALSE(importModel(&context, llvm::MemoryBufferRef(bytes, "junk"), {}));
  EXPECT_NE(message.find("neither a .tflite model"), std::string::npos);
}

} // namespace
