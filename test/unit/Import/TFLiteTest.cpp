// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What text models cannot show of the import: its options, locations,
// alignment, and small files that ask for terabytes by sharing.

#include "qcc/Import/TFLite.h"

#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Support/File.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "tflite/tflite_generated.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace qcc;

namespace {

/// A context that remembers what was reported.
struct Import {
  MLIRContext context{MLIRContext::Threading::DISABLED};
  std::vector<std::string> errors, remarks;

  Import() {
    context.getDiagEngine().registerHandler([this](Diagnostic &diag) {
      (diag.getSeverity() == DiagnosticSeverity::Error ? errors : remarks)
          .push_back(diag.str());
    });
  }

  OwningOpRef<ModuleOp> run(llvm::StringRef bytes,
                            const TFLiteImportOptions &options = {}) {
    return importTFLite(&context, llvm::MemoryBufferRef(bytes, "m.tflite"),
                        options);
  }
};

using Builder = flatbuffers::FlatBufferBuilder;
template <typename T> using Offsets = std::vector<flatbuffers::Offset<T>>;

std::string finish(Builder &b, tflite::BuiltinOperator code,
                   const Offsets<tflite::Tensor> &tensors,
                   const std::vector<int> &inputs,
                   const std::vector<int> &outputs,
                   const Offsets<tflite::Operator> &operators,
                   const Offsets<tflite::Metadata> &metadata = {},
                   const std::vector<uint8_t> &data = {}) {
  Offsets<tflite::OperatorCode> codes = {
      tflite::CreateOperatorCode(b, 0, 0, 1, code)};
  Offsets<tflite::SubGraph> graphs = {
      tflite::CreateSubGraphDirect(b, &tensors, &inputs, &outputs, &operators)};
  Offsets<tflite::Buffer> buffers = {tflite::CreateBuffer(b),
                                     tflite::CreateBufferDirect(b, &data)};
  auto model = tflite::CreateModelDirect(b, 3, &codes, &graphs, nullptr,
                                         &buffers, nullptr, &metadata);
  tflite::FinishModelBuffer(b, model);
  return std::string(reinterpret_cast<char *>(b.GetBufferPointer()),
                     b.GetSize());
}

flatbuffers::Offset<tflite::Tensor>
makeTensor(Builder &b, const char *name, const std::vector<int> &shape,
           const std::vector<int> &signature = {}) {
  return tflite::CreateTensorDirect(b, &shape, tflite::ElementType::FLOAT32, 0,
                                    name, 0, false, 0, &signature, true);
}

/// y = tanh(tanh(x)) with a free batch.
std::string makeTanhModel() {
  Builder b;
  Offsets<tflite::Tensor> tensors;
  for (const char *name : {"x", "t", "y"})
    tensors.push_back(makeTensor(b, name, {1, 4}, {-1, 4}));
  Offsets<tflite::Operator> operators;
  for (int i = 0; i < 2; ++i) {
    std::vector<int> in = {i}, out = {i + 1};
    operators.push_back(tflite::CreateOperatorDirect(b, 0, &in, &out));
  }
  return finish(b, tflite::BuiltinOperator::TANH, tensors, {0}, {2}, operators);
}

std::vector<int64_t> resultShape(ModuleOp module) {
  auto function = module.lookupSymbol<func::FuncOp>("main");
  return cast<RankedTensorType>(function.getResultTypes()[0]).getShape().vec();
}

TEST(TFLiteImport, FreeAxesAreOneAndTold) {
  Import import;
  auto module = import.run(makeTanhModel());
  ASSERT_TRUE(module);
  EXPECT_EQ(resultShape(*module), (std::vector<int64_t>{1, 4}));
  ASSERT_EQ(import.remarks.size(), 1u);
  EXPECT_EQ(import.remarks[0], "input 'x' has free axes [-1, 4]: it is "
                               "imported with the shape [1, 4]");
}

TEST(TFLiteImport, InputShapesReachEveryTensor) {
  Import import;
  TFLiteImportOptions options;
  options.inputShapes = {{"x", {3, 4}}};
  auto module = import.run(makeTanhModel(), options);
  ASSERT_TRUE(module);
  EXPECT_EQ(resultShape(*module), (std::vector<int64_t>{3, 4}));
  EXPECT_TRUE(import.remarks.empty());
}

TEST(TFLiteImport, InputShapesThatDoNotFit) {
  const std::pair<std::vector<int64_t>, std::string> cases[] = {
      {{3, 5}, "which cannot become [3, 5]"},
      {{3}, "which cannot become [3]"},
      {{0, 4}, "which cannot become [0, 4]"},
      {{-1, 4}, "which cannot become [-1, 4]"},
      {{int64_t(1) << 40, 4}, "is larger than 2147483648 bytes"},
  };
  for (const auto &[shape, message] : cases) {
    Import import;
    TFLiteImportOptions options;
    options.inputShapes = {{"x", shape}};
    EXPECT_FALSE(import.run(makeTanhModel(), options));
    ASSERT_EQ(import.errors.size(), 1u);
    EXPECT_NE(import.errors[0].find(message), std::string::npos)
        << import.errors[0];
  }
}

TEST(TFLiteImport, InputShapeOfNoInput) {
  Import import;
  TFLiteImportOptions options;
  options.inputShapes = {{"z", {1, 4}}};
  EXPECT_FALSE(import.run(makeTanhModel(), options));
  ASSERT_EQ(import.errors.size(), 1u);
  EXPECT_EQ(import.errors[0], "the graph's inputs: none is named 'z'");
}

TEST(TFLiteImport, LocationsNameTensorAndOperator) {
  Import import;
  auto module = import.run(makeTanhModel());
  ASSERT_TRUE(module);
  unsigned index = 0;
  module->walk([&](qnn::TanhOp op) {
    auto name = dyn_cast<NameLoc>(op.getLoc());
    ASSERT_TRUE(name);
    EXPECT_EQ(name.getName(), index == 0 ? "t" : "y");
    auto place = dyn_cast<FileLineColLoc>(name.getChildLoc());
    ASSERT_TRUE(place);
    EXPECT_EQ(place.getFilename(), "m.tflite");
    EXPECT_EQ(place.getLine(), index);
    ++index;
  });
  EXPECT_EQ(index, 2u);
}

TEST(TFLiteImport, AnyAlignment) {
  std::string model = makeTanhModel();
  for (size_t shift = 0; shift < 8; ++shift) {
    Import import;
    std::string shifted = std::string(shift, ' ') + model;
    EXPECT_TRUE(import.run(llvm::StringRef(shifted).drop_front(shift)));
  }
}

TEST(TFLiteImport, EveryPrefixIsRefusedOnce) {
  std::string model = makeTanhModel();
  for (size_t length = 0; length < model.size(); ++length) {
    Import import;
    std::string prefix = model.substr(0, length);
    auto module = import.run(prefix);
    EXPECT_EQ(import.errors.size(), module ? 0u : 1u) << length;
  }
}

TEST(TFLiteImport, TensorsLargerThanTheLimit) {
  Import import;
  TFLiteImportOptions options;
  options.maxTensorBytes = 15;
  EXPECT_FALSE(import.run(makeTanhModel(), options));
  ASSERT_EQ(import.errors.size(), 1u);
  EXPECT_NE(import.errors[0].find("is larger than 15 bytes"),
            std::string::npos);
}

// Ten thousand operators that share one list of a million operands.
/// tanh(tanh(… x)), `count` times.
std::string makeChain(int count) {
  Builder b;
  Offsets<tflite::Tensor> tensors = {makeTensor(b, "x", {2})};
  Offsets<tflite::Operator> operators;
  for (int i = 0; i < count; ++i) {
    tensors.push_back(makeTensor(b, "y", {2}));
    std::vector<int> operands = {i}, results = {i + 1};
    operators.push_back(
        tflite::CreateOperatorDirect(b, 0, &operands, &results));
  }
  return finish(b, tflite::BuiltinOperator::TANH, tensors, {0}, {count},
                operators);
}

TEST(TFLiteImport, GraphsOfManyOperators) {
  Import import;
  EXPECT_TRUE(import.run(makeChain(10000)));
  EXPECT_TRUE(import.errors.empty());
  EXPECT_FALSE(import.run(makeChain(100000)));
  ASSERT_EQ(import.errors.size(), 1u);
  EXPECT_EQ(import.errors[0],
            "the graph has 100000 operators, but at most 10000 are taken");
}

TEST(TFLiteImport, GraphsOfManyResults) {
  Builder b;
  Offsets<tflite::Tensor> tensors = {makeTensor(b, "x", {2}),
                                     makeTensor(b, "y", {2})};
  std::vector<int> operands = {0}, results = {1};
  Offsets<tflite::Operator> operators = {
      tflite::CreateOperatorDirect(b, 0, &operands, &results)};
  std::string model = finish(b, tflite::BuiltinOperator::TANH, tensors, {0},
                             std::vector<int>(1001, 1), operators);
  Import import;
  EXPECT_FALSE(import.run(model));
  ASSERT_EQ(import.errors.size(), 1u);
  EXPECT_EQ(import.errors[0],
            "the graph has 1001 outputs, but at most 1000 are taken");
}

/// A sparse file beyond 2 GB that begins with `head` and ends with `tail` at
/// `offset`.
std::string writeLargeFile(llvm::StringRef head, uint64_t offset,
                           llvm::StringRef tail) {
  llvm::SmallString<128> path;
  int fd = -1;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("large", "tflite", fd, path));
  llvm::raw_fd_ostream os(fd, /*shouldClose=*/true);
  os << head;
  os.seek(offset);
  os << tail;
  return std::string(path);
}

TEST(TFLiteImport, WeightsBehindTwoGigabytes) {
  constexpr uint64_t offset = (uint64_t(1) << 31) + 64;
  Builder b;
  // y = concatenation of x and a constant whose data is elsewhere.
  std::vector<int> shape = {2}, sum = {4}, operands = {0, 1}, results = {2};
  Offsets<tflite::Tensor> tensors = {
      makeTensor(b, "x", shape),
      tflite::CreateTensorDirect(b, &shape, tflite::ElementType::FLOAT32, 1,
                                 "w"),
      makeTensor(b, "y", sum)};
  Offsets<tflite::OperatorCode> codes = {tflite::CreateOperatorCode(
      b, 0, 0, 1, tflite::BuiltinOperator::CONCATENATION)};
  auto options = tflite::CreateConcatenationOptions(b, 0).Union();
  Offsets<tflite::Operator> operators = {tflite::CreateOperatorDirect(
      b, 0, &operands, &results, tflite::BuiltinOptions::ConcatenationOptions,
      options)};
  std::vector<int> inputs = {0};
  Offsets<tflite::SubGraph> graphs = {
      tflite::CreateSubGraphDirect(b, &tensors, &inputs, &results, &operators)};
  Offsets<tflite::Buffer> buffers = {tflite::CreateBuffer(b),
                                     tflite::CreateBuffer(b, 0, offset, 8)};
  tflite::FinishModelBuffer(
      b, tflite::CreateModelDirect(b, 3, &codes, &graphs, nullptr, &buffers));
  float weights[] = {1.5f, -2.0f};
  std::string path = writeLargeFile(
      {reinterpret_cast<char *>(b.GetBufferPointer()), b.GetSize()}, offset,
      {reinterpret_cast<char *>(weights), sizeof(weights)});
  auto file = readModelFile(path);
  ASSERT_TRUE(bool(file));
  Import import;
  OwningOpRef<ModuleOp> module =
      importTFLite(&import.context, (*file)->getMemBufferRef());
  EXPECT_TRUE(module);
  EXPECT_TRUE(import.errors.empty()) << import.errors[0];
  if (module)
    module->walk([&](qnn::ConstantOp op) {
      auto values = llvm::to_vector(op.getValue().getValues<float>());
      EXPECT_EQ(values, (llvm::SmallVector<float>{1.5f, -2.0f}));
    });
  llvm::sys::fs::remove(path);

  path = writeLargeFile("module {", offset, "}");
  auto text = readModelFile(path);
  EXPECT_FALSE(bool(text));
  EXPECT_NE(llvm::toString(text.takeError()).find("has more than 2147483648"),
            std::string::npos);
  llvm::sys::fs::remove(path);
}

TEST(TFLiteImport, SharedOperandLists) {
  Builder b;
  constexpr int count = 10000;
  Offsets<tflite::Tensor> tensors = {makeTensor(b, "x", {1})};
  std::vector<int> list(1000000, 0);
  auto operands = b.CreateVector(list);
  auto options = tflite::CreateConcatenationOptions(b, 0).Union();
  Offsets<tflite::Operator> operators;
  for (int i = 1; i <= count; ++i) {
    tensors.push_back(makeTensor(b, "y", {1000000}));
    auto outputs = b.CreateVector(std::vector<int>{i});
    operators.push_back(tflite::CreateOperator(
        b, 0, operands, outputs, tflite::BuiltinOptions::ConcatenationOptions,
        options));
  }
  std::string model = finish(b, tflite::BuiltinOperator::CONCATENATION, tensors,
                             {0}, {count}, operators);
  Import import;
  EXPECT_FALSE(import.run(model));
  ASSERT_EQ(import.errors.size(), 1u);
  EXPECT_NE(import.errors[0].find("uses the same bytes of the file too many"),
            std::string::npos);
}

// A hundred thousand tensors that share one name of a megabyte.
TEST(TFLiteImport, SharedNames) {
  Builder b;
  constexpr int count = 100000;
  auto name = b.CreateString(std::string(1 << 20, 'n'));
  auto shape = b.CreateVector(std::vector<int>{1});
  Offsets<tflite::Tensor> tensors;
  std::vector<int> inputs;
  for (int i = 0; i < count; ++i) {
    tensors.push_back(
        tflite::CreateTensor(b, shape, tflite::ElementType::FLOAT32, 0, name));
    inputs.push_back(i);
  }
  std::string model =
      finish(b, tflite::BuiltinOperator::TANH, tensors, inputs, {0}, {});
  Import import;
  EXPECT_FALSE(import.run(model));
  ASSERT_EQ(import.errors.size(), 1u);
}

// Ten thousand entries of metadata that share one buffer of a megabyte.
TEST(TFLiteImport, SharedMetadata) {
  Builder b;
  Offsets<tflite::Tensor> tensors = {makeTensor(b, "x", {1})};
  Offsets<tflite::Metadata> metadata(10000, tflite::CreateMetadata(b, 0, 1));
  std::string model =
      finish(b, tflite::BuiltinOperator::TANH, tensors, {0}, {0}, {}, metadata,
             std::vector<uint8_t>(1 << 20, 'd'));
  Import import;
  EXPECT_FALSE(import.run(model));
  ASSERT_EQ(import.errors.size(), 1u);
}

} // namespace
