// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// verifyObject on objects that a C compiler made to break each promise; and
// what the promises are for: several models in one program, several
// compilations at once.

#include "qcc/Target/VerifyObject.h"
#include "CommandRunner.h"
#include "TargetTestModels.h"
#include "qcc/Support/File.h"
#include "qcc/Target/HeaderWriter.h"
#include <thread>

using namespace qcc;
using namespace qcc::test;
using namespace llvm;

namespace {

/// Compiles `source` for `request` and returns what verifyObject says.
std::string verifyC(const std::string &source, const TargetRequest &request,
                    const std::string &options) {
  WorkDirectory work;
  EXPECT_FALSE(bool(writeFileAtomically(work.file("a.c"), source)));
  CommandResult result = runCommand(
      "clang-22 -O1 -ffreestanding --target=" + request.triple + " " + options +
      " -c " + work.file("a.c") + " -o " + work.file("a.o"));
  EXPECT_EQ(result.status, 0) << result.output;
  auto object = readFile(work.file("a.o"));
  EXPECT_TRUE(bool(object));
  Error error = verifyObject((*object)->getBuffer(), resolveOrFail(request));
  return error ? toString(std::move(error)) : "";
}

struct Machine {
  TargetRequest request;
  const char *options;
};

const Machine machines[] = {
    {{"x86_64-linux-gnu", "x86-64-v3", "", true}, "-march=x86-64-v3"},
    {{"aarch64-linux-gnu", "", "", true}, ""},
    {{"riscv64-linux-gnu", "", "", true}, "-march=rv64gc"},
    {{"thumbv7em-none-eabihf", "cortex-m4", "", true}, "-mcpu=cortex-m4"}};

TEST(VerifyObject, TellsEachBrokenPromise) {
  if (!hasProgram("clang-22"))
    GTEST_SKIP() << "SKIPPED VerifyObject: no clang-22";
  for (const Machine &machine : machines) {
    SCOPED_TRACE(machine.request.triple);
    auto verify = [&](const char *source) {
      return verifyC(source, machine.request, machine.options);
    };
    EXPECT_EQ(verify("void *memcpy(void *, const void *, unsigned long);\n"
                     "const int table[4] = {1, 2, 3, 4};\n"
                     "int f(int i) { return table[i & 3] * 3; }\n"
                     "void g(char *p, char *q) { memcpy(p, q, 5000); }\n"),
              "");
    EXPECT_NE(verify("int x = 1; int f(void) { return x++; }")
                  .find("writable section '.data'"),
              std::string::npos);
    EXPECT_NE(verify("static int x[9]; int f(int i) { return x[i]++; }")
                  .find("writable section '.bss' of 36 bytes"),
              std::string::npos);
    EXPECT_NE(verify("int g(void); int f(void) { return g(); }")
                  .find("undefined symbol 'g'"),
              std::string::npos);
    EXPECT_NE(verify("__attribute__((constructor)) void f(void) { __asm__ "
                     "volatile(\"\"); }")
                  .find("start-up code"),
              std::string::npos);
    EXPECT_NE(verify("void f(float *x) { *x *= 3.0f; }")
                  .find("floating-point instruction"),
              std::string::npos);
    // A literal pool behind the code is not code.
    EXPECT_EQ(verify("int f(int x) { return x * 0x12345679 ^ 0x3f9d70a4; }"),
              "");
  }
}

TEST(VerifyObject, RefusesWhatIsNoObject) {
  TargetDescription target = resolveOrFail({"x86_64-linux-gnu", "", "", {}});
  for (StringRef bytes : {"",
                          "\x7f"
                          "ELF",
                          "not an object at all"}) {
    Error error = verifyObject(bytes, target);
    EXPECT_TRUE(bool(error));
    consumeError(std::move(error));
  }
}

std::string compileTo(const TargetDescription &target, TestModel model) {
  auto bytes =
      compileModule(*model.module, target, EmitKind::Object, model.abi, {});
  EXPECT_TRUE(mlir::succeeded(bytes));
  return mlir::succeeded(bytes) ? std::string(bytes->data(), bytes->size())
                                : "";
}

TEST(VerifyObject, TwoModelsLinkIntoOneProgram) {
  if (!hasProgram("clang-22"))
    GTEST_SKIP() << "SKIPPED VerifyObject: no clang-22";
  TargetDescription target = resolveOrFail({"", "x86-64", "", {}});
  WorkDirectory work;
  // The second model has the same layers under another name.
  TestModel first = integerModel();
  std::string text = integerText.str();
  for (size_t at; (at = text.find("@tiny")) != std::string::npos;)
    text.replace(at, 5, "@tree");
  ModelABI otherABI = first.abi;
  otherABI.name = "tree";
  TestModel second = parseModel(text, otherABI);
  for (TestModel *model : {&first, &second}) {
    std::string header = writeHeader(model->abi);
    std::string name = model->abi.name;
    std::string object = compileTo(target, std::move(*model));
    auto archive = cantFail(makeArchive(object, name + ".o"));
    ASSERT_FALSE(bool(writeFileAtomically(work.file("lib" + name + ".a"),
                                          archive->getBuffer())));
    ASSERT_FALSE(bool(writeFileAtomically(work.file(name + ".h"), header)));
  }
  ASSERT_FALSE(bool(writeFileAtomically(
      work.file("main.c"),
      StringRef("#include \"tiny.h\"\n#include \"tree.h\"\n"
                "#include <string.h>\n"
                "static _Alignas(TINY_ARENA_ALIGN) char "
                "arena[TINY_ARENA_BYTES + TREE_ARENA_BYTES];\n"
                "int main(void) {\n"
                "  int8_t x[64], a[64], b[64];\n"
                "  for (int i = 0; i < 64; i++) x[i] = (int8_t)(i * 7);\n"
                "  if (tiny_run(x, a, arena)) return 1;\n"
                "  if (tree_run(x, b, arena + TINY_ARENA_BYTES)) return 2;\n"
                "  if (tiny_run(x, a, arena + 1) != -2) return 3;\n"
                "  if (tiny_run(0, a, arena) != -1) return 4;\n"
                "  return memcmp(a, b, 64) != 0 || a[1] != (7 + 3) * 2 / 4;\n"
                "}\n"))));
  CommandResult result =
      runCommand("clang-22 -std=c11 -Wall -Werror " + work.file("main.c") +
                 " -L" + work.path() + " -ltiny -ltree -o " +
                 work.file("main") + " && " + work.file("main"));
  EXPECT_EQ(result.status, 0) << result.output;
}

TEST(VerifyObject, CompilationsInThreadsDoNotMeet) {
  std::vector<TargetRequest> requests = allTargets();
  std::vector<std::string> alone(requests.size()), together(requests.size());
  for (size_t i = 0; i < requests.size(); ++i)
    alone[i] = compileTo(resolveOrFail(requests[i]), integerModel());
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (size_t i = t; i < requests.size(); i += 3)
        together[i] = compileTo(resolveOrFail(requests[i]), integerModel());
    });
  for (std::thread &thread : threads)
    thread.join();
  for (size_t i = 0; i < requests.size(); ++i)
    EXPECT_EQ(alone[i], together[i]) << requests[i].triple;
}

} // namespace
