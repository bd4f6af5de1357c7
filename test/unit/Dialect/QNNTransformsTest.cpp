// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The optimizing passes are bit-exact: programs drawn at random compute the
// same before and after them, and a count of the operations left shows that the
// passes did something.

#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Pipelines/OptimizePipeline.h"
#include "qcc/Reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace qcc;

namespace {

class QNNTransforms : public testing::Test {
protected:
  QNNTransforms() {
    DialectRegistry registry;
    registry.insert<func::FuncDialect, quant::QuantDialect, qnn::QNNDialect>();
    reference::registerReferenceInterfaces(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  int64_t pick(int64_t lo, int64_t hi) {
    return lo + static_cast<int64_t>(random() % (hi - lo + 1));
  }

  template <typename T> const T &oneOf(const std::vector<T> &choices) {
    return choices[random() % choices.size()];
  }

  /// Random elements; every stored value may occur.
  reference::RefTensor draw(Type type) {
    reference::RefTensor tensor(cast<RankedTensorType>(type));
    if (tensor.isFloat()) {
      for (float &v : tensor.floats())
        v = static_cast<float>(pick(-4096, 4096)) / 256;
      return tensor;
    }
    auto [lo, hi] = qnn::storageRange(type);
    for (int64_t &v : tensor.ints())
      v = pick(std::max<int64_t>(lo, -2000), std::min<int64_t>(hi, 2000));
    return tensor;
  }

  std::vector<std::vector<double>>
  interpret(ModuleOp module, ArrayRef<reference::RefTensor> inputs) {
    auto func = *module.getOps<func::FuncOp>().begin();
    FailureOr<SmallVector<reference::RefTensor>> results =
        reference::Interpreter(func).run(inputs);
    EXPECT_TRUE(succeeded(results));
    std::vector<std::vector<double>> values;
    if (failed(results))
      return values;
    for (const reference::RefTensor &tensor : *results) {
      if (tensor.isFloat())
        values.emplace_back(tensor.floats().begin(), tensor.floats().end());
      else
        values.emplace_back(tensor.ints().begin(), tensor.ints().end());
    }
    return values;
  }

  /// Interprets `source`, optimizes it, interprets it again. Returns how many
  /// operations (constants and the return apart) the passes took away.
  int64_t check(const std::string &source) {
    OwningOpRef<ModuleOp> module =
        parseSourceString<ModuleOp>(source, &context);
    EXPECT_TRUE(module) << source;
    if (!module)
      return 0;
    auto func = *module->getOps<func::FuncOp>().begin();
    SmallVector<reference::RefTensor> inputs;
    for (Type type : func.getArgumentTypes())
      inputs.push_back(draw(type));
    int64_t before = count(*module);
    std::vector<std::vector<double>> expected = interpret(*module, inputs);
    PassManager pm(&context);
    buildOptimizePasses(pm);
    EXPECT_TRUE(succeeded(pm.run(*module))) << source;
    std::string text;
    llvm::raw_string_ostream(text) << *module;
    EXPECT_EQ(interpret(*module, inputs), expected) << source << "\n" << text;
    return before - count(*module);
  }

  static int64_t count(ModuleOp module) {
    int64_t operations = 0;
    module.walk([&](Operation *op) {
      operations +=
          isa<qnn::QNNDialect>(op->getDialect()) && !isa<qnn::ConstantOp>(op);
    });
    return operations;
  }

  /// An element type of `bits` 8, at random zero point.
  std::string draw8BitType(const std::string &scale) {
    bool isSigned = pick(0, 1);
    int64_t zero =
        oneOf<int64_t>({-128, -127, -3, 0, 1, 60, 127}) + (isSigned ? 0 : 128);
    return std::string("!quant.uniform<") + (isSigned ? "i8" : "u8") +
           ":f32, " + scale + ":" + std::to_string(zero) + ">";
  }

  /// A clamp within the type's range, or none.
  std::string drawClamp(const std::string &type) {
    if (pick(0, 2) == 0)
      return "";
    int64_t shift = type.find("<i8") != std::string::npos ? -128 : 0;
    int64_t lo = pick(0, 255), hi = pick(lo, 255);
    return "clamp = #qnn.clamp<" + std::to_string(lo + shift) + ".0, " +
           std::to_string(hi + shift) + ".0>";
  }

  MLIRContext context;
  std::mt19937 random{20};
};

/// requantize → [pad] → conv | depthwise | fully connected → requantize →
/// requantize
TEST_F(QNNTransforms, QuantizedNetworksComputeTheSame) {
  int64_t removed = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::string a = draw8BitType("0.5"), b = draw8BitType("0.5"),
                c = draw8BitType("7.0"),
                d = draw8BitType(oneOf<std::string>({"7.0", "7.0", "6.5"})),
                e = draw8BitType("7.0");
    std::string rounding = oneOf<std::string>(
        {"tflite_double", "tflite_single", "half_even_float"});
    auto attributes = [&](const std::string &type,
                          const std::string &more = "") {
      std::string clamp = drawClamp(type);
      return " {" + clamp + (clamp.empty() ? "" : ", ") + more +
             (more.empty() ? "" : ", ") + "rounding = #qnn.rounding<" +
             rounding + ">} : ";
    };
    bool depthwise = pick(0, 1), padded = pick(0, 1);
    std::string x = "tensor<1x4x5x3x" + a + ">",
                y = "tensor<1x4x5x3x" + b + ">";
    int64_t top = padded ? pick(0, 2) : 0, right = padded ? pick(0, 2) : 0;
    std::string h = std::to_string(4 + top), w = std::to_string(5 + right);
    std::string p = "tensor<1x" + h + "x" + w + "x3x" + b + ">";
    std::string filter = depthwise
                             ? "tensor<1x2x2x3x!quant.uniform<i8:f32, 0.125>>"
                             : "tensor<3x2x2x3x!quant.uniform<i8:f32, 0.125>>";
    std::string shape = "tensor<1x" + std::to_string(4 + top) + "x" +
                        std::to_string(4 + right) + "x3x";
    std::string op = depthwise ? "depthwise_conv2d" : "conv2d";
    std::string source = "func.func @f(%x: " + x + ", %w: " + filter + ") -> " +
                         shape + e + "> {\n";
    source += "  %0 = qnn.requantize %x {rounding = #qnn.rounding<" + rounding +
              ">} : (" + x + ") -> " + y + "\n";
    source += "  %1 = qnn.pad %0 {low = array<i64: 0, " + std::to_string(top) +
              ", 0, 0>, high = array<i64: 0, 0, " + std::to_string(right) +
              ", 0>} : (" + y + ") -> " + p + "\n";
    source += "  %2 = qnn." + op + " %1, %w" +
              attributes(c, "padding = array<i64: 1, 0, 0, 0>") + "(" + p +
              ", " + filter + ") -> " + shape + c + ">\n";
    source += "  %3 = qnn.requantize %2" + attributes(d) + "(" + shape + c +
              ">) -> " + shape + d + ">\n";
    source += "  %4 = qnn.requantize %3" + attributes(e) + "(" + shape + d +
              ">) -> " + shape + e + ">\n";
    source += "  return %4 : " + shape + e + ">\n}\n";
    removed += check(source);
  }
  EXPECT_GT(removed, 600);
}

/// Two operands that are moved, a sum, a function of it.
TEST_F(QNNTransforms, ElementwiseNetworksComputeTheSame) {
  int64_t removed = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::string a = draw8BitType("0.5"), b = draw8BitType("0.5"),
                c = draw8BitType("0.75"), d = draw8BitType("0.75"),
                e = draw8BitType("0.0078125"), f = draw8BitType("0.0078125");
    auto tensor = [](const std::string &type) {
      return "tensor<64x" + type + ">";
    };
    auto braces = [](const std::string &clamp) {
      return clamp.empty() ? std::string() : " {" + clamp + "}";
    };
    std::string function =
        oneOf<std::string>({"tanh", "logistic", "requantize"});
    std::string source = "func.func @f(%x: " + tensor(a) +
                         ", %z: " + tensor(b) + ") -> (" + tensor(f) +
                         ", tensor<64xf32>) {\n";
    source +=
        "  %0 = qnn.requantize %x : (" + tensor(a) + ") -> " + tensor(b) + "\n";
    source += "  %1 = qnn.add %0, %z" + braces(drawClamp(c)) + " : (" +
              tensor(b) + ", " + tensor(b) + ") -> " + tensor(c) + "\n";
    source += "  %2 = qnn.requantize %1" + braces(drawClamp(d)) + " : (" +
              tensor(c) + ") -> " + tensor(d) + "\n";
    source += "  %3 = qnn." + function + " %2 : (" + tensor(d) + ") -> " +
              tensor(e) + "\n";
    source += "  %4 = qnn.requantize %3" + braces(drawClamp(f)) + " : (" +
              tensor(e) + ") -> " + tensor(f) + "\n";
    source +=
        "  %5 = qnn.dequantize %0 : (" + tensor(b) + ") -> tensor<64xf32>\n";
    source += "  return %4, %5 : " + tensor(f) + ", tensor<64xf32>\n}\n";
    removed += check(source);
  }
  EXPECT_GT(removed, 300);
}

/// uint8 before and after an int8 softmax, or the other way round.
TEST_F(QNNTransforms, SoftmaxComputesTheSame) {
  const std::string types[] = {"i8:f32, 0.00390625:-128",
                               "u8:f32, 0.00390625:0"};
  for (int trial = 0; trial < 100; ++trial) {
    bool from = pick(0, 1), to = pick(0, 1);
    int64_t zero = pick(0, 255);
    auto in = [&](bool isUnsigned) {
      return std::string("tensor<4x16x!quant.uniform<") +
             (isUnsigned ? "u8" : "i8") +
             ":f32, 0.0625:" + std::to_string(isUnsigned ? zero : zero - 128) +
             ">>";
    };
    auto out = [&](bool isUnsigned) {
      return "tensor<4x16x!quant.uniform<" + types[isUnsigned] + ">>";
    };
    EXPECT_EQ(check("func.func @f(%x: " + in(from) + ") -> " + out(to) +
                    " {\n" + "  %0 = qnn.requantize %x : (" + in(from) +
                    ") -> " + in(!from) + "\n" + "  %1 = qnn.softmax %0 : (" +
                    in(!from) + ") -> " + out(!to) + "\n" +
                    "  %2 = qnn.requantize %1 : (" + out(!to) + ") -> " +
                    out(to) + "\n" + "  return %2 : " + out(to) + "\n}\n"),
              2);
  }
}

TEST_F(QNNTransforms, FloatClampsComputeTheSame) {
  int64_t removed = 0;
  for (int trial = 0; trial < 100; ++trial) {
    auto clamp = [&] {
      int64_t lo = pick(-6, 6);
      return "{clamp = #qnn.clamp<" +
             oneOf<std::string>({"-inf", std::to_string(lo) + ".0"}) + ", " +
             oneOf<std::string>({"inf", std::to_string(pick(lo, 6)) + ".0"}) +
             ">}";
    };
    removed += check("func.func @f(%x: tensor<64xf32>, %y: tensor<64xf32>) -> "
                     "tensor<64xf32> {\n"
                     "  %0 = qnn.add %x, %y " +
                     clamp() +
                     " : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>\n"
                     "  %1 = qnn.clip %0 " +
                     clamp() +
                     " : (tensor<64xf32>) -> tensor<64xf32>\n"
                     "  %2 = qnn.clip %1 " +
                     clamp() +
                     " : (tensor<64xf32>) -> tensor<64xf32>\n"
                     "  return %2 : tensor<64xf32>\n}\n");
  }
  EXPECT_EQ(removed, 200);
}

} // namespace
