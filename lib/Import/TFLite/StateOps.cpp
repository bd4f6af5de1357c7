// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CALL_ONCE, VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE, and tensors that are
// variables themselves.
//
// TFLite identifies a variable by the container and name of its handle. Its
// type is that of what is read from and assigned to it; its first value comes
// from the subgraph that CALL_ONCE runs, which assigns constants.

#include "GraphImporter.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;
using llvm::ArrayRef;
using llvm::StringRef;

LogicalResult GraphImporter::checkSubgraphs() {
  llvm::SmallSet<unsigned, 4> reached;
  for (unsigned i = 0, e = graph.operators() ? graph.operators()->size() : 0;
       i < e; ++i)
    if (const auto *options =
            graph.operators()->Get(i)->builtin_options_as<CallOnceOptions>())
      reached.insert(static_cast<unsigned>(options->init_subgraph_index()));
  for (unsigned i = 1; i < model.subgraphs()->size(); ++i)
    if (!reached.contains(i))
      return fileError() << "the .tflite file has " << model.subgraphs()->size()
                         << " subgraphs, and CALL_ONCE does not run subgraph "
                         << i << "; supported are the first and those that it "
                         << "runs";
  return success();
}

FailureOr<std::string>
GraphImporter::keyOf(const Operator &op,
                     TensorTable::EmitError emitError) const {
  const auto *options = op.builtin_options_as<VarHandleOptions>();
  if (!options)
    return emitError() << "has no options that name a variable";
  auto text = [](const flatbuffers::String *string) {
    return string ? string->str() : std::string();
  };
  std::string container = text(options->container());
  std::string name = text(options->shared_name());
  return container.empty() ? name : container + "/" + name;
}

qnn::VariableOp GraphImporter::makeVariable(StringRef name, Location loc,
                                            RankedTensorType type,
                                            DenseElementsAttr value) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(function);
  std::string symbol = name.empty() ? "variable" : name.str();
  for (unsigned number = 1; module.lookupSymbol(symbol); ++number)
    symbol = (name + "_" + llvm::Twine(number)).str();
  return qnn::VariableOp::create(builder, loc, symbol, value, type,
                                 StringAttr());
}

/// Walks a subgraph of handles and assignments of constants.
LogicalResult GraphImporter::runOnce(unsigned graphIndex,
                                     TensorTable::EmitError emitError) {
  if (graphIndex == 0 || graphIndex >= model.subgraphs()->size())
    return emitError() << "runs subgraph " << graphIndex
                       << ", but the file has " << model.subgraphs()->size()
                       << " subgraphs and the first is the model";
  if (!initializers.insert(graphIndex).second)
    return success();
  const SubGraph &once = *model.subgraphs()->Get(graphIndex);
  if ((once.inputs() && once.inputs()->size() != 0) ||
      (once.outputs() && once.outputs()->size() != 0))
    return emitError() << "runs subgraph " << graphIndex
                       << ", which has inputs or outputs";
  TensorTable table(context, model, once, file, options.maxTensorBytes);
  llvm::DenseMap<int32_t, std::string> handlesOfOnce;
  for (unsigned i = 0, e = once.operators() ? once.operators()->size() : 0;
       i < e; ++i) {
    const Operator &op = *once.operators()->Get(i);
    FailureOr<BuiltinOperator> code = codeOf(i, op);
    if (failed(code))
      return failure();
    auto onceError = [&]() -> InFlightDiagnostic {
      InFlightDiagnostic diag = emitError();
      StringRef name = EnumNameBuiltinOperator(*code);
      diag << "operator " << i << " ("
           << (name.empty() ? "code " + std::to_string(int32_t(*code))
                            : name.str())
           << ") of subgraph " << graphIndex << " ";
      return diag;
    };
    unsigned inputs = op.inputs() ? op.inputs()->size() : 0;
    unsigned outputs = op.outputs() ? op.outputs()->size() : 0;
    if (*code == BuiltinOperator::VAR_HANDLE && inputs == 0 && outputs == 1) {
      FailureOr<std::string> key = keyOf(op, onceError);
      if (failed(key) || failed(table.charge(key->size() + 64, onceError)))
        return failure();
      handlesOfOnce[op.outputs()->Get(0)] = *key;
      continue;
    }
    if (*code != BuiltinOperator::ASSIGN_VARIABLE || inputs != 2 ||
        outputs != 0)
      return onceError() << "is not supported there; supported are VAR_HANDLE "
                            "and ASSIGN_VARIABLE of constants";
    auto handle = handlesOfOnce.find(op.inputs()->Get(0));
    if (handle == handlesOfOnce.end())
      return onceError() << "assigns to what is no handle of a variable";
    FailureOr<TensorInfo *> value = table.get(op.inputs()->Get(1), onceError);
    if (failed(value))
      return failure();
    if (!(*value)->data)
      return onceError() << "assigns " << quoted((*value)->name)
                         << ", which is no constant";
    Variable &variable = variables[handle->second];
    if (variable.isAccessed)
      return onceError() << "gives " << quoted(handle->second)
                         << " its first value after it was used";
    variable.type = (*value)->raw->type();
    variable.shape = (*value)->shape;
    variable.initial = (*value)->data;
  }
  return success();
}

LogicalResult OpImport::runOnce(unsigned graphIndex) {
  return graph.runOnce(graphIndex, [&] { return error(); });
}

LogicalResult OpImport::makeHandle() {
  FailureOr<std::string> key = graph.keyOf(op, [&] { return error(); });
  if (failed(key) ||
      failed(graph.tensors.charge(key->size(), [&] { return error(); })))
    return failure();
  if (result().raw->type() != ElementType::RESOURCE)
    return error() << "makes a tensor that is " << result().typeText
                   << ", not a resource";
  graph.handles[result().index] = *key;
  return success();
}

FailureOr<qnn::VariableOp> OpImport::variable(unsigned i, RankedTensorType type,
                                              bool isRead) {
  FailureOr<const TensorInfo *> info = input(i);
  if (failed(info))
    return failure();
  auto handle = graph.handles.find((*info)->index);
  if (handle == graph.handles.end())
    return error() << quoted((*info)->name) << " is no handle of a variable";
  const std::string &key = handle->second;
  GraphImporter::Variable &variable = graph.variables[key];
  variable.isAccessed = true;
  if (variable.op) {
    if (variable.op.getType() != type)
      return error() << "uses the variable " << quoted(key) << " as " << type
                     << ", but it is " << variable.op.getType();
    return variable.op;
  }
  RankedTensorType stored = type.clone(qnn::storageTypeOf(type));
  DenseElementsAttr value;
  if (stored.getElementTypeBitWidth() % 8 != 0)
    return error() << "uses a variable of " << type
                   << "; its elements must be whole bytes";
  if (variable.initial) {
    // Raw elements: what is assigned once need not say how it is quantized.
    uint64_t bytes = static_cast<uint64_t>(qnn::bytesOf(type));
    bool fits = ArrayRef<int64_t>(variable.shape) == type.getShape() &&
                variable.initial->size() == bytes;
    if (!fits)
      return error() << "uses the variable " << quoted(key) << " as " << type
                     << ", but its first value has shape "
                     << shapeText(variable.shape) << " and "
                     << variable.initial->size() << " bytes";
    if (failed(graph.tensors.charge(bytes, [&] { return error(); })))
      return failure();
    value = DenseElementsAttr::getFromRawBuffer(
        stored,
        ArrayRef<char>(reinterpret_cast<const char *>(variable.initial->data()),
                       variable.initial->size()));
  } else if (isRead) {
    return error() << "reads the variable " << quoted(key)
                   << " before anything is assigned to it";
  } else {
    value = cast<DenseElementsAttr>(DenseElementsAttr::get(
        stored, builder().getZeroAttr(stored.getElementType())));
  }
  Location place = NameLoc::get(StringAttr::get(graph.context, key),
                                graph.locationOf(index));
  variable.op = graph.makeVariable(key, place, type, value);
  return variable.op;
}

FailureOr<qnn::VariableOp> OpImport::variableTensor(unsigned i) {
  FailureOr<const TensorInfo *> info = input(i);
  if (failed(info))
    return failure();
  const TensorInfo &tensor = **info;
  if (!tensor.raw->is_variable())
    return error() << quoted(tensor.name) << " must be a variable";
  qnn::VariableOp &variable = graph.variableTensors[tensor.index];
  if (variable)
    return variable;
  FailureOr<RankedTensorType> type =
      graph.typeOf(tensor, [&] { return error(); });
  if (failed(type))
    return failure();
  RankedTensorType stored = type->clone(qnn::storageTypeOf(*type));
  int64_t zero = tensor.kind == ElementKind::Int8 ? tensor.zeroPoint() : 0;
  Attribute value =
      isa<FloatType>(stored.getElementType())
          ? Attribute(builder().getZeroAttr(stored.getElementType()))
          : Attribute(builder().getIntegerAttr(stored.getElementType(), zero));
  variable =
      graph.makeVariable(tensor.name.getValue(),
                         NameLoc::get(tensor.name, graph.locationOf(index)),
                         *type, DenseElementsAttr::get(stored, value));
  return variable;
}

LogicalResult qcc::tflite::importCallOnce(OpImport &op) {
  const auto *options = op.options<CallOnceOptions>();
  if (!options)
    return failure();
  if (options->init_subgraph_index() < 0)
    return op.error() << "runs subgraph " << options->init_subgraph_index();
  return op.runOnce(static_cast<unsigned>(options->init_subgraph_index()));
}

LogicalResult qcc::tflite::importVarHandle(OpImport &op) {
  return op.makeHandle();
}

LogicalResult qcc::tflite::importReadVariable(OpImport &op) {
  FailureOr<qnn::VariableOp> variable =
      op.variable(0, op.resultType(), /*isRead=*/true);
  if (failed(variable))
    return failure();
  return op.setValue(qnn::ReadVariableOp::create(op.builder(), op.loc(),
                                                 op.resultType(),
                                                 variable->getSymName())
                         .getResult());
}

LogicalResult qcc::tflite::importAssignVariable(OpImport &op) {
  FailureOr<Value> value = op.value(1);
  if (failed(value))
    return failure();
  FailureOr<qnn::VariableOp> variable = op.variable(
      0, cast<RankedTensorType>(value->getType()), /*isRead=*/false);
  if (failed(variable))
    return failure();
  qnn::AssignVariableOp::create(op.builder(), value->getLoc(),
                                variable->getSymName(), *value);
  return success();
}
