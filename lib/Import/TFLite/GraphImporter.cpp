// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Imports the subgraph: inputs, operators in order, outputs. What is said about
// the graph beside them (metadata, signatures) becomes attributes.

#include "GraphImporter.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Reference/InterpretableOpInterface.h"

#include "mlir/IR/Verifier.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::tflite;
using llvm::ArrayRef;
using llvm::StringRef;

GraphImporter::GraphImporter(ModuleOp module, const Model &model,
                             const SubGraph &graph, StringRef fileName,
                             ArrayRef<uint8_t> file,
                             const TFLiteImportOptions &options)
    : module(module), context(module.getContext()), builder(context),
      model(model), graph(graph), fileName(fileName), options(options),
      tensors(context, model, graph, file, options.maxTensorBytes),
      values(tensors.size()), file(file) {}

Location GraphImporter::locationOf(unsigned line) const {
  return FileLineColLoc::get(context, fileName, line, 0);
}

InFlightDiagnostic GraphImporter::fileError() const {
  return emitError(locationOf(0));
}

LogicalResult GraphImporter::run() {
  if (failed(checkSupported()))
    return failure();
  if (failed(checkSubgraphs()))
    return failure();
  if (failed(readInputs()))
    return failure();
  if (graph.operators())
    for (unsigned i = 0; i < graph.operators()->size(); ++i)
      if (failed(readOperator(i, *graph.operators()->Get(i))))
        return failure();
  return success(succeeded(readOutputs()) && succeeded(readMetadata()) &&
                 succeeded(readSignatures()));
}

StringRef GraphImporter::customName(const Operator &op) const {
  const auto *name =
      model.operator_codes()->Get(op.opcode_index())->custom_code();
  return name ? StringRef(name->c_str(), name->size()) : "";
}

const TFLiteCustomOpImporter *
GraphImporter::findCustom(BuiltinOperator code, const Operator &op) const {
  if (code != BuiltinOperator::CUSTOM)
    return nullptr;
  auto it = options.customOps.find(customName(op).str());
  return it == options.customOps.end() ? nullptr : &it->second;
}

std::string GraphImporter::describe(BuiltinOperator code,
                                    const Operator &op) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  StringRef name = EnumNameBuiltinOperator(code);
  if (code == BuiltinOperator::CUSTOM) {
    os << "custom operator " << quoted(customName(op));
  } else if (name.empty()) {
    os << "operator code " << static_cast<int32_t>(code);
  } else {
    os << name;
  }
  auto list = [&](StringRef title,
                  const flatbuffers::Vector<int32_t> *indices) {
    constexpr unsigned limit = 6;
    unsigned count = indices ? indices->size() : 0;
    os << title;
    for (unsigned i = 0; i < std::min(count, limit); ++i)
      os << (i ? ", " : "") << tensors.describe(indices->Get(i));
    if (count == 0)
      os << "nothing";
    if (count > limit)
      os << ", and " << count - limit << " more";
  };
  list(" of ", op.inputs());
  list("; makes ", op.outputs());
  return text;
}

//===----------------------------------------------------------------------===//
// Inputs and outputs
//===----------------------------------------------------------------------===//

FailureOr<RankedTensorType>
GraphImporter::typeOf(const TensorInfo &info,
                      TensorTable::EmitError emitError) const {
  if (!info.elementType)
    return emitError() << "tensor " << quoted(info.name) << " is "
                       << info.typeText
                       << ", an element type that is not supported here";
  if (llvm::is_contained(info.shape, 0))
    return emitError() << "tensor " << quoted(info.name) << " of shape "
                       << shapeText(info.shape) << " has no elements";
  return RankedTensorType::get(info.shape, info.elementType);
}

LogicalResult GraphImporter::fixShape(TensorInfo &info) {
  auto wanted = llvm::find_if(options.inputShapes, [&](const auto &entry) {
    return entry.first == info.name.getValue();
  });
  if (wanted != options.inputShapes.end()) {
    ArrayRef<int64_t> shape = wanted->second;
    bool fits = shape.size() == info.shape.size();
    for (size_t i = 0; fits && i < shape.size(); ++i)
      fits = shape[i] > 0 && (info.isFree[i] || shape[i] == info.shape[i]);
    uint64_t count = 1;
    for (int64_t extent : shape) {
      if (fits && count > options.maxTensorBytes / extent)
        return fileError() << "input " << quoted(info.name) << " of shape "
                           << shapeText(shape) << " is larger than "
                           << options.maxTensorBytes << " bytes";
      count *= extent;
    }
    if (!fits)
      return fileError() << "input " << quoted(info.name) << " has shape "
                         << shapeText(info.shape)
                         << (info.hasFreeAxes() ? " with free axes" : "")
                         << ", which cannot become " << shapeText(shape);
    info.shape.assign(shape.begin(), shape.end());
    return success();
  }
  if (info.hasFreeAxes()) {
    llvm::SmallVector<int64_t> open(info.shape);
    for (size_t i = 0; i < open.size(); ++i)
      if (info.isFree[i])
        open[i] = -1;
    emitRemark(locationOf(0))
        << "input " << quoted(info.name) << " has free axes " << shapeText(open)
        << ": it is imported with the shape " << shapeText(info.shape);
  }
  return success();
}

llvm::SmallVector<DictionaryAttr>
GraphImporter::nameAttributes(ArrayRef<StringAttr> names) {
  llvm::SmallVector<DictionaryAttr> attributes;
  for (StringAttr name : names)
    attributes.push_back(
        builder.getDictionaryAttr(builder.getNamedAttr("qnn.name", name)));
  return attributes;
}

LogicalResult GraphImporter::readInputs() {
  auto inputError = [&]() -> InFlightDiagnostic {
    InFlightDiagnostic diag = fileError();
    diag << "the graph's inputs: ";
    return diag;
  };
  llvm::SmallVector<Type> types;
  llvm::SmallVector<TensorInfo *> infos;
  llvm::SmallVector<bool> seen(tensors.size());
  for (unsigned i = 0, e = graph.inputs() ? graph.inputs()->size() : 0; i < e;
       ++i) {
    FailureOr<TensorInfo *> info =
        tensors.get(graph.inputs()->Get(i), inputError);
    if (failed(info))
      return failure();
    if (seen[(*info)->index])
      return inputError() << "tensor " << quoted((*info)->name)
                          << " is listed twice";
    seen[(*info)->index] = true;
    if ((*info)->raw->is_variable())
      return inputError() << "tensor " << quoted((*info)->name)
                          << " is a variable";
    if ((*info)->data) {
      emitRemark(locationOf(0))
          << "input " << quoted((*info)->name)
          << " carries data: it is imported as a constant";
      continue;
    }
    if (failed(fixShape(**info)))
      return failure();
    FailureOr<RankedTensorType> type = typeOf(**info, inputError);
    if (failed(type))
      return failure();
    types.push_back(*type);
    infos.push_back(*info);
    argumentNumbers.try_emplace((*info)->index, argumentNumbers.size());
  }
  for (const auto &entry : options.inputShapes)
    if (llvm::none_of(infos, [&](TensorInfo *info) {
          return info->name.getValue() == entry.first;
        }))
      return inputError() << "none is named " << quoted(entry.first);

  builder.setInsertionPointToEnd(module.getBody());
  function = func::FuncOp::create(builder, locationOf(0), "main",
                                  builder.getFunctionType(types, {}));
  if (graph.name() && graph.name()->size() != 0)
    function->setAttr("qnn.subgraph",
                      builder.getStringAttr(graph.name()->str()));
  Block *block = builder.createBlock(&function.getBody());
  llvm::SmallVector<StringAttr> names;
  for (auto [info, type] : llvm::zip(infos, types)) {
    values[info->index] =
        block->addArgument(type, NameLoc::get(info->name, locationOf(0)));
    names.push_back(info->name);
  }
  function.setAllArgAttrs(nameAttributes(names));
  return success();
}

LogicalResult GraphImporter::readOutputs() {
  auto outputError = [&]() -> InFlightDiagnostic {
    InFlightDiagnostic diag = fileError();
    diag << "the graph's outputs: ";
    return diag;
  };
  unsigned count = graph.outputs() ? graph.outputs()->size() : 0;
  if (count == 0)
    return fileError() << "the graph has no outputs";
  unsigned line = graph.operators() ? graph.operators()->size() : 0;
  llvm::SmallVector<Value> results;
  llvm::SmallVector<StringAttr> names;
  for (unsigned i = 0; i < count; ++i) {
    FailureOr<TensorInfo *> info =
        tensors.get(graph.outputs()->Get(i), outputError);
    if (failed(info))
      return failure();
    Value value = valueOf(**info, line, outputError);
    if (!value)
      return failure();
    results.push_back(value);
    names.push_back((*info)->name);
    resultNumbers.try_emplace((*info)->index, i);
  }
  func::ReturnOp::create(builder, locationOf(line), results);
  function.setFunctionType(builder.getFunctionType(
      function.getArgumentTypes(), ValueRange(results).getTypes()));
  function.setAllResultAttrs(nameAttributes(names));
  return success();
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

FailureOr<BuiltinOperator> GraphImporter::codeOf(unsigned index,
                                                 const Operator &op) {
  unsigned count = model.operator_codes() ? model.operator_codes()->size() : 0;
  if (op.opcode_index() >= count)
    return emitError(locationOf(index))
           << "operator " << index << " has the operator code number "
           << op.opcode_index() << ", but the file has " << count;
  // Writers before the codes passed 127 set the byte alone, later ones both.
  const OperatorCode *code = model.operator_codes()->Get(op.opcode_index());
  return static_cast<BuiltinOperator>(
      std::max(static_cast<int32_t>(code->deprecated_builtin_code()),
               static_cast<int32_t>(code->builtin_code())));
}

LogicalResult GraphImporter::checkSupported() {
  if (graph.operators() && graph.operators()->size() > options.maxOperators)
    return emitError(locationOf(0))
           << "the graph has " << graph.operators()->size()
           << " operators, but at most " << options.maxOperators
           << " are taken";
  for (auto [list, what] : {std::pair(graph.inputs(), "inputs"),
                            std::pair(graph.outputs(), "outputs")})
    if (list && list->size() > options.maxParameters)
      return emitError(locationOf(0))
             << "the graph has " << list->size() << " " << what
             << ", but at most " << options.maxParameters << " are taken";
  std::vector<unsigned> unsupported;
  std::vector<BuiltinOperator> codes;
  for (unsigned i = 0, e = graph.operators() ? graph.operators()->size() : 0;
       i < e; ++i) {
    const Operator &op = *graph.operators()->Get(i);
    FailureOr<BuiltinOperator> code = codeOf(i, op);
    if (failed(code))
      return failure();
    if (findOp(*code) || findCustom(*code, op))
      continue;
    unsupported.push_back(i);
    codes.push_back(*code);
  }
  if (unsupported.empty())
    return success();
  unsigned first = unsupported.front();
  InFlightDiagnostic diag = emitError(locationOf(first));
  diag << "operator " << first << " ("
       << describe(codes.front(), *graph.operators()->Get(first))
       << ") is not supported; docs/Status.md lists the "
       << supportedTFLiteOperators().size() << " operators that are";
  if (unsupported.size() > 1) {
    llvm::SmallVector<StringRef> names;
    for (BuiltinOperator code : codes) {
      StringRef name = EnumNameBuiltinOperator(code);
      if (!llvm::is_contained(names, name))
        names.push_back(name);
    }
    llvm::erase(names, "");
    diag.attachNote() << unsupported.size() << " operators of the file are not"
                      << " supported: " << llvm::join(names, ", ");
  }
  return diag;
}

LogicalResult GraphImporter::readOperator(unsigned index, const Operator &op) {
  FailureOr<BuiltinOperator> code = codeOf(index, op);
  if (failed(code))
    return failure();
  auto opError = [&]() -> InFlightDiagnostic {
    InFlightDiagnostic diag = emitError(locationOf(index));
    diag << "operator " << index << " (" << describe(*code, op) << "): ";
    return diag;
  };
  const TFLiteCustomOpImporter *custom = findCustom(*code, op);
  const OpEntry &entry = custom ? customOpEntry : *findOp(*code);
  unsigned inputs = op.inputs() ? op.inputs()->size() : 0;
  unsigned outputs = op.outputs() ? op.outputs()->size() : 0;
  auto checkCount = [&](unsigned count, unsigned least, unsigned most,
                        StringRef what, StringRef verb) -> LogicalResult {
    if (count >= least && count <= most)
      return success();
    return opError() << "has " << count << " " << what << ", but " << verb
                     << " " << least
                     << (most == least       ? ""
                         : most == least + 1 ? " or " + std::to_string(most)
                                             : " or more");
  };
  if (failed(checkCount(inputs, entry.minInputs, entry.maxInputs, "inputs",
                        "takes")) ||
      failed(checkCount(outputs, entry.minOutputs, entry.maxOutputs, "outputs",
                        "makes")))
    return failure();
  // What an operand or a result takes in memory, not in the file.
  constexpr uint64_t valueBytes = 64;
  if (failed(tensors.charge((inputs + outputs) * valueBytes, opError)))
    return failure();
  llvm::SmallVector<TensorInfo *> results;
  for (unsigned i = 0; i < outputs; ++i) {
    FailureOr<TensorInfo *> result = tensors.get(op.outputs()->Get(i), opError);
    if (failed(result))
      return failure();
    // A handle is no tensor; only VAR_HANDLE makes one.
    bool isHandle = *code == BuiltinOperator::VAR_HANDLE &&
                    (*result)->raw->type() == ElementType::RESOURCE;
    if (!isHandle && failed(typeOf(**result, opError)))
      return failure();
    if ((*result)->data)
      return opError() << "makes a tensor that carries data";
    if ((*result)->raw->is_variable())
      return opError() << "makes a tensor that is a variable";
    if (values[(*result)->index])
      return opError() << "makes a tensor that is "
                       << (isa<BlockArgument>(values[(*result)->index])
                               ? "an input of the graph"
                               : "already made by another operator");
    results.push_back(*result);
  }
  if (llvm::SmallPtrSet<TensorInfo *, 8>(llvm::from_range, results).size() !=
      results.size())
    return opError() << "makes a tensor twice";
  OpImport import(*this, op, *code, index, results);
  return custom ? importCustomOp(import, *custom) : entry.import(import);
}

Value GraphImporter::valueOf(const TensorInfo &info, unsigned line,
                             TensorTable::EmitError emitError) {
  Value &value = values[info.index];
  if (value)
    return value;
  if (info.raw->is_variable()) {
    emitError() << "tensor " << quoted(info.name)
                << " is a variable, which only recurrent operators may use";
    return {};
  }
  if (!info.data) {
    emitError() << "tensor " << quoted(info.name)
                << " is used before any operator makes it";
    return {};
  }
  FailureOr<RankedTensorType> type = typeOf(info, emitError);
  if (failed(type) || failed(tensors.charge(info.data->size(), emitError)))
    return {};
  value = qnn::ConstantOp::create(builder,
                                  NameLoc::get(info.name, locationOf(line)),
                                  *type, dataOf(info, *type));
  return value;
}

DenseElementsAttr GraphImporter::dataOf(const TensorInfo &info,
                                        RankedTensorType type) {
  auto storage = type.clone(qnn::storageTypeOf(type));
  if (info.kind == ElementKind::Bool) {
    // A byte each in the file, a bit each in an attribute.
    llvm::SmallVector<bool> bits;
    for (uint8_t byte : *info.data)
      bits.push_back(byte != 0);
    return DenseElementsAttr::get(storage, bits);
  }
  if (info.kind == ElementKind::Int4) {
    // Two to a byte, the first in the low half.
    llvm::SmallVector<APInt> nibbles;
    for (int64_t i = 0, e = info.elements(); i < e; ++i)
      nibbles.emplace_back(4, (*info.data)[i / 2] >> (i % 2 * 4) & 15);
    return DenseElementsAttr::get(storage, nibbles);
  }
  return DenseElementsAttr::getFromRawBuffer(
      storage, ArrayRef<char>(reinterpret_cast<const char *>(info.data->data()),
                              info.data->size()));
}

bool GraphImporter::isSmall(RankedTensorType type) {
  constexpr int64_t limit = 1024;
  return type.getNumElements() <= limit;
}

std::optional<reference::RefTensor> GraphImporter::evaluate(Value value,
                                                            unsigned depth) {
  auto known = knownValues.find(value);
  if (known != knownValues.end())
    return known->second;
  auto type = cast<RankedTensorType>(value.getType());
  Operation *producer = value.getDefiningOp();
  if (!producer || !isSmall(type))
    return std::nullopt;
  if (auto constant = dyn_cast<qnn::ConstantOp>(producer))
    return reference::RefTensor::fromAttr(constant.getValue(), type);
  auto interpretable = dyn_cast<reference::InterpretableOpInterface>(producer);
  if (!interpretable || depth == 0 || producer->getNumResults() != 1)
    return std::nullopt;
  llvm::SmallVector<reference::RefTensor> operands;
  for (Value operand : producer->getOperands()) {
    std::optional<reference::RefTensor> tensor = evaluate(operand, depth - 1);
    if (!tensor)
      return std::nullopt;
    operands.push_back(*tensor);
  }
  reference::RefTensor result(type);
  // What is not defined is refused by whoever needs it.
  ScopedDiagnosticHandler quiet(context,
                                [](Diagnostic &) { return success(); });
  if (failed(verify(producer)) ||
      failed(interpretable.interpret(operands, result)))
    return std::nullopt;
  knownValues.try_emplace(value, result);
  return result;
}

//===----------------------------------------------------------------------===//
// What the file says beside the graph
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::readMetadata() {
  auto metadataError = [&]() -> InFlightDiagnostic {
    InFlightDiagnostic diag = fileError();
    diag << "the file's metadata ";
    return diag;
  };
  module->setAttr("qnn.origin", builder.getStringAttr("tflite"));
  if (model.description() && model.description()->size() != 0)
    module->setAttr("qnn.description",
                    builder.getStringAttr(model.description()->str()));
  llvm::SmallVector<Attribute> entries;
  for (unsigned i = 0, e = model.metadata() ? model.metadata()->size() : 0;
       i < e; ++i) {
    const Metadata *entry = model.metadata()->Get(i);
    FailureOr<ArrayRef<uint8_t>> data =
        tensors.bufferData(entry->buffer(), metadataError);
    if (failed(data) ||
        failed(tensors.charge(data->size() +
                                  (entry->name() ? entry->name()->size() : 0),
                              metadataError)))
      return failure();
    entries.push_back(builder.getDictionaryAttr(
        {builder.getNamedAttr(
             "name", builder.getStringAttr(entry->name() ? entry->name()->str()
                                                         : std::string())),
         builder.getNamedAttr(
             "data", builder.getStringAttr(
                         StringRef(reinterpret_cast<const char *>(data->data()),
                                   data->size())))}));
  }
  if (!entries.empty())
    module->setAttr("qnn.metadata", builder.getArrayAttr(entries));
  return success();
}

LogicalResult GraphImporter::readSignatures() {
  using Maps = flatbuffers::Vector<flatbuffers::Offset<TensorMap>>;
  llvm::SmallVector<Attribute> entries;
  auto signatureError = [&]() -> InFlightDiagnostic {
    InFlightDiagnostic diag = fileError();
    diag << "signature " << entries.size() << " ";
    return diag;
  };
  // Tensors that became constants have no number among the arguments.
  auto read = [&](const Maps *maps,
                  const llvm::DenseMap<int64_t, unsigned> &numbers,
                  StringRef what) -> FailureOr<Attribute> {
    llvm::SmallVector<Attribute> list;
    for (unsigned i = 0, e = maps ? maps->size() : 0; i < e; ++i) {
      const TensorMap *map = maps->Get(i);
      if (map->tensor_index() >= tensors.size())
        return signatureError()
               << "names tensor " << map->tensor_index()
               << ", but the file has " << tensors.size() << " tensors";
      if (failed(tensors.charge(map->name() ? map->name()->size() : 0,
                                signatureError)))
        return failure();
      std::string name = map->name() ? map->name()->str() : std::string();
      auto number = numbers.find(map->tensor_index());
      if (number == numbers.end())
        continue;
      list.push_back(builder.getDictionaryAttr(
          {builder.getNamedAttr("name", builder.getStringAttr(name)),
           builder.getNamedAttr(what,
                                builder.getI64IntegerAttr(number->second))}));
    }
    return Attribute(builder.getArrayAttr(list));
  };
  for (unsigned i = 0,
                e = model.signature_defs() ? model.signature_defs()->size() : 0;
       i < e; ++i) {
    const SignatureDef *signature = model.signature_defs()->Get(i);
    if (signature->subgraph_index() != 0)
      return signatureError()
             << "is about subgraph " << signature->subgraph_index()
             << ", but only subgraph 0 is imported";
    FailureOr<Attribute> inputs =
        read(signature->inputs(), argumentNumbers, "argument");
    if (failed(inputs))
      return failure();
    FailureOr<Attribute> outputs =
        read(signature->outputs(), resultNumbers, "result");
    if (failed(outputs))
      return failure();
    const auto *key = signature->signature_key();
    entries.push_back(builder.getDictionaryAttr(
        {builder.getNamedAttr(
             "key", builder.getStringAttr(key ? key->str() : std::string())),
         builder.getNamedAttr("inputs", *inputs),
         builder.getNamedAttr("outputs", *outputs)}));
  }
  if (!entries.empty())
    module->setAttr("qnn.signatures", builder.getArrayAttr(entries));
  return success();
}
