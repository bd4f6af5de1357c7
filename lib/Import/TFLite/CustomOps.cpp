// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Custom operators that whoever embeds the importer lowers himself: what he
// gets to see, and what is checked of his answer.

#include "GraphImporter.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;
using llvm::ArrayRef;
using llvm::StringRef;

StringRef OpImport::customName() const { return graph.customName(op); }

ArrayRef<uint8_t> OpImport::customOptions() const {
  const auto *bytes = op.custom_options();
  return bytes ? ArrayRef<uint8_t>(bytes->data(), bytes->size())
               : ArrayRef<uint8_t>();
}

LogicalResult
qcc::tflite::importCustomOp(OpImport &op,
                            const TFLiteCustomOpImporter &importer) {
  llvm::SmallVector<Value> operands;
  for (unsigned i = 0; i < op.numInputs(); ++i) {
    if (!op.hasInput(i)) {
      operands.push_back(Value());
      continue;
    }
    FailureOr<Value> value = op.value(i);
    if (failed(value))
      return failure();
    operands.push_back(*value);
  }
  llvm::SmallVector<RankedTensorType> resultTypes;
  for (unsigned i = 0; i < op.numResults(); ++i)
    resultTypes.push_back(op.resultType(i));
  auto emitError = [&] { return op.error(); };
  TFLiteCustomOp custom{op.customName(), op.customOptions(), operands,
                        resultTypes,     op.loc(),           emitError};
  FailureOr<llvm::SmallVector<Value>> results = importer(op.builder(), custom);
  if (failed(results))
    return failure();
  if (results->size() != op.numResults())
    return op.error() << "was lowered to " << results->size()
                      << " values, but makes " << op.numResults();
  for (auto [i, value] : llvm::enumerate(*results)) {
    auto type = value ? dyn_cast<RankedTensorType>(value.getType())
                      : RankedTensorType();
    if (!type || !type.hasStaticShape() ||
        type.getElementType() != op.resultType(i).getElementType()) {
      InFlightDiagnostic diag = op.error();
      diag << "was lowered to ";
      if (value)
        diag << "a " << value.getType();
      else
        diag << "nothing";
      return diag << ", but makes a " << op.resultType(i);
    }
    if (failed(op.checkShape(type.getShape(), i)) ||
        failed(op.setValue(i, value)))
      return failure();
  }
  return success();
}
