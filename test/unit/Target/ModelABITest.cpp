// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names and sizes of the C interface.

#include "qcc/Target/ModelABI.h"
#include "gtest/gtest.h"

using namespace qcc;

namespace {

TEST(ModelABI, Identifiers) {
  EXPECT_EQ(makeCIdentifier("kws"), "kws");
  EXPECT_EQ(makeCIdentifier("mobilenet_v2_1.0-224"), "mobilenet_v2_1_0_224");
  EXPECT_EQ(makeCIdentifier("8bit"), "_8bit");
  EXPECT_EQ(makeCIdentifier("float"), "_float");
  EXPECT_EQ(makeCIdentifier("na\xc3\xafve net"), "na__ve_net");
  EXPECT_EQ(makeCIdentifier(""), "model");
}

TEST(ModelABI, PrefixFromOutput) {
  EXPECT_EQ(cPrefixForOutput("x/model.o"), "model");
  EXPECT_EQ(cPrefixForOutput("x/libmodel.a"), "model");
  EXPECT_EQ(cPrefixForOutput("lib.a"), "lib");
  EXPECT_EQ(cPrefixForOutput("libra.o"), "libra");
}

TEST(ModelABI, Sizes) {
  TensorABI tensor;
  tensor.shape = {1, 49, 10, 1};
  EXPECT_EQ(tensor.bytes(), 490u);
  tensor.type = ElementType::Float32;
  EXPECT_EQ(tensor.bytes(), 1960u);
  tensor.shape = {};
  EXPECT_EQ(tensor.numElements(), 1u);
}

} // namespace
