// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler as a library: what an embedding program does, in one thread and
// in two that must not meet.

#include "qcc/Driver/CompileModel.h"

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

/// What the call makes of the shipped model, or "".
std::string compileInMemory(OutputKind output, bool multithreaded) {
  auto file = readFile(QCC_TEST_DATA "/ic_pretrainedResnet_quant.tflite");
  if (!file)
    return llvm::consumeError(file.takeError()), "";
  CompileOptions options;
  options.output = output;
  options.multithreaded = multithreaded;
  options.target.triple = "aarch64-linux-gnu";
  auto model = compileModel((*file)->getMemBufferRef(), options, {});
  return model ? model->output + model->header : "";
}

TEST(CompileModel, ThreadsChangeNoByte) {
  for (OutputKind output : {OutputKind::Object, OutputKind::MLIR}) {
    std::string one = compileInMemory(output, false), many, more;
    std::thread first([&] { many = compileInMemory(output, true); });
    std::thread second([&] { more = compileInMemory(output, true); });
    first.join();
    second.join();
    ASSERT_FALSE(one.empty());
    EXPECT_TRUE(one == many) << static_cast<int>(output);
    EXPECT_TRUE(one == more) << static_cast<int>(output);
  }
}

TEST(CompileModel, RefusesWhatItCannotMake) {
  std::string messages;
  auto keep = [&](const Message &message) { messages += message.text + "\n"; };
  CompileOptions options;
  options.output = OutputKind::Executable;
  EXPECT_FALSE(compileModel(llvm::MemoryBufferRef("", "x"), options, keep));
  options.output = OutputKind::Object;
  options.name = "2nd";
  EXPECT_FALSE(compileModel(llvm::MemoryBufferRef("", "x"), options, keep));
  options.name = "x";
  EXPECT_FALSE(compileModel(llvm::MemoryBufferRef("", "x"), options, keep));
  EXPECT_FALSE(
      compileModel(llvm::MemoryBufferRef("func.func", "x"), options, keep));
  EXPECT_NE(messages.find("programs are not made in memory"),
            std::string::npos);
  EXPECT_NE(messages.find("'2nd' is no C identifier"), std::string::npos);
  EXPECT_NE(messages.find("x:1:10: error: "), std::string::npos) << messages;
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
