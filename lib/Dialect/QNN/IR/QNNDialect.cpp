// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Registration of the `qnn` dialect and the printed form of its attributes.

#include "qcc/Dialect/QNN/IR/QNN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace qcc::qnn;

#include "qcc/Dialect/QNN/IR/QNNDialect.cpp.inc"
#include "qcc/Dialect/QNN/IR/QNNEnums.cpp.inc"
#include "qcc/Dialect/QNN/IR/QNNInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "qcc/Dialect/QNN/IR/QNNAttributes.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "qcc/Dialect/QNN/IR/QNNTypes.cpp.inc"

void QNNDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "qcc/Dialect/QNN/IR/QNNAttributes.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "qcc/Dialect/QNN/IR/QNNTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "qcc/Dialect/QNN/IR/QNNOps.cpp.inc"
      >();
}

Operation *QNNDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                           Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!elements || !tensor ||
      elements.getShapedType().getShape() != tensor.getShape())
    return nullptr;
  return ConstantOp::create(builder, loc, type, elements);
}

namespace {

ParseResult parseBound(AsmParser &parser, double &bound) {
  if (succeeded(parser.parseOptionalKeyword("inf"))) {
    bound = std::numeric_limits<double>::infinity();
    return success();
  }
  if (succeeded(parser.parseOptionalMinus())) {
    if (failed(parseBound(parser, bound)))
      return failure();
    bound = -bound;
    return success();
  }
  int64_t whole = 0;
  OptionalParseResult integer = parser.parseOptionalInteger(whole);
  if (!integer.has_value())
    return parser.parseFloat(bound);
  bound = static_cast<double>(whole);
  return *integer;
}

void printBound(AsmPrinter &printer, double bound) {
  if (std::isinf(bound))
    printer << (bound < 0 ? "-inf" : "inf");
  else if (bound == std::trunc(bound) && std::fabs(bound) < 1e15)
    printer << static_cast<int64_t>(bound);
  else
    printer << bound;
}

} // namespace

Attribute ClampAttr::parse(AsmParser &parser, Type) {
  double lo = 0, hi = 0;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parseBound(parser, lo) || parser.parseComma() ||
      parseBound(parser, hi) || parser.parseGreater())
    return {};
  return parser.getChecked<ClampAttr>(loc, parser.getContext(),
                                      llvm::APFloat(lo), llvm::APFloat(hi));
}

void ClampAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printBound(printer, getLo());
  printer << ", ";
  printBound(printer, getHi());
  printer << ">";
}

LogicalResult ClampAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                APFloat lower, APFloat upper) {
  if (!(lower <= upper))
    return emitError() << "clamp bounds must be ordered, but got "
                       << lower.convertToDouble() << " and "
                       << upper.convertToDouble();
  return success();
}

LogicalResult BipolarType::verify(function_ref<InFlightDiagnostic()> emitError,
                                  quant::UniformQuantizedType stored) {
  int64_t zero = stored.getZeroPoint();
  if (stored.getStorageTypeIntegralWidth() != 8 ||
      stored.getStorageTypeMin() != zero - 1 ||
      stored.getStorageTypeMax() != zero + 1)
    return emitError() << "a bipolar type is stored in 8 bits as its zero "
                          "point plus or minus 1, but got "
                       << stored;
  return success();
}
