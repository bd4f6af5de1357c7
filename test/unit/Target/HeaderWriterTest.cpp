// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Headers: their contents, and that C99 and C++ compilers take them without a
// warning; archives.

#include "qcc/Target/HeaderWriter.h"
#include "CommandRunner.h"
#include "TargetTestModels.h"
#include "qcc/Support/File.h"
#include "qcc/Target/ModelInfo.h"
#include "llvm/Object/Archive.h"
#include <regex>

using namespace qcc;
using namespace qcc::test;
using namespace llvm;

namespace {

ModelABI richModel() {
  ModelABI abi;
  abi.name = "kws";
  abi.origin = "a */ hostile\nname.tflite";
  TensorABI in;
  in.name = "serving_default_x:0 /* */ \"quoted\"";
  in.shape = {1, 49, 10, 1};
  in.scales = {static_cast<double>(0.58470f)};
  in.zeroPoints = {83};
  in.storageMin = -128;
  in.storageMax = 127;
  TensorABI index;
  index.type = ElementType::Int32;
  index.scales = {1.0};
  index.storageMin = INT32_MIN;
  index.storageMax = INT32_MAX;
  TensorABI out;
  out.type = ElementType::UInt8;
  out.shape = {1, 12};
  out.scales = {0.1}; // No float.
  out.zeroPoints = {0};
  out.storageMax = 255;
  TensorABI plain;
  plain.type = ElementType::Float32;
  plain.shape = {3};
  TensorABI perAxis = out;
  perAxis.scales = {1, 2};
  perAxis.quantizedDimension = 1;
  abi.inputs = {in, index};
  abi.outputs = {out, plain, perAxis};
  abi.arenaBytes = 12288;
  abi.arenaAlign = 64;
  abi.stackBytes = 640;
  return abi;
}

bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

TEST(HeaderWriter, FollowsTheABI) {
  std::string text = writeHeader(richModel());
  EXPECT_TRUE(contains(text,
                       "int kws_run(const int8_t *in0, const int32_t *in1, "
                       "uint8_t *out0, float *out1, uint8_t *out2, void "
                       "*arena);"))
      << text;
  EXPECT_TRUE(contains(text, "#define KWS_ARENA_BYTES 12288\n"));
  EXPECT_TRUE(contains(text, "#define KWS_ARENA_ALIGN 64\n"));
  EXPECT_TRUE(contains(text, "#define KWS_STATE_BYTES 0\n"));
  EXPECT_TRUE(contains(text, "#define KWS_STACK_BYTES 640\n"));
  EXPECT_TRUE(contains(text, "#define KWS_INPUT0_BYTES 490\n"));
  EXPECT_TRUE(contains(text, "#define KWS_OUTPUT1_BYTES 12\n"));
  EXPECT_TRUE(contains(text, "#define KWS_INPUT0_SCALE 0.584699988f\n"));
  EXPECT_TRUE(contains(text, "#define KWS_INPUT0_ZERO_POINT 83\n"));
  EXPECT_TRUE(
      contains(text, "#define KWS_OUTPUT0_SCALE 0.10000000000000001\n"));
  EXPECT_TRUE(contains(text, "#define KWS_INPUT1_MIN (-2147483647 - 1)\n"));
  EXPECT_FALSE(contains(text, "KWS_OUTPUT1_SCALE"));
  EXPECT_FALSE(contains(text, "KWS_OUTPUT2_SCALE"));
  EXPECT_FALSE(contains(text, "_OFFSET"));
  EXPECT_FALSE(contains(text, "kws_reset"));
  EXPECT_TRUE(contains(text, "extern const struct qcc_model_info kws_info;"));
}

TEST(HeaderWriter, ArenaStateAndThreads) {
  ModelABI abi = richModel();
  abi.ioInArena = true;
  abi.inputs[0].arenaOffset = 256;
  abi.stateBytes = 32;
  abi.stateAlign = 16;
  abi.threads = 2;
  std::string text = writeHeader(abi);
  EXPECT_TRUE(contains(text,
                       "int kws_run(void *state, void *arena, const struct "
                       "qcc_parallel *parallel);"));
  EXPECT_TRUE(contains(text, "int kws_reset(void *state);"));
  EXPECT_TRUE(contains(text, "#define KWS_INPUT0_OFFSET 256\n"));
  EXPECT_TRUE(contains(text, "#define KWS_STATE_BYTES 32\n"));
}

TEST(HeaderWriter, CompilersTakeItWithoutAWarning) {
  if (!hasProgram("clang-22"))
    GTEST_SKIP() << "SKIPPED HeaderWriter: no clang-22";
  WorkDirectory work;
  ModelABI abi = richModel();
  for (bool inArena : {false, true}) {
    abi.ioInArena = inArena;
    abi.stateBytes = inArena ? 32 : 0;
    std::string header = work.file("kws.h");
    ASSERT_FALSE(bool(writeFileAtomically(header, writeHeader(abi))));
    // Twice: the guard. Then the runtime header, in either order.
    std::string source = "#include \"kws.h\"\n#include \"kws.h\"\n"
                         "#include \"qcc-rt/qcc.h\"\n"
                         "int probe(float x) {\n"
                         "  return KWS_INPUT0_QUANTIZE(x) + (int)"
                         "KWS_OUTPUT0_DEQUANTIZE(3) +\n"
                         "    (int)qcc_input(&kws_info, 0)->bytes;\n}\n";
    ASSERT_FALSE(bool(writeFileAtomically(work.file("a.c"), source)));
    ASSERT_FALSE(bool(writeFileAtomically(work.file("a.cpp"), source)));
    std::string warnings = "-pedantic -Wall -Wextra -Werror -Wconversion "
                           "-Wno-float-conversion -fsyntax-only -I" +
                           work.path() + " -I" QCC_SHARE_DIR "/include ";
    for (std::string line :
         {"clang-22 -std=c99 -ffreestanding ", "clang-22 -std=c11 ",
          "clang-22 -xc++ -std=c++11 ", "clang-22 -xc++ -std=c++17 ",
          "gcc -std=c99 ", "g++ -xc++ -std=c++11 "}) {
      if (!hasProgram(StringRef(line).split(' ').first))
        continue;
      bool isCpp = contains(line, "c++");
      CommandResult result =
          runCommand(line + warnings + work.file(isCpp ? "a.cpp" : "a.c"));
      EXPECT_EQ(result.status, 0) << line << "\n" << result.output;
    }
  }
}

/// The example of docs/ABI.md prints what a model's constant says.
TEST(HeaderWriter, TheExampleOfTheDocumentRuns) {
  if (!hasProgram("clang-22"))
    GTEST_SKIP() << "SKIPPED HeaderWriter: no clang-22";
  auto page = readFile(QCC_SOURCE_DIR "/docs/ABI.md");
  ASSERT_TRUE(bool(page));
  StringRef example = (*page)->getBuffer().split("```c\n").second;
  example = example.split("```").first;
  ASSERT_TRUE(example.contains("describe("));
  WorkDirectory work;
  ModelABI abi = integerModel().abi;
  abi.name = "kws";
  SmallVector<char, 0> info = serializeModelInfo(abi);
  std::string data = "_Alignas(8) const unsigned char kws_data[] = {";
  for (char byte : info)
    data += std::to_string(static_cast<unsigned char>(byte)) + ",";
  ASSERT_FALSE(bool(writeFileAtomically(work.file("kws.h"), writeHeader(abi))));
  ASSERT_FALSE(bool(writeFileAtomically(
      work.file("a.c"),
      example.str() + data +
          "};\nint main(void) {\n"
          "  describe((const struct qcc_model_info *)kws_data);\n"
          "  return 0;\n}\n")));
  CommandResult result = runCommand(
      "clang-22 -std=c11 -Wall -Wextra -Werror -I" QCC_SHARE_DIR "/include " +
      work.file("a.c") + " -o " + work.file("a") + " && " + work.file("a"));
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output,
            "input x: 64 bytes, shape 1 8 8, scale 0.5, zero point -3\n"
            "output y: 64 bytes, shape 1 8 8, scale 0.5, zero point -3\n");
}

/// round(x / scale) + zero point by the definition, halves away from zero.
int expectedQuantize(float x, float scale, int zeroPoint) {
  if (std::isnan(x))
    return zeroPoint;
  double value = std::round(x / scale) + static_cast<double>(zeroPoint);
  return static_cast<int>(std::min(std::max(value, -128.0), 127.0));
}

TEST(HeaderWriter, QuantizeMacrosRoundByDefinition) {
  if (!hasProgram("clang-22"))
    GTEST_SKIP() << "SKIPPED HeaderWriter: no clang-22";
  WorkDirectory work;
  ModelABI abi = richModel();
  abi.inputs[0].scales = {0.5};
  abi.inputs[0].zeroPoints = {-3};
  ASSERT_FALSE(bool(writeFileAtomically(work.file("kws.h"), writeHeader(abi))));
  ASSERT_FALSE(bool(writeFileAtomically(
      work.file("a.c"),
      std::string(
          "#include \"kws.h\"\n#include <stdio.h>\n"
          "int main(void) { float x; while (scanf(\"%a\", &x) == 1)\n"
          "  printf(\"%d %a\\n\", KWS_INPUT0_QUANTIZE(x),\n"
          "    (double)KWS_INPUT0_DEQUANTIZE(KWS_INPUT0_QUANTIZE(x)));\n"
          "  return 0; }\n"))));
  std::vector<float> values = {0.0f,       0.25f, -0.25f,   0.75f,     -0.75f,
                               0.2499999f, 1e30f, -1e30f,   63.0f,     -63.0f,
                               64.75f,     1e9f,  INFINITY, -INFINITY, NAN};
  for (int i = -600; i < 600; ++i)
    values.push_back(static_cast<float>(i) * 0.125f);
  std::string input;
  for (float value : values) {
    char text[64];
    snprintf(text, sizeof(text), "%a\n", static_cast<double>(value));
    input += text;
  }
  ASSERT_FALSE(bool(writeFileAtomically(work.file("in"), input)));
  CommandResult result = runCommand("clang-22 -std=c99 " + work.file("a.c") +
                                    " -o " + work.file("a") + " && " +
                                    work.file("a") + " < " + work.file("in"));
  ASSERT_EQ(result.status, 0) << result.output;
  std::istringstream lines(result.output);
  for (float value : values) {
    int quantized = 0;
    std::string real;
    lines >> quantized >> real;
    EXPECT_EQ(quantized, expectedQuantize(value, 0.5f, -3)) << value;
    EXPECT_EQ(std::strtof(real.c_str(), nullptr),
              0.5f * static_cast<float>(quantized + 3));
  }
}

TEST(Archive, HoldsTheObjectReproducibly) {
  TestModel model = integerModel();
  auto object = compileModule(*model.module,
                              resolveOrFail({"aarch64-linux-gnu", "", "", {}}),
                              EmitKind::Object, model.abi, {});
  ASSERT_TRUE(mlir::succeeded(object));
  StringRef bytes(object->data(), object->size());
  auto first = cantFail(makeArchive(bytes, "tiny.o"));
  auto second = cantFail(makeArchive(bytes, "tiny.o"));
  EXPECT_EQ(first->getBuffer(), second->getBuffer());
  auto archive = cantFail(
      object::Archive::create(MemoryBufferRef(first->getBuffer(), "a")));
  EXPECT_TRUE(cantFail(archive->findSym("tiny_run")).has_value());
  EXPECT_TRUE(cantFail(archive->findSym("tiny_info")).has_value());
  EXPECT_FALSE(cantFail(archive->findSym("tiny.add_0")).has_value());
}

} // namespace
