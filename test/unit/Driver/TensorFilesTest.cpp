// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// .npy files to inputs: assignment by order and name, samples, floats.

#include "qcc/Driver/TensorFiles.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

using namespace qcc;

namespace {

/// q = r / 0.5 + 3 in int8, of one row of two.
TensorABI quantized(const std::string &name) {
  TensorABI tensor;
  tensor.name = name;
  tensor.shape = {1, 2};
  tensor.scales = {0.5};
  tensor.zeroPoints = {3};
  tensor.storageMin = -128;
  tensor.storageMax = 127;
  return tensor;
}

struct TemporaryNpy {
  explicit TemporaryNpy(const NpyArray &array) {
    EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("qcc", "npy", path));
    EXPECT_FALSE(writeNpy(path, array));
  }
  ~TemporaryNpy() { llvm::sys::fs::remove(path); }
  llvm::SmallString<128> path;
};

std::string messageOf(llvm::Error error) {
  return llvm::toString(std::move(error));
}

TEST(AssignFiles, ByOrderAndName) {
  std::vector<TensorABI> tensors = {quantized("a"), quantized("b=c"),
                                    quantized("d")};
  auto paths = assignFiles({"b=c=second.npy", "first.npy", "third.npy"},
                           tensors, "input");
  ASSERT_TRUE(!!paths);
  EXPECT_EQ(*paths,
            (std::vector<std::string>{"first.npy", "second.npy", "third.npy"}));
  auto twice = assignFiles({"x.npy", "a=y.npy"}, tensors, "input");
  EXPECT_EQ(messageOf(twice.takeError()),
            "--input=a=y.npy: input 'a' is given twice");
  auto unknown = assignFiles({"q=y.npy"}, tensors, "input");
  EXPECT_EQ(messageOf(unknown.takeError()),
            "--input=q=y.npy: the model has no input 'q'; it has 'a', 'b=c', "
            "'d'");
}

TEST(ReadInputs, FirstAxisIsSamples) {
  NpyArray array(NpyType::Int8, {3, 2});
  for (int i = 0; i < 6; ++i)
    array.setInteger(i, i);
  TemporaryNpy file(array);
  std::vector<TensorABI> tensors = {quantized("a")};
  auto samples = readInputs({file.path.str().str()}, tensors, false);
  ASSERT_TRUE(!!samples);
  EXPECT_EQ(samples->count, 3);
  std::vector<NpyArray> last = samples->get(tensors, 2);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].getInteger(0), 4);
  EXPECT_EQ(last[0].getInteger(1), 5);
}

TEST(ReadInputs, FloatsAreQuantizedHalvesAway) {
  NpyArray array(NpyType::Float32, {2, 2});
  const double values[] = {0.25, -0.25, 1000, -1000};
  for (int i = 0; i < 4; ++i)
    array.setFloat(i, values[i]);
  TemporaryNpy file(array);
  std::vector<TensorABI> tensors = {quantized("a")};
  auto refused = readInputs({file.path.str().str()}, tensors, false);
  EXPECT_NE(messageOf(refused.takeError()).find("--float-io quantizes it"),
            std::string::npos);
  auto samples = readInputs({file.path.str().str()}, tensors, true);
  ASSERT_TRUE(!!samples);
  // 0.25 / 0.5 = 0.5, away from zero 1; and 3 more.
  const int64_t expected[] = {4, 2, 127, -128};
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(samples->inputs[0].getInteger(i), expected[i]);
  NpyArray back = dequantize(samples->inputs[0], tensors[0]);
  EXPECT_EQ(back.getFloat(0), 0.5);
  EXPECT_EQ(back.getFloat(1), -0.5);
}

TEST(ReadInputs, WrongShapeIsNamed) {
  TemporaryNpy file(NpyArray(NpyType::Int8, {3}));
  auto samples = readInputs({file.path.str().str()}, {quantized("a")}, false);
  EXPECT_NE(messageOf(samples.takeError())
                .find("has shape [3], but input 'a' is [1, 2] for one sample"),
            std::string::npos);
}

TEST(RandomInputs, AreTheSameEachTime) {
  std::vector<TensorABI> tensors = {quantized("a")};
  InputSamples one = makeRandomInputs(tensors, 50);
  InputSamples two = makeRandomInputs(tensors, 50);
  EXPECT_EQ(one.inputs[0].data, two.inputs[0].data);
}

} // namespace
