// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Models in this process: results, entry checks, layers, and the stack bound
// against the stack that a run really used.

#include "qcc/Target/JitModel.h"
#include "TargetTestModels.h"
#include "qcc-rt/qcc.h"
#include <cfloat>
#include <ucontext.h>

using namespace qcc;
using namespace qcc::test;

namespace {

std::unique_ptr<JitModel> load(TestModel &model, TargetRequest request = {}) {
  auto jit = JitModel::create(*model.module, resolveOrFail(request), model.abi);
  EXPECT_TRUE(mlir::succeeded(jit));
  return mlir::succeeded(jit) ? std::move(*jit) : nullptr;
}

/// The x86-64 levels that this machine has, and the machine itself.
std::vector<TargetRequest> hostTargets() {
  std::vector<TargetRequest> requests = {{"", "", "", {}}};
  for (const char *cpu : {"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"}) {
    auto target = resolveTarget({"", cpu, "", {}});
    if (!target)
      llvm::consumeError(target.takeError());
    else if (llvm::Error error = checkRunsOnHost(*target))
      llvm::consumeError(std::move(error));
    else
      requests.push_back({"", cpu, "", {}});
  }
  return requests;
}

TEST(JitModel, IntegerModelComputes) {
  for (const TargetRequest &request : hostTargets()) {
    SCOPED_TRACE(request.cpu);
    TestModel model = integerModel();
    auto jit = load(model, request);
    ASSERT_TRUE(jit);
    alignas(64) int8_t arena[128];
    for (int seed = 0; seed < 5; ++seed) {
      std::vector<int8_t> x = integerInput(seed), y(64);
      EXPECT_EQ(jit->run({x.data(), y.data(), arena}), QCC_OK);
      EXPECT_EQ(y, integerExpected(x));
    }
  }
}

TEST(JitModel, FloatModelComputes) {
  for (const TargetRequest &request : hostTargets()) {
    SCOPED_TRACE(request.cpu);
    TestModel model = floatModel();
    auto jit = load(model, request);
    ASSERT_TRUE(jit);
    alignas(64) int8_t arena[16];
    // Half-way cases of both signs, zeros, and numbers without a fraction.
    float x[8] = {0.5f, 1.5f, -0.5f, -2.5f, -0.0f, 8388609.0f, -1e30f, 0.75f};
    float y[8];
    EXPECT_EQ(jit->run({x, y, arena}), QCC_OK);
    for (int i = 0; i < 8; ++i) {
      float expected =
          std::nearbyint(x[i]) + std::tanh(x[i]) + std::exp(-std::fabs(x[i]));
      EXPECT_NEAR(y[i], expected, 1e-5 * std::max(1.0f, std::fabs(expected)));
    }
  }
}

TEST(JitModel, EntryChecksPointers) {
  TestModel model = integerModel();
  auto jit = load(model);
  ASSERT_TRUE(jit);
  alignas(64) int8_t arena[192];
  std::vector<int8_t> x = integerInput(1), y(64);
  EXPECT_EQ(jit->run({nullptr, y.data(), arena}), QCC_ERROR_NULL);
  EXPECT_EQ(jit->run({x.data(), nullptr, arena}), QCC_ERROR_NULL);
  EXPECT_EQ(jit->run({x.data(), y.data(), nullptr}), QCC_ERROR_NULL);
  EXPECT_EQ(jit->run({x.data(), y.data(), arena + 32}), QCC_ERROR_ALIGNMENT);
  EXPECT_EQ(jit->run({x.data() + 0, y.data(), arena + 64}), QCC_OK);

  TestModel floats = floatModel();
  auto smooth = load(floats);
  ASSERT_TRUE(smooth);
  alignas(64) int8_t buffer[64] = {}, result[32];
  EXPECT_EQ(smooth->run({buffer + 1, result, arena}), QCC_ERROR_ALIGNMENT);
  EXPECT_EQ(smooth->run({buffer + 4, result, arena}), QCC_OK);
}

TEST(JitModel, LayersAreTimedInOrder) {
  TestModel model = integerModel();
  auto jit = load(model);
  ASSERT_TRUE(jit);
  ASSERT_EQ(jit->getLayers().size(), 2u);
  EXPECT_EQ(jit->getLayers()[0], "tiny.add_0");
  EXPECT_EQ(jit->getLayers()[1], "tiny.mul_1");
  alignas(64) int8_t arena[128];
  std::vector<int8_t> x = integerInput(2), y(64);
  std::vector<uint64_t> times(2);
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(jit->runTimed({x.data(), y.data(), arena}, times), QCC_OK);
  EXPECT_EQ(y, integerExpected(x));
  EXPECT_GT(times[0], 0u);
  EXPECT_GT(times[1], 0u);
}

TEST(JitModel, InfoDescribesTheModel) {
  TestModel model = integerModel();
  auto jit = load(model);
  ASSERT_TRUE(jit);
  const qcc_model_info &info = jit->getInfo();
  EXPECT_EQ(info.abi_version, unsigned(QCC_ABI_VERSION));
  EXPECT_STREQ(qcc_name(&info), "tiny");
  ASSERT_EQ(info.num_inputs, 1u);
  ASSERT_EQ(info.num_outputs, 1u);
  EXPECT_EQ(info.arena_bytes, 128u);
  EXPECT_EQ(info.arena_align, 64u);
  EXPECT_EQ(info.stack_bytes, model.abi.stackBytes);
  const qcc_tensor_info *in = qcc_input(&info, 0);
  EXPECT_STREQ(qcc_tensor_name(&info, in), "x");
  EXPECT_STREQ(qcc_tensor_name(&info, qcc_output(&info, 0)), "y");
  ASSERT_EQ(in->rank, 3u);
  EXPECT_EQ(qcc_tensor_shape(&info, in)[2], 8);
  EXPECT_EQ(in->bytes, 64u);
  EXPECT_EQ(in->arena_offset, QCC_NOT_IN_ARENA);
  ASSERT_EQ(in->num_scales, 1u);
  EXPECT_EQ(qcc_tensor_scales(&info, in)[0], 0.5f);
  EXPECT_EQ(qcc_tensor_zero_points(&info, in)[0], -3);
}

TEST(JitModel, RefusesOtherMachines) {
  TestModel model = integerModel();
  mlir::ScopedDiagnosticHandler handler(
      model.context.get(), [](mlir::Diagnostic &) { return mlir::success(); });
  EXPECT_TRUE(mlir::failed(JitModel::create(
      *model.module, resolveOrFail({"riscv32-unknown-elf", "", "", {}}),
      model.abi)));
}

/// A function that spills: 40 vectors live at once.
std::string spillingText() {
  std::string text = R"mlir(
func.func private @spill.layer_0(%in: memref<4096xi8>, %out: memref<4096xi8>) {
  %c0 = arith.constant 0 : index
)mlir";
  for (int i = 0; i < 60; ++i) {
    std::string n = std::to_string(i);
    text += "  %i" + n + " = arith.constant " + std::to_string(i * 64) +
            " : index\n  %x" + n + " = vector.load %in[%i" + n +
            "] : memref<4096xi8>, vector<64xi8>\n";
  }
  text += "  %s0 = arith.addi %x0, %x1 : vector<64xi8>\n";
  for (int i = 2; i < 60; ++i)
    text += "  %s" + std::to_string(i - 1) + " = arith.addi %s" +
            std::to_string(i - 2) + ", %x" + std::to_string(i) +
            " : vector<64xi8>\n";
  // All of them again, after the sum is known.
  for (int i = 0; i < 60; ++i) {
    std::string n = std::to_string(i);
    text += "  %t" + n + " = arith.muli %x" + n +
            ", %s58 : vector<64xi8>\n  vector.store %t" + n + ", %out[%i" + n +
            "] : memref<4096xi8>, vector<64xi8>\n";
  }
  text += R"mlir(  return
}
func.func @spill_run(%in0: memref<4096xi8>, %out0: memref<4096xi8>,
                     %arena: memref<16xi8>) -> i32 {
  func.call @spill.layer_0(%in0, %out0)
    : (memref<4096xi8>, memref<4096xi8>) -> ()
  %ok = arith.constant 0 : i32
  return %ok : i32
}
)mlir";
  return text;
}

struct StackProbe {
  JitModel *model;
  void *arguments[3];
  char *top = nullptr;
  ucontext_t caller, callee;
};

/// Entered on the painted stack.
void runProbe(unsigned high, unsigned low) {
  auto *probe = reinterpret_cast<StackProbe *>((uintptr_t(high) << 32) | low);
  probe->top = static_cast<char *>(__builtin_frame_address(0));
  probe->model->run(probe->arguments);
}

TEST(JitModel, StackBoundHolds) {
  for (const TargetRequest &request : hostTargets()) {
    SCOPED_TRACE(request.cpu);
    ModelABI abi;
    abi.name = "spill";
    TensorABI tensor;
    tensor.shape = {4096};
    abi.inputs = abi.outputs = {tensor};
    abi.arenaBytes = abi.arenaAlign = 16;
    TestModel model = parseModel(spillingText(), abi);
    auto jit = load(model, request);
    ASSERT_TRUE(jit);
    std::vector<int8_t> x(4096, 1), y(4096);
    alignas(16) int8_t arena[16];
    constexpr char paint = '\x5c';
    std::vector<char> stack(1 << 16, paint);
    StackProbe probe{jit.get(), {x.data(), y.data(), arena}, nullptr, {}, {}};
    getcontext(&probe.callee);
    probe.callee.uc_stack.ss_sp = stack.data();
    probe.callee.uc_stack.ss_size = stack.size();
    probe.callee.uc_link = &probe.caller;
    auto address = reinterpret_cast<uintptr_t>(&probe);
    makecontext(&probe.callee, reinterpret_cast<void (*)()>(runProbe), 2,
                unsigned(address >> 32), unsigned(address));
    swapcontext(&probe.caller, &probe.callee);
    char *lowest = stack.data();
    while (*lowest == paint)
      ++lowest;
    uint64_t used = probe.top - lowest;
    // JitModel::run and the unpacking entry lie between the probe and the
    // model.
    constexpr uint64_t ownFrames = 160;
    EXPECT_LE(used, model.abi.stackBytes + ownFrames);
    // The model does spill, or this would test nothing.
    EXPECT_GT(used, 1024u);
    RecordProperty("used", std::to_string(used));
  }
}

/// out[i] = op(in[i]), one layer for each rounding function.
TestModel roundingModel() {
  std::string text = R"mlir(
func.func @r_run(%in0: memref<8xf32>, %out0: memref<40xf32>,
                 %arena: memref<16xi8>) -> i32 {
  %c0 = arith.constant 0 : index
  %x = vector.load %in0[%c0] : memref<8xf32>, vector<8xf32>
)mlir";
  int offset = 0;
  for (const char *op : {"roundeven", "floor", "ceil", "trunc", "round"}) {
    std::string n = std::to_string(offset);
    text += "  %y" + n + " = math." + op + " %x : vector<8xf32>\n  %c" + n +
            "_ = arith.constant " + n + " : index\n  vector.store %y" + n +
            ", %out0[%c" + n + "_] : memref<40xf32>, vector<8xf32>\n";
    offset += 8;
  }
  text += "  %ok = arith.constant 0 : i32\n  return %ok : i32\n}\n";
  ModelABI abi;
  abi.name = "r";
  TensorABI in;
  in.type = ElementType::Float32;
  in.shape = {8};
  TensorABI out = in;
  out.shape = {40};
  abi.inputs = {in};
  abi.outputs = {out};
  abi.arenaBytes = abi.arenaAlign = 16;
  return parseModel(text, abi);
}

/// Expanded roundings equal libm's on the bits, over floats of every exponent
/// and sign and the neighbours of every half.
TEST(JitModel, ExpandedRoundingIsExact) {
  TestModel model = roundingModel();
  auto jit = load(model, {"", "x86-64", "", {}});
  ASSERT_TRUE(jit);
  std::vector<float> values = {0.0f,      -0.0f,   INFINITY,
                               -INFINITY, FLT_MIN, FLT_TRUE_MIN};
  auto add = [&](float value) {
    for (float x : {value, std::nextafter(value, INFINITY),
                    std::nextafter(value, -INFINITY)}) {
      values.push_back(x);
      values.push_back(-x);
    }
  };
  for (int exponent = -30; exponent < 100; ++exponent)
    for (float mantissa : {1.0f, 1.25f, 1.5f, 1.7f, 1.99999988f})
      add(std::ldexp(mantissa, exponent));
  for (int half = 0; half < 2000; ++half)
    add(static_cast<float>(half) * 0.5f);
  for (int i = -8; i < 8; ++i)
    add(8388608.0f + static_cast<float>(i) * 0.5f);
  while (values.size() % 8)
    values.push_back(NAN);
  alignas(16) int8_t arena[16];
  float y[40];
  for (size_t at = 0; at < values.size(); at += 8) {
    float *x = values.data() + at;
    ASSERT_EQ(jit->run({x, y, arena}), QCC_OK);
    for (int i = 0; i < 8; ++i) {
      float expected[] = {std::nearbyint(x[i]), std::floor(x[i]),
                          std::ceil(x[i]), std::trunc(x[i]), std::round(x[i])};
      for (int op = 0; op < 5; ++op) {
        if (std::isnan(x[i])) {
          EXPECT_TRUE(std::isnan(y[8 * op + i]));
          continue;
        }
        EXPECT_EQ(y[8 * op + i], expected[op]) << "op " << op << " of " << x[i];
        EXPECT_EQ(std::signbit(y[8 * op + i]), std::signbit(expected[op]))
            << "op " << op << " of " << x[i];
      }
    }
  }
}

} // namespace
