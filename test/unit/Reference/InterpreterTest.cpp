// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The interpreter as a class: its observer, its checks of what it is given, and
// that a second run is the first.

#include "qcc/Reference/Interpreter.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "qcc/Dialect/QNN/IR/QNN.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace qcc::reference;

namespace {

class InterpreterTest : public testing::Test {
protected:
  InterpreterTest() {
    DialectRegistry registry;
    registry
        .insert<func::FuncDialect, quant::QuantDialect, qcc::qnn::QNNDialect>();
    registerReferenceInterfaces(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  func::FuncOp parse(llvm::StringRef text) {
    module = parseSourceString<ModuleOp>(text, &context);
    return module ? *module->getOps<func::FuncOp>().begin() : func::FuncOp();
  }

  RefTensor floats(ArrayRef<float> values) {
    RefTensor tensor(RankedTensorType::get({int64_t(values.size())},
                                           Float32Type::get(&context)));
    llvm::copy(values, tensor.floats().begin());
    return tensor;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

constexpr llvm::StringLiteral twice = R"(
  func.func @twice(%x: tensor<2xf32>) -> tensor<2xf32> {
    %c = qnn.constant dense<[1.0, 2.0]> : tensor<2xf32> as tensor<2xf32>
    %0 = qnn.layer "both" (%a = %x, %b = %c) : (tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>) {
      %s = qnn.add %a, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      qnn.yield %s : tensor<2xf32>
    }
    %1 = qnn.add %0, %0 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    return %1 : tensor<2xf32>
  })";

} // namespace

TEST_F(InterpreterTest, runsAgainAndAgain) {
  func::FuncOp function = parse(twice);
  ASSERT_TRUE(function);
  Interpreter interpreter(function);
  for (float x : {1.0f, -4.0f}) {
    auto results = interpreter.run({floats({x, 0})});
    ASSERT_TRUE(succeeded(results));
    ASSERT_EQ(results->size(), 1u);
    EXPECT_EQ(results->front().floats(), (ArrayRef<float>{2 * (x + 1), 4.0f}));
  }
}

TEST_F(InterpreterTest, showsEachOperation) {
  func::FuncOp function = parse(twice);
  ASSERT_TRUE(function);
  SmallVector<std::string> seen;
  auto results = Interpreter(function).run(
      {floats({1, 1})}, [&](Operation *op, ArrayRef<RefTensor> tensors) {
        seen.push_back((op->getName().getStringRef() + " " +
                        Twine(static_cast<int>(tensors[0].floats()[1])))
                           .str());
      });
  ASSERT_TRUE(succeeded(results));
  EXPECT_EQ(seen, (SmallVector<std::string>{"qnn.add 3", "qnn.layer 3",
                                            "qnn.add 6"}));
}

TEST_F(InterpreterTest, checksItsInputs) {
  func::FuncOp function = parse(twice);
  ASSERT_TRUE(function);
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diag) {
    message = diag.str();
    return success();
  });
  Interpreter interpreter(function);
  EXPECT_TRUE(failed(interpreter.run({})));
  EXPECT_EQ(message, "is called with 0 inputs, expected 1");
  EXPECT_TRUE(failed(interpreter.run({floats({1, 2, 3})})));
  EXPECT_EQ(message, "input 0 has type 'tensor<3xf32>', expected "
                     "'tensor<2xf32>'");
}

TEST_F(InterpreterTest, refusesWhatHasNoDefinition) {
  func::FuncOp function = parse(R"(
    func.func @calls(%x: tensor<2xf32>) -> tensor<2xf32> {
      %0 = func.call @calls(%x) : (tensor<2xf32>) -> tensor<2xf32>
      return %0 : tensor<2xf32>
    })");
  ASSERT_TRUE(function);
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diag) {
    message = diag.str();
    return success();
  });
  EXPECT_TRUE(failed(Interpreter(function).run({floats({1, 2})})));
  EXPECT_EQ(message, "'func.call' op cannot be interpreted: it has no "
                     "definition in the reference interpreter");
}

TEST_F(InterpreterTest, refusesHugeTensors) {
  func::FuncOp function = parse(R"(
    func.func @huge(%x: tensor<1xf32>) -> tensor<99999x99999xf32> {
      %2 = qnn.constant dense<0.0> : tensor<99999x99999xf32> as tensor<99999x99999xf32>
      return %2 : tensor<99999x99999xf32>
    })");
  ASSERT_TRUE(function);
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diag) {
    message = diag.str();
    return success();
  });
  EXPECT_TRUE(failed(Interpreter(function).run({floats({1})})));
  EXPECT_NE(message.find("has more than 268435456 elements"), std::string::npos)
      << message;
}
