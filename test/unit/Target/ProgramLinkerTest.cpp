// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Programs for each instruction set, run natively and under qemu: their .npy
// results, the rules for samples and shapes, their messages, and the traps
// around the model's buffers.

#include "qcc/Target/ProgramLinker.h"
#include "CommandRunner.h"
#include "TargetTestModels.h"
#include "qcc/Support/File.h"
#include "qcc/Support/Npy.h"

using namespace qcc;
using namespace qcc::test;
using namespace llvm;

namespace {

/// A target and how to run its programs here.
struct Way {
  TargetRequest request;
  std::string emulator;
};

std::string riscv(int vlen) {
  return "qemu-riscv64 -cpu rv64,v=true,vext_spec=v1.0,vlen=" +
         std::to_string(vlen);
}

std::vector<Way> allWays() {
  return {
      {{"", "", "", {}}, ""},
      {{"x86_64-linux-gnu", "x86-64-v2", "", {}}, ""},
      {{"aarch64-linux-gnu", "cortex-a53", "", {}},
       "qemu-aarch64 -cpu cortex-a53"},
      {{"aarch64-linux-gnu", "", "+dotprod", {}}, "qemu-aarch64 -cpu max"},
      {{"riscv64-linux-gnu", "", "", {}}, "qemu-riscv64 -cpu rv64,v=false"},
      {{"riscv64-linux-gnu", "", "+v", {}}, riscv(128)},
      {{"riscv64-linux-gnu", "", "+v", {}}, riscv(512)},
      {{"riscv64-linux-gnu", "", "+v,+zvl256b", {}}, riscv(256)},
      {{"thumbv7em-none-eabihf", "cortex-m4", "", {}},
       "qemu-system-arm -M mps2-an386"},
      {{"thumbv7em-none-eabi", "", "", {}}, "qemu-system-arm -M mps2-an386"},
      {{"thumbv6m-none-eabi", "", "", {}}, "qemu-system-arm -M mps2-an385"},
      {{"thumbv8m.main-none-eabi", "", "", {}},
       "qemu-system-arm -M mps2-an505"},
      {{"thumbv8.1m.main-none-eabihf", "", "", {}},
       "qemu-system-arm -M mps3-an547"},
      {{"riscv32-unknown-elf", "", "", {}},
       "qemu-system-riscv32 -M virt -bios none"},
      {{"armv7-linux-gnueabihf", "cortex-a7", "", {}},
       "qemu-arm -cpu cortex-a7"}};
}

/// Runs `program` with arguments that contain no spaces.
CommandResult runProgram(const std::string &emulator,
                         const std::string &program,
                         std::vector<std::string> arguments) {
  std::string command;
  if (StringRef(emulator).starts_with("qemu-system")) {
    command = emulator + " -nographic -monitor none -serial none "
                         "-semihosting-config enable=on,target=native,arg=prog";
    for (const std::string &argument : arguments)
      command += ",arg=" + argument;
    command += " -kernel " + program;
  } else {
    command = emulator + " " + program;
    for (const std::string &argument : arguments)
      command += " " + argument;
  }
  return runCommand("timeout 60 " + command);
}

/// Links the integer model and returns the program's path.
std::string linkModel(const WorkDirectory &work, TestModel model,
                      const TargetRequest &request) {
  TargetDescription target = resolveOrFail(request);
  auto object =
      compileModule(*model.module, target, EmitKind::Object, model.abi, {});
  EXPECT_TRUE(mlir::succeeded(object));
  std::string program = work.file("program");
  LinkOptions options;
  options.shareDirectory = QCC_SHARE_DIR;
  Error error = linkProgram(StringRef(object->data(), object->size()),
                            model.abi, target, program, options);
  EXPECT_FALSE(bool(error)) << toString(std::move(error));
  return program;
}

NpyArray makeArray(std::vector<int64_t> shape, int seed) {
  NpyArray array(NpyType::Int8, shape);
  size_t samples = array.data.size() / 64;
  for (size_t i = 0; i < samples; ++i) {
    std::vector<int8_t> x = integerInput(seed + i);
    std::copy(x.begin(), x.end(), array.as<int8_t>().begin() + 64 * i);
  }
  return array;
}

bool canRun(const Way &way) {
  StringRef emulator = StringRef(way.emulator).split(' ').first;
  return hasProgram("clang-22") && (emulator.empty() || hasProgram(emulator));
}

class ProgramTest : public testing::TestWithParam<Way> {};

TEST_P(ProgramTest, ComputesNpyFilesAndTellsWhatIsWrong) {
  Way way = GetParam();
  if (!canRun(way))
    GTEST_SKIP() << "SKIPPED program for " << way.request.triple
                 << ": no clang-22 or no emulator";
  WorkDirectory work;
  std::string program = linkModel(work, integerModel(), way.request);
  // The model's own shape, a flat one, and five samples.
  for (std::vector<int64_t> shape :
       std::vector<std::vector<int64_t>>{{1, 8, 8}, {64}, {5, 64}}) {
    NpyArray x = makeArray(shape, 3);
    ASSERT_FALSE(bool(writeNpy(work.file("x.npy"), x)));
    CommandResult result =
        runProgram(way.emulator, program,
                   {"--input=" + work.file("x.npy"),
                    "--output=" + work.file("y.npy"), "--repeat=3"});
    ASSERT_EQ(result.status, 0) << result.output;
    EXPECT_NE(result.output.find("median of"), std::string::npos);
    auto y = readNpy(work.file("y.npy"));
    ASSERT_TRUE(bool(y)) << toString(y.takeError());
    int64_t samples = x.getNumElements() / 64;
    EXPECT_EQ(y->shape, (SmallVector<int64_t, 4>{samples, 8, 8}));
    for (int64_t i = 0; i < samples; ++i) {
      std::vector<int8_t> expected = integerExpected(integerInput(3 + i));
      EXPECT_EQ(y->as<int8_t>().slice(64 * i, 64), ArrayRef<int8_t>(expected));
    }
  }

  // Messages.
  sys::fs::remove(work.file("x.npy"));
  sys::fs::remove(work.file("y.npy"));
  std::string in = "--input=" + work.file("x.npy");
  std::string out = "--output=" + work.file("y.npy");
  auto expectFailure = [&](std::vector<std::string> arguments,
                           const char *part) {
    CommandResult result = runProgram(way.emulator, program, arguments);
    EXPECT_EQ(result.status, 1) << result.output;
    EXPECT_NE(result.output.find(part), std::string::npos) << result.output;
    EXPECT_FALSE(sys::fs::exists(work.file("y.npy")));
  };
  expectFailure({in, out}, "x.npy: cannot be read");
  ASSERT_FALSE(
      bool(writeNpy(work.file("x.npy"), NpyArray(NpyType::Float32, {64}))));
  expectFailure({in, out}, "float32 data, but input 'x' takes int8");
  ASSERT_FALSE(
      bool(writeNpy(work.file("x.npy"), NpyArray(NpyType::Int8, {2, 63}))));
  expectFailure({in, out}, "126 elements, but a sample of input 'x' has 64");
  ASSERT_FALSE(
      bool(writeNpy(work.file("x.npy"), NpyArray(NpyType::Int8, {64, 2}))));
  expectFailure({in, out}, "several samples need N times");
  expectFailure({in}, "1 output(s), but 0");
  expectFailure({in, out, "--repeat=0"}, "--repeat takes a number");
  expectFailure({in, out, "--frobnicate"}, "unknown argument '--frobnicate'");
  ASSERT_FALSE(
      bool(writeFileAtomically(work.file("x.npy"), StringRef("not a tensor"))));
  expectFailure({in, out}, "not a .npy file");
}

/// A model that stores one byte at an offset, bytes 0 to 3 of its input, from
/// the start of a buffer, byte 4: 0 arena, 1 output, 2 input. Through an
/// integer, for LLVM may assume that indexed accesses stay inside.
TestModel strayModel() {
  return parseModel(R"mlir(
func.func @tiny_run(%in0: memref<64xi8>, %out0: memref<64xi8>,
                    %arena: memref<128xi8>) -> i32 {
  %zero = arith.constant 0 : index
  %four = arith.constant 4 : index
  %byte = memref.load %in0[%four] : memref<64xi8>
  %word = memref.view %in0[%zero][] : memref<64xi8> to memref<1xi32>
  %offset32 = memref.load %word[%zero] : memref<1xi32>
  %offset = arith.index_cast %offset32 : i32 to index
  %a = memref.extract_aligned_pointer_as_index %arena : memref<128xi8> -> index
  %o = memref.extract_aligned_pointer_as_index %out0 : memref<64xi8> -> index
  %i = memref.extract_aligned_pointer_as_index %in0 : memref<64xi8> -> index
  %c0 = arith.constant 0 : i8
  %c1 = arith.constant 1 : i8
  %isArena = arith.cmpi eq, %byte, %c0 : i8
  %isOutput = arith.cmpi eq, %byte, %c1 : i8
  %oi = arith.select %isOutput, %o, %i : index
  %start = arith.select %isArena, %a, %oi : index
  %sum = arith.addi %start, %offset : index
  %address = arith.index_castui %sum : index to i64
  %pointer = llvm.inttoptr %address : i64 to !llvm.ptr
  llvm.store %c1, %pointer : i8, !llvm.ptr
  %ok = arith.constant 0 : i32
  return %ok : i32
})mlir",
                    integerModel().abi);
}

TEST_P(ProgramTest, TrapsStrayStores) {
  Way way = GetParam();
  if (!canRun(way))
    GTEST_SKIP() << "SKIPPED program for " << way.request.triple
                 << ": no clang-22 or no emulator";
  bool hosted = !StringRef(way.emulator).starts_with("qemu-system");
  WorkDirectory work;
  std::string program = linkModel(work, strayModel(), way.request);
  enum { Arena, Output, Input };
  struct Case {
    int32_t offset;
    int8_t buffer;
    const char *message; // null: all is well
    bool bareMetalToo;
  };
  for (Case c :
       {Case{127, Arena, nullptr, true}, Case{0, Arena, nullptr, true},
        Case{128, Arena, "beside arena", true},
        Case{-1, Arena, "beside arena", true}, Case{63, Output, nullptr, true},
        Case{64, Output, "beside y", true}, Case{-1, Output, "beside y", true},
        Case{4100, Output, "beside y", false},
        Case{0, Input, "read-only x", false}}) {
    if (!hosted && !c.bareMetalToo)
      continue;
    SCOPED_TRACE(std::to_string(c.buffer) + "[" + std::to_string(c.offset) +
                 "]");
    // As the first sample, whose buffers end at a page, and as the second,
    // whose buffers begin at one where there are pages.
    for (int sample : {0, 1}) {
      NpyArray x(NpyType::Int8, {2, 64});
      memcpy(x.data.data() + 64 * sample, &c.offset, 4);
      x.data[64 * sample + 4] = c.buffer;
      ASSERT_FALSE(bool(writeNpy(work.file("x.npy"), x)));
      CommandResult result = runProgram(
          way.emulator, program,
          {"--input=" + work.file("x.npy"), "--output=" + work.file("y.npy")});
      EXPECT_EQ(result.status, c.message ? 1 : 0) << result.output;
      if (c.message)
        EXPECT_NE(result.output.find(c.message), std::string::npos)
            << result.output;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Targets, ProgramTest, testing::ValuesIn(allWays()),
    [](const testing::TestParamInfo<Way> &info) {
      std::string name = info.param.request.triple.empty()
                             ? "native"
                             : info.param.request.triple;
      name += "_" + info.param.request.cpu + "_" + info.param.request.features;
      if (StringRef(info.param.emulator).contains("vlen="))
        name += StringRef(info.param.emulator).split("vlen=").second.str();
      for (char &c : name)
        if (!isalnum(c))
          c = '_';
      return name;
    });

TEST(ProgramLinker, TellsWhatItCannotLink) {
  WorkDirectory work;
  TargetDescription target = resolveOrFail({"armv7-none-eabi", "", "", {}});
  LinkOptions options;
  options.shareDirectory = QCC_SHARE_DIR;
  Error error = linkProgram("", ModelABI(), target, work.file("p"), options);
  EXPECT_NE(toString(std::move(error)).find("no program can be linked"),
            std::string::npos);
  options.clang = "no-such-compiler";
  error =
      linkProgram("", ModelABI(), resolveOrFail({}), work.file("p"), options);
  EXPECT_NE(toString(std::move(error)).find("'no-such-compiler' is needed"),
            std::string::npos);
  EXPECT_FALSE(sys::fs::exists(work.file("p")));
}

TEST(ProgramLinker, FindsTheHarnessNextToThePrograms) {
  auto found = findShareDirectory(QCC_SHARE_DIR "/../../bin/qcc");
  ASSERT_TRUE(bool(found)) << toString(found.takeError());
  auto missing = findShareDirectory("/nowhere/bin/qcc");
  EXPECT_FALSE(bool(missing));
  consumeError(missing.takeError());
}

} // namespace
