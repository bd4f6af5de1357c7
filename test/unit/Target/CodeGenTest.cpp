// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects for every target: made, checked, bounded in stack, reproducible; and
// the breaches of the loops contract that must be told.

#include "TargetTestModels.h"
#include "qcc/Target/ModelInfo.h"
#include "qcc/Target/VerifyObject.h"
#include "llvm/Object/ELFObjectFile.h"

using namespace qcc;
using namespace qcc::test;
using namespace llvm;

namespace {

std::string nameOf(const TargetRequest &request) {
  return request.triple + " " + request.cpu + " " + request.features;
}

/// Names of the symbols of an object: 'T' + name if global, 't' + name if
/// local.
std::set<std::string> symbolsOf(StringRef bytes) {
  std::set<std::string> names;
  auto file = cantFail(
      object::ObjectFile::createObjectFile(MemoryBufferRef(bytes, "object")));
  for (const auto &symbol : file->symbols()) {
    uint32_t flags = cantFail(symbol.getFlags());
    bool global = flags & object::SymbolRef::SF_Global;
    names.insert((global ? "T " : "t ") + cantFail(symbol.getName()).str());
  }
  return names;
}

TEST(CodeGen, ObjectForEveryTarget) {
  for (const TargetRequest &request : allTargets()) {
    SCOPED_TRACE(nameOf(request));
    TargetDescription target = resolveOrFail(request);
    TestModel model = integerModel();
    auto bytes =
        compileModule(*model.module, target, EmitKind::Object, model.abi, {});
    ASSERT_TRUE(mlir::succeeded(bytes));
    StringRef object(bytes->data(), bytes->size());
    std::set<std::string> symbols = symbolsOf(object);
    EXPECT_TRUE(symbols.count("T tiny_run"));
    EXPECT_TRUE(symbols.count("T tiny_info"));
    EXPECT_TRUE(symbols.count("t tiny.add_0"));
    EXPECT_TRUE(symbols.count("t tiny.mul_1"));
    EXPECT_TRUE(symbols.count("t tiny.weights"));
    EXPECT_GT(model.abi.stackBytes, 0u);
    EXPECT_LT(model.abi.stackBytes, 4096u);
    // The constant carries the bound that was found.
    SmallVector<char, 0> info = serializeModelInfo(model.abi);
    EXPECT_TRUE(object.contains(StringRef(info.data(), info.size())));
  }
}

TEST(CodeGen, IntegerOnlyHoldsWhereAsked) {
  for (TargetRequest request : allTargets()) {
    SCOPED_TRACE(nameOf(request));
    request.integerOnly = true;
    TestModel model = integerModel();
    EXPECT_TRUE(
        mlir::succeeded(compileModule(*model.module, resolveOrFail(request),
                                      EmitKind::Object, model.abi, {})));
  }
}

TEST(CodeGen, FloatModelNeedsNoLibrary) {
  for (TargetRequest request : allTargets()) {
    SCOPED_TRACE(nameOf(request));
    request.integerOnly = false;
    TargetDescription target = resolveOrFail(request);
    if (!target.facts.hasFloat)
      continue;
    TestModel model = floatModel();
    EXPECT_TRUE(mlir::succeeded(
        compileModule(*model.module, target, EmitKind::Object, model.abi, {})));
  }
}

TEST(CodeGen, IntegerOnlyRefusesFloats) {
  for (TargetRequest request :
       {TargetRequest{"x86_64-linux-gnu", "x86-64-v3", "", true},
        TargetRequest{"aarch64-linux-gnu", "", "", true},
        TargetRequest{"riscv64-linux-gnu", "", "+v", true},
        TargetRequest{"thumbv7em-none-eabihf", "cortex-m4", "", true}}) {
    SCOPED_TRACE(nameOf(request));
    TestModel model = floatModel();
    std::string message;
    mlir::ScopedDiagnosticHandler handler(
        model.context.get(),
        [&](mlir::Diagnostic &diagnostic) { message += diagnostic.str(); });
    EXPECT_TRUE(
        mlir::failed(compileModule(*model.module, resolveOrFail(request),
                                   EmitKind::Object, model.abi, {})));
    EXPECT_NE(message.find("floating-point instruction"), std::string::npos)
        << message;
  }
}

TEST(CodeGen, TextFormsAndReproducibility) {
  TargetDescription target =
      resolveOrFail({"aarch64-linux-gnu", "cortex-a72", "", {}});
  auto compile = [&](EmitKind kind) {
    TestModel model = integerModel();
    auto bytes = compileModule(*model.module, target, kind, model.abi, {});
    EXPECT_TRUE(mlir::succeeded(bytes));
    return std::string(bytes->data(), bytes->size());
  };
  EXPECT_EQ(compile(EmitKind::Object), compile(EmitKind::Object));
  std::string text = compile(EmitKind::Assembly);
  EXPECT_NE(text.find("tiny_run:"), std::string::npos);
  EXPECT_NE(text.find("tiny.mul_1"), std::string::npos);
  std::string ir = compile(EmitKind::LLVMIR);
  EXPECT_NE(ir.find("target triple = \"aarch64"), std::string::npos);
  EXPECT_NE(ir.find("define dso_local i32 @tiny_run(ptr"), std::string::npos);
  EXPECT_EQ(compile(EmitKind::Bitcode).substr(0, 2), "BC");
}

TEST(CodeGen, ConstantsGoIntoTheNamedSection) {
  TargetDescription target =
      resolveOrFail({"thumbv7em-none-eabihf", "cortex-m4", "", {}});
  TestModel model = integerModel();
  CodeGenOptions options;
  options.section = ".qspi_flash";
  auto bytes = compileModule(*model.module, target, EmitKind::Object, model.abi,
                             options);
  ASSERT_TRUE(mlir::succeeded(bytes));
  auto file = cantFail(object::ObjectFile::createObjectFile(
      MemoryBufferRef(StringRef(bytes->data(), bytes->size()), "object")));
  uint64_t size = 0;
  for (const object::SectionRef &section : file->sections())
    if (cantFail(section.getName()) == ".qspi_flash")
      size = section.getSize();
  EXPECT_EQ(size, 64u);
}

/// Compiles `text` as model "m" of no tensors and expects this diagnostic.
void expectError(StringRef text, const char *part,
                 TargetRequest request = {"x86_64-linux-gnu", "", "", {}}) {
  ModelABI abi;
  abi.name = "m";
  abi.arenaBytes = 16;
  abi.arenaAlign = 16;
  TestModel model = parseModel(text, abi);
  std::string message;
  mlir::ScopedDiagnosticHandler handler(
      model.context.get(),
      [&](mlir::Diagnostic &diagnostic) { message += diagnostic.str(); });
  EXPECT_TRUE(mlir::failed(compileModule(*model.module, resolveOrFail(request),
                                         EmitKind::Object, model.abi, {})));
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST(CodeGen, BrokenContractsAreTold) {
  expectError("func.func @other() { return }", "no function 'm_run'");
  expectError("func.func @m_run(%a: memref<16xi8>) { return }",
              "must return i32");
  expectError("func.func @m_run(%a: memref<16xi8>, %b: memref<16xi8>) -> i32 {"
              "  %c = arith.constant 0 : i32 return %c : i32 }",
              "takes 2 arguments, but the interface has 1");
  expectError("func.func @m_run(%a: memref<16xi8> {llvm.align = 64 : i64})"
              " -> i32 { %c = arith.constant 0 : i32 return %c : i32 }",
              "claims alignment 64");
  expectError("memref.global \"private\" @x : memref<4xi8> = dense<1>\n"
              "func.func @m_run(%a: memref<16xi8>) -> i32 {"
              "  %c = arith.constant 0 : i32 return %c : i32 }",
              "is not constant");
  expectError("func.func private @helper()\n"
              "func.func @m_run(%a: memref<16xi8>) -> i32 {"
              "  func.call @helper() : () -> ()"
              "  %c = arith.constant 0 : i32 return %c : i32 }",
              "undefined symbol 'helper'");
  expectError("func.func @m_run(%a: memref<16xi8>) -> i32 {"
              "  %c = func.call @m_run(%a) : (memref<16xi8>) -> i32"
              "  return %c : i32 }",
              "is recursive");
  expectError("func.func @m_run(%a: memref<16xi8>) -> i32 {"
              "  %i = arith.constant 0 : index"
              "  %f = arith.constant 1.0 : f32"
              "  %p = memref.view %a[%i][] : memref<16xi8> to memref<4xf32>"
              "  %x = memref.load %p[%i] : memref<4xf32>"
              "  %y = math.fma %x, %x, %f : f32"
              "  memref.store %y, %p[%i] : memref<4xf32>"
              "  %c = arith.constant 0 : i32 return %c : i32 }",
              "has no instruction on this target");
}

} // namespace
