// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Literal tensors from attributes of every form and to and from .npy arrays.

#include "qcc/Reference/RefTensor.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "qcc/Dialect/QNN/IR/QNN.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::reference;

namespace {

class RefTensorTest : public testing::Test {
protected:
  RefTensorTest() : builder(&context) {
    context.loadDialect<quant::QuantDialect>();
  }

  /// A per-tensor type of `bits` bits with scale 0.5 and zero point 0.
  RankedTensorType quantized(unsigned bits, bool isSigned,
                             ArrayRef<int64_t> shape) {
    int64_t lo = isSigned ? -(int64_t(1) << (bits - 1)) : 0;
    auto element = quant::UniformQuantizedType::get(
        isSigned ? quant::QuantizationFlags::Signed : 0,
        builder.getIntegerType(bits), builder.getF32Type(), 0.5, 0, lo,
        lo + (int64_t(1) << bits) - 1);
    return RankedTensorType::get(shape, element);
  }

  DenseElementsAttr dense(unsigned bits, ArrayRef<int64_t> values) {
    SmallVector<APInt> elements;
    for (int64_t value : values)
      elements.push_back(APInt(bits, static_cast<uint64_t>(value),
                               /*isSigned=*/true, /*implicitTrunc=*/true));
    return DenseElementsAttr::get(
        RankedTensorType::get({static_cast<int64_t>(values.size())},
                              builder.getIntegerType(bits)),
        elements);
  }

  std::string errorOf(const NpyArray &array, RankedTensorType type,
                      int64_t first = 0) {
    auto tensor = RefTensor::fromNpy(array, type, first);
    return tensor ? "no error" : llvm::toString(tensor.takeError());
  }

  MLIRContext context;
  Builder builder;
};

} // namespace

TEST_F(RefTensorTest, extendsStoredIntegersBySignedness) {
  for (unsigned bits : {2u, 3u, 4u, 8u, 16u}) {
    int64_t top = int64_t(1) << (bits - 1);
    DenseElementsAttr attr = dense(bits, {-top, -1, 0, 1, top - 1});
    auto asSigned = RefTensor::fromAttr(attr, quantized(bits, true, {5}));
    ASSERT_TRUE(asSigned.has_value());
    EXPECT_EQ(asSigned->ints(), (ArrayRef<int64_t>{-top, -1, 0, 1, top - 1}));
    auto asUnsigned = RefTensor::fromAttr(attr, quantized(bits, false, {5}));
    ASSERT_TRUE(asUnsigned.has_value());
    EXPECT_EQ(asUnsigned->ints(),
              (ArrayRef<int64_t>{top, 2 * top - 1, 0, 1, top - 1}));
  }
}

TEST_F(RefTensorTest, readsSplatsAndResources) {
  auto type = quantized(8, true, {3});
  auto splat = RefTensor::fromAttr(
      DenseElementsAttr::get(RankedTensorType::get({3}, builder.getI8Type()),
                             APInt(8, 7)),
      type);
  ASSERT_TRUE(splat.has_value());
  EXPECT_EQ(splat->ints(), (ArrayRef<int64_t>{7, 7, 7}));

  static const int16_t values[] = {-300, 2, 300};
  auto resource = DenseResourceElementsAttr::get(
      RankedTensorType::get({3}, builder.getIntegerType(16)), "values",
      UnmanagedAsmResourceBlob::allocateInferAlign(
          llvm::ArrayRef<int16_t>(values)));
  auto wide = RefTensor::fromAttr(resource, quantized(16, true, {3}));
  ASSERT_TRUE(wide.has_value());
  EXPECT_EQ(wide->ints(), (ArrayRef<int64_t>{-300, 2, 300}));
  // Bytes that do not fit the type.
  auto damaged = DenseResourceElementsAttr::get(
      RankedTensorType::get({3}, builder.getIntegerType(32)), "damaged",
      UnmanagedAsmResourceBlob::allocateInferAlign(
          llvm::ArrayRef<int16_t>(values)));
  EXPECT_FALSE(
      RefTensor::fromAttr(damaged, quantized(32, true, {3})).has_value());
}

TEST_F(RefTensorTest, refusesOtherElements) {
  auto floats = RankedTensorType::get({1}, builder.getF32Type());
  EXPECT_FALSE(RefTensor::fromAttr(dense(8, {1}), floats).has_value());
  EXPECT_FALSE(RefTensor::fromAttr(dense(8, {1, 2}), quantized(8, true, {3}))
                   .has_value());
}

TEST_F(RefTensorTest, namesNpyTypes) {
  auto of = [&](unsigned bits, bool isSigned) {
    return getNpyTypeFor(quantized(bits, isSigned, {1}).getElementType());
  };
  EXPECT_EQ(of(2, true), NpyType::Int8);
  EXPECT_EQ(of(8, false), NpyType::UInt8);
  EXPECT_EQ(of(9, true), NpyType::Int16);
  EXPECT_EQ(of(32, false), NpyType::UInt32);
  EXPECT_EQ(getNpyTypeFor(builder.getF32Type()), NpyType::Float32);
  EXPECT_EQ(getNpyTypeFor(builder.getI1Type()), NpyType::Bool);
  EXPECT_EQ(getNpyTypeFor(builder.getI64Type()), NpyType::Int64);
}

TEST_F(RefTensorTest, takesSamplesOutOfArrays) {
  NpyArray array(NpyType::Int8, {4});
  for (int64_t i = 0; i < 4; ++i)
    array.setInteger(i, i - 2);
  auto type = quantized(4, true, {2});
  auto tensor = RefTensor::fromNpy(array, type, 2);
  ASSERT_TRUE(bool(tensor)) << llvm::toString(tensor.takeError());
  EXPECT_EQ(tensor->ints(), (ArrayRef<int64_t>{0, 1}));
  NpyArray back = tensor->toNpy();
  EXPECT_EQ(back.type, NpyType::Int8);
  EXPECT_EQ(back.as<int8_t>(), (ArrayRef<int8_t>{0, 1}));

  EXPECT_EQ(errorOf(array, type, 3),
            "has 4 elements, expected 2 from element 3");
  EXPECT_EQ(errorOf(array, quantized(8, false, {2})),
            "has elements of type int8, expected uint8");
  EXPECT_EQ(errorOf(array, RankedTensorType::get({2}, builder.getF32Type())),
            "has elements of type int8, expected float32");
  EXPECT_EQ(errorOf(array, quantized(1, true, {2})),
            "has -2 at element 0, expected values from -1 to 0");
}
