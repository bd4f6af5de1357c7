// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs every function of an .mlir file in the reference interpreter and
// compares its results with the literals that the function carries:
//
//   func.func @f() -> tensor<2x!q> attributes {expect = [dense<[1, 2]> :
//   tensor<2xi8>]}
//
// Stored integers must be equal; floats may differ by 1e-4 * max(1,
// |expected|). A function without an expectation is an error, so that no check
// is lost.

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Parser/Parser.h"
#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Reference/Interpreter.h"
#include "llvm/Support/SourceMgr.h"
#include <cmath>

using namespace mlir;
using namespace qcc::reference;

/// Reports the first element that differs and how many do.
static LogicalResult compare(func::FuncOp func, size_t index,
                             const RefTensor &actual, ElementsAttr attr) {
  auto type = actual.getType();
  std::optional<RefTensor> expected =
      attr.getShapedType().getShape() == type.getShape()
          ? RefTensor::fromAttr(attr, type)
          : std::nullopt;
  if (!expected)
    return func.emitError("result ")
           << index << " has type " << type << ", which expectation "
           << attr.getShapedType() << " does not fit";
  int64_t differing = 0, first = -1;
  for (int64_t i = 0; i < actual.getNumElements(); ++i) {
    bool equal;
    if (actual.isFloat()) {
      float a = actual.floats()[i], b = expected->floats()[i];
      equal = std::fabs(a - b) <= 1e-4f * std::fmax(1.0f, std::fabs(b)) ||
              a == b || (std::isnan(a) && std::isnan(b));
    } else {
      equal = actual.ints()[i] == expected->ints()[i];
    }
    if (!equal && differing++ == 0)
      first = i;
  }
  if (differing == 0)
    return success();
  InFlightDiagnostic diag = func.emitError("result ")
                            << index << " differs in " << differing << " of "
                            << actual.getNumElements()
                            << " elements, first at element " << first << ": ";
  if (actual.isFloat())
    diag << "got " << actual.floats()[first] << ", expected "
         << expected->floats()[first];
  else
    diag << "got " << actual.ints()[first] << ", expected "
         << expected->ints()[first];
  return diag;
}

static LogicalResult check(func::FuncOp func) {
  auto expectations = func->getAttrOfType<ArrayAttr>("expect");
  if (!expectations || expectations.size() != func.getNumResults() ||
      expectations.empty())
    return func.emitError("needs an attribute 'expect' with one literal per "
                          "result");
  FailureOr<SmallVector<RefTensor>> results = Interpreter(func).run({});
  if (failed(results))
    return failure();
  LogicalResult status = success();
  for (auto [index, result] : llvm::enumerate(*results)) {
    auto expected = dyn_cast<ElementsAttr>(expectations[index]);
    if (!expected)
      return func.emitError("expectation ") << index << " is not a literal";
    if (failed(compare(func, index, result, expected)))
      status = failure();
  }
  return status;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    llvm::errs() << "usage: qcc-test-interpret file.mlir\n";
    return 1;
  }
  DialectRegistry registry;
  registry.insert<func::FuncDialect, quant::QuantDialect, tensor::TensorDialect,
                  qcc::qnn::QNNDialect>();
  registerReferenceInterfaces(registry);
  MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  llvm::SourceMgr sourceMgr;
  SourceMgrDiagnosticHandler handler(sourceMgr, &context);
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(argv[1], sourceMgr, &context);
  if (!module)
    return 1;
  bool ok = true;
  int functions = 0;
  for (auto func : module->getOps<func::FuncOp>()) {
    ok &= succeeded(check(func));
    ++functions;
  }
  if (functions == 0) {
    llvm::errs() << argv[1] << ": no function to run\n";
    return 1;
  }
  llvm::outs() << functions << " functions run\n";
  return ok ? 0 : 1;
}
