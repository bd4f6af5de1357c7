// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Imports the graph: versions, initializers, inputs, nodes in order, outputs.

#include "GraphImporter.h"

#include "NodeImport.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"
#include "qcc/Reference/InterpretableOpInterface.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace qcc;
using namespace qcc::onnximport;

/// Names of the default domain.
static StringRef domainOf(StringRef domain) {
  return domain == "ai.onnx" ? "" : domain;
}

/// What constants may take: a file's own, dequantized and moved about a few
/// times, and small ones that a graph computes.
static uint64_t budgetFor(uint64_t fileBytes) {
  return fileBytes * 64 + (uint64_t(1) << 24);
}

GraphImporter::GraphImporter(ModuleOp module, const onnx::ModelProto &model,
                             StringRef fileName, uint64_t fileBytes,
                             const ONNXImportOptions &options)
    : module(module), context(module.getContext()), builder(context),
      model(model), graph(model.graph()), fileName(fileName), options(options),
      reader(context, options,
             options.directory.empty() ? llvm::sys::path::parent_path(fileName)
                                       : StringRef(options.directory),
             budgetFor(fileBytes)),
      workLeft(static_cast<double>(budgetFor(fileBytes))) {}

Location GraphImporter::locationOf(unsigned line) const {
  return FileLineColLoc::get(context, fileName, line, 0);
}

InFlightDiagnostic GraphImporter::fileError() const {
  return emitError(locationOf(0));
}

std::string GraphImporter::describe(unsigned index) const {
  const onnx::NodeProto &node = graph.node(static_cast<int>(index));
  std::string text = node.op_type();
  if (!domainOf(node.domain()).empty())
    text = node.domain() + ":" + text;
  text = quoted(text).substr(1);
  text.pop_back();
  auto list = [&](StringRef title, const auto &names) {
    constexpr int limit = 6;
    text += title;
    for (int i = 0; i < std::min(names.size(), limit); ++i)
      text += (i ? ", " : "") + quoted(names[i]);
    if (names.size() == 0)
      text += "nothing";
    if (names.size() > limit)
      text += ", and " + std::to_string(names.size() - limit) + " more";
  };
  list(" of ", node.input());
  list("; makes ", node.output());
  return text;
}

LogicalResult GraphImporter::run() {
  if (failed(checkVersions()) || failed(checkSupported()) ||
      failed(readInitializers()) || failed(readInputs()) ||
      failed(quantizeInputs()))
    return failure();
  for (int i = 0; i < graph.node_size(); ++i)
    if (failed(readNode(static_cast<unsigned>(i))))
      return failure();
  if (failed(readOutputs()))
    return failure();
  nameScales();
  if (options.hasNHWCInterface)
    moveChannelsLast();
  module->setAttr("qnn.origin", builder.getStringAttr("onnx"));
  return success();
}

LogicalResult GraphImporter::checkVersions() {
  constexpr int64_t leastIR = 3, mostIR = 13, least = 7, most = 25;
  if (model.ir_version() < leastIR || model.ir_version() > mostIR)
    return fileError() << "the .onnx file has the IR version "
                       << model.ir_version() << ", supported are " << leastIR
                       << " to " << mostIR;
  if (!model.has_graph())
    return fileError() << "the .onnx file has no graph";
  if (model.functions_size() != 0)
    return fileError() << "the .onnx file defines functions of its own, the "
                          "first "
                       << quoted(model.functions(0).name())
                       << ", which is not supported; inline them";
  for (const onnx::OperatorSetIdProto &set : model.opset_import())
    versions.try_emplace(domainOf(set.domain()), set.version());
  auto it = versions.find("");
  if (it == versions.end())
    return fileError() << "the .onnx file does not say which version of the "
                          "operators it uses";
  if (it->second < least || it->second > most)
    return fileError() << "the .onnx file uses operator set " << it->second
                       << ", supported are " << least << " to " << most;
  if (static_cast<uint64_t>(graph.node_size()) > options.maxNodes)
    return fileError() << "the graph has " << graph.node_size()
                       << " nodes, but no more than " << options.maxNodes
                       << " are supported";
  if (graph.sparse_initializer_size() != 0)
    return fileError() << "the graph has sparse initializers, which are not "
                          "supported";
  return success();
}

LogicalResult GraphImporter::checkSupported() {
  SmallVector<int> unsupported;
  for (int i = 0; i < graph.node_size(); ++i) {
    const onnx::NodeProto &node = graph.node(i);
    if (!findOp(domainOf(node.domain()), node.op_type()))
      unsupported.push_back(i);
  }
  if (unsupported.empty())
    return success();
  int first = unsupported.front();
  InFlightDiagnostic diag = emitError(locationOf(first));
  diag << "node " << first << " (" << describe(first)
       << ") is not supported; docs/Status.md lists the "
       << supportedONNXOperators().size() << " operators that are";
  if (unsupported.size() > 1) {
    SmallVector<std::string> names;
    for (int i : unsupported)
      if (!llvm::is_contained(names, graph.node(i).op_type()))
        names.push_back(graph.node(i).op_type());
    diag.attachNote() << unsupported.size() << " nodes of the file are not "
                      << "supported: " << llvm::join(names, ", ");
  }
  return diag;
}

//===----------------------------------------------------------------------===//
// Inputs and outputs
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::readInitializers() {
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    auto [it, isNew] = entries.try_emplace(tensor.name());
    if (!isNew)
      return fileError() << "the initializer " << quoted(tensor.name())
                         << " is there twice";
    it->second.initializer = &tensor;
  }
  return success();
}

/// An array as a constant of `type`; nothing when it does not fit.
static std::optional<DenseElementsAttr> toConstant(const NpyArray &array,
                                                   RankedTensorType type) {
  auto storage =
      RankedTensorType::get(type.getShape(), qnn::storageTypeOf(type));
  bool wantsFloat = type.getElementType().isF32();
  if (array.getNumElements() != type.getNumElements() ||
      wantsFloat != isFloatNpyType(array.type))
    return std::nullopt;
  if (type.getNumElements() == 0)
    return DenseElementsAttr::get(storage, ArrayRef<Attribute>());
  if (wantsFloat) {
    std::vector<float> floats;
    for (int64_t i = 0, e = array.getNumElements(); i < e; ++i)
      floats.push_back(static_cast<float>(array.getFloat(i)));
    return DenseElementsAttr::get(storage, ArrayRef<float>(floats));
  }
  SmallVector<APInt> integers;
  unsigned bits = storage.getElementType().getIntOrFloatBitWidth();
  for (int64_t i = 0, e = array.getNumElements(); i < e; ++i)
    integers.emplace_back(bits, static_cast<uint64_t>(array.getInteger(i)),
                          /*isSigned=*/true, /*implicitTrunc=*/true);
  return DenseElementsAttr::get(storage, integers);
}

LogicalResult GraphImporter::readInputs() {
  SmallVector<Type> types;
  SmallVector<StringRef> names;
  llvm::StringMap<bool> seen;
  llvm::StringMap<unsigned> used;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    StringRef name = input.name();
    auto inputError = [&]() -> InFlightDiagnostic {
      InFlightDiagnostic diag = fileError();
      diag << "input " << quoted(name) << " ";
      return diag;
    };
    if (!seen.try_emplace(name, true).second)
      return inputError() << "is there twice";
    // Older files list initializers among the inputs.
    if (entries.count(name))
      continue;
    if (name.empty())
      return inputError() << "has no name";
    if (!input.type().has_tensor_type() ||
        !input.type().tensor_type().has_shape())
      return inputError() << "is no tensor whose shape the file says";
    const auto &tensor = input.type().tensor_type();
    Type element = elementTypeFor(context, tensor.elem_type());
    if (!element)
      return inputError() << "is " << elementText(tensor.elem_type())
                          << ", an element type that is not supported";
    Numbers shape;
    bool isFree = false;
    auto wanted = llvm::find_if(options.inputShapes, [&](const auto &entry) {
      return entry.first == name;
    });
    const auto &dims = tensor.shape().dim();
    constexpr int maxRank = 16;
    if (dims.size() > maxRank)
      return inputError() << "has " << dims.size() << " axes";
    if (wanted != options.inputShapes.end()) {
      used[name] = 1;
      shape.assign(wanted->second.begin(), wanted->second.end());
      bool fits = static_cast<int>(shape.size()) == dims.size();
      for (int i = 0; fits && i < dims.size(); ++i)
        fits = shape[i] > 0 &&
               (!dims[i].has_dim_value() || dims[i].dim_value() <= 0 ||
                dims[i].dim_value() == shape[i]);
      if (!fits)
        return inputError() << "cannot have the shape " << shapeText(shape);
    } else {
      for (const auto &dim : dims) {
        bool isKnown = dim.has_dim_value() && dim.dim_value() >= 0;
        isFree |= !isKnown;
        shape.push_back(isKnown ? dim.dim_value() : 1);
      }
    }
    auto bound = llvm::find_if(options.bindings, [&](const auto &entry) {
      return entry.first == name;
    });
    if (bound != options.bindings.end()) {
      used[name] = 1;
      if (wanted == options.inputShapes.end() && isFree &&
          bound->second.shape.size() == shape.size())
        shape.assign(bound->second.shape.begin(), bound->second.shape.end());
      uint64_t count = 1;
      for (int64_t extent : shape)
        if (extent != 0 &&
            count > options.maxTensorBytes / static_cast<uint64_t>(extent))
          return inputError()
                 << "of shape " << shapeText(shape) << " is too large";
        else
          count *= static_cast<uint64_t>(extent);
      auto type = RankedTensorType::get(shape, element);
      std::optional<DenseElementsAttr> value = toConstant(bound->second, type);
      if (!value)
        return inputError() << "of type " << type << " cannot be a constant of "
                            << getNpyTypeName(bound->second.type)
                            << " and shape " << shapeText(bound->second.shape);
      entries[name].constant = {type, *value};
      continue;
    }
    uint64_t bytes = static_cast<uint64_t>(qnn::bytesPerElement(element));
    for (int64_t extent : shape) {
      if (extent == 0)
        return inputError()
               << "of shape " << shapeText(shape) << " has no elements";
      if (bytes > options.maxTensorBytes / static_cast<uint64_t>(extent))
        return inputError()
               << "of shape " << shapeText(shape) << " is larger than "
               << options.maxTensorBytes << " bytes";
      bytes *= static_cast<uint64_t>(extent);
    }
    if (isFree)
      emitRemark(locationOf(0))
          << "input " << quoted(name) << " has symbolic axes: it is imported "
          << "with the shape " << shapeText(shape);
    types.push_back(RankedTensorType::get(shape, element));
    names.push_back(name);
  }
  auto requireUsed = [&](const auto &list) -> LogicalResult {
    for (const auto &entry : list)
      if (!used.count(entry.first))
        return fileError() << "the model has no input " << quoted(entry.first);
    return success();
  };
  if (failed(requireUsed(options.inputShapes)) ||
      failed(requireUsed(options.bindings)))
    return failure();
  if (types.size() > options.maxParameters ||
      static_cast<uint64_t>(graph.output_size()) > options.maxParameters)
    return fileError() << "the graph has " << types.size() << " inputs and "
                       << graph.output_size() << " outputs, but no more than "
                       << options.maxParameters << " of each are supported";

  builder.setInsertionPointToEnd(module.getBody());
  function = func::FuncOp::create(builder, locationOf(0), "main",
                                  builder.getFunctionType(types, {}));
  Block *block = builder.createBlock(&function.getBody());
  SmallVector<DictionaryAttr> attributes;
  for (auto [name, type] : llvm::zip_equal(names, types)) {
    auto nameAttr = builder.getStringAttr(name);
    entries[name].value =
        block->addArgument(type, NameLoc::get(nameAttr, locationOf(0)));
    attributes.push_back(
        builder.getDictionaryAttr(builder.getNamedAttr("qnn.name", nameAttr)));
  }
  function.setAllArgAttrs(attributes);
  return success();
}

LogicalResult GraphImporter::quantizeInputs() {
  for (const onnx::TensorAnnotation &annotation :
       graph.quantization_annotation()) {
    auto it = entries.find(annotation.tensor_name());
    if (it == entries.end() ||
        !isa_and_nonnull<BlockArgument>(it->second.value) ||
        !isa<FloatType>(getElementTypeOrSelf(it->second.value)))
      continue;
    StringRef type;
    for (const auto &entry : annotation.quant_parameter_tensor_names())
      if (entry.key() == "finn_datatype")
        type = entry.value();
    // INT4, UINT8; others are floats, or are fixed-point.
    StringRef number = type;
    bool isSigned = !number.consume_front("U"), isInteger = false;
    unsigned bits = type == "TERNARY" ? 2 : 1;
    if (number.consume_front("INT")) {
      if (number.getAsInteger(10, bits) || bits < 1 || bits > 64)
        return fileError() << "the annotation of input "
                           << quoted(annotation.tensor_name()) << " says "
                           << quoted(type)
                           << ", which is no type: INT1 to INT64 are, and "
                              "UINT1 to UINT64";
      // One bit with a sign is −1 and 0 here, which no quantizer says.
      isInteger = bits <= 8 && !(isSigned && bits == 1);
    }
    bool isBipolar = type == "BIPOLAR";
    if (!isInteger && !isBipolar && type != "BINARY" && type != "TERNARY")
      continue;
    onnx::NodeProto node;
    node.set_op_type(isBipolar ? "BipolarQuant" : "Quant");
    node.add_input(annotation.tensor_name());
    node.add_output(annotation.tensor_name());
    auto set = [&](const char *name, bool value) {
      onnx::AttributeProto *attribute = node.add_attribute();
      attribute->set_name(name);
      attribute->set_type(onnx::AttributeProto::INT);
      attribute->set_i(value ? 1 : 0);
    };
    set("signed", isSigned && type != "BINARY");
    set("narrow", type == "TERNARY");
    NodeImport import(*this, node, 0, 1);
    import.inputs.push_back(it->second.value);
    import.inputs.push_back(import.constantFloat(1));
    if (!isBipolar) {
      import.inputs.push_back(import.constantFloat(0));
      import.inputs.push_back(import.constantFloat(static_cast<float>(bits)));
    }
    if (failed(isBipolar ? importBipolarQuant(import) : importQuant(import)))
      return failure();
  }
  return success();
}

LogicalResult GraphImporter::readOutputs() {
  unsigned line = static_cast<unsigned>(graph.node_size());
  if (graph.output_size() == 0)
    return fileError() << "the graph has no outputs";
  SmallVector<Value> results;
  SmallVector<DictionaryAttr> attributes;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    auto outputError = [&]() -> InFlightDiagnostic {
      InFlightDiagnostic diag = fileError();
      diag << "the graph's output " << quoted(output.name()) << ": ";
      return diag;
    };
    auto it = entries.find(output.name());
    if (it == entries.end())
      return outputError() << "no node makes it";
    Value value = valueOf(output.name(), it->second, line, outputError);
    if (!value)
      return failure();
    results.push_back(value);
    attributes.push_back(builder.getDictionaryAttr(builder.getNamedAttr(
        "qnn.name", builder.getStringAttr(output.name()))));
  }
  func::ReturnOp::create(builder, locationOf(line), results);
  function.setFunctionType(builder.getFunctionType(
      function.getArgumentTypes(), ValueRange(results).getTypes()));
  function.setAllResultAttrs(attributes);
  return success();
}

void GraphImporter::nameScales() {
  for (BlockArgument argument : function.getArguments()) {
    if (!argument.hasOneUse())
      continue;
    auto cast = dyn_cast<qnn::CastOp>(*argument.getUsers().begin());
    auto type = mlir::cast<RankedTensorType>(argument.getType());
    if (!cast || !qnn::isQuantized(cast.getType()) || qnn::isQuantized(type) ||
        qnn::isSignedStorage(cast.getType()) != qnn::isSignedStorage(type) ||
        qnn::storageRange(cast.getType()) != qnn::storageRange(type))
      continue;
    argument.setType(cast.getType());
    cast.replaceAllUsesWith(Value(argument));
    cast.erase();
  }
  function.setFunctionType(builder.getFunctionType(
      TypeRange(function.getArguments()), function.getResultTypes()));
}

void GraphImporter::moveChannelsLast() {
  constexpr int64_t toLast[] = {0, 2, 3, 1}, toFirst[] = {0, 3, 1, 2};
  OpBuilder::InsertionGuard guard(builder);
  Block &block = function.getBody().front();
  auto isImage = [](Value v) {
    return cast<RankedTensorType>(v.getType()).getRank() == 4;
  };
  builder.setInsertionPointToStart(&block);
  for (BlockArgument argument : function.getArguments()) {
    if (!isImage(argument))
      continue;
    auto type = cast<RankedTensorType>(argument.getType());
    SmallVector<int64_t> shape;
    for (int64_t axis : toLast)
      shape.push_back(type.getDimSize(axis));
    argument.setType(type.clone(shape));
    auto moved = qnn::TransposeOp::create(builder, argument.getLoc(), type,
                                          argument, toFirst);
    argument.replaceAllUsesExcept(moved, moved);
  }
  Operation *end = block.getTerminator();
  builder.setInsertionPoint(end);
  for (OpOperand &result : end->getOpOperands()) {
    if (!isImage(result.get()))
      continue;
    auto type = cast<RankedTensorType>(result.get().getType());
    SmallVector<int64_t> shape;
    for (int64_t axis : toLast)
      shape.push_back(type.getDimSize(axis));
    result.set(qnn::TransposeOp::create(builder, result.get().getLoc(),
                                        type.clone(shape), result.get(),
                                        toLast));
  }
  function.setFunctionType(builder.getFunctionType(
      TypeRange(function.getArguments()), end->getOperandTypes()));
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

FailureOr<const TensorReader::Constant *>
GraphImporter::constantOf(Entry &entry, EmitError error) {
  if (!entry.constant && entry.initializer) {
    FailureOr<TensorReader::Constant> read =
        reader.read(*entry.initializer, error);
    if (failed(read))
      return failure();
    entry.constant = *read;
  }
  return entry.constant ? &*entry.constant : nullptr;
}

Value GraphImporter::valueOf(StringRef name, Entry &entry, unsigned line,
                             EmitError error) {
  if (entry.value)
    return entry.value;
  auto tensorError = [&]() -> InFlightDiagnostic {
    InFlightDiagnostic diag = error();
    diag << "the constant " << quoted(name) << " ";
    return diag;
  };
  FailureOr<const TensorReader::Constant *> constant =
      constantOf(entry, tensorError);
  if (failed(constant))
    return {};
  if (!*constant || (*constant)->type.getNumElements() == 0) {
    tensorError() << "has no elements";
    return {};
  }
  OpBuilder::InsertionGuard guard(builder);
  entry.value = qnn::ConstantOp::create(
      builder, NameLoc::get(StringAttr::get(context, name), locationOf(line)),
      (*constant)->type, (*constant)->value);
  return entry.value;
}

LogicalResult GraphImporter::readNode(unsigned index) {
  const onnx::NodeProto &node = graph.node(static_cast<int>(index));
  StringRef domain = domainOf(node.domain());
  const OpEntry &entry = *findOp(domain, node.op_type());
  auto version = versions.find(domain);
  NodeImport import(*this, node, index,
                    version == versions.end() ? 1 : version->second);
  unsigned count = static_cast<unsigned>(node.input_size());
  while (count > 0 && node.input(static_cast<int>(count) - 1).empty())
    --count;
  if (llvm::all_of(node.output(),
                   [](const std::string &name) { return name.empty(); }))
    return import.error() << "has no outputs";
  if (count < entry.minInputs || count > entry.maxInputs)
    return import.error() << "has " << count << " inputs, but takes "
                          << entry.minInputs
                          << (entry.maxInputs == entry.minInputs ? ""
                              : entry.maxInputs == ~0u
                                  ? " or more"
                                  : " to " + std::to_string(entry.maxInputs));
  for (unsigned i = 0; i < count; ++i) {
    const std::string &name = node.input(static_cast<int>(i));
    // Of operators that take any number all are needed.
    bool isNeeded = i < entry.minInputs || entry.maxInputs == ~0u;
    if (name.empty()) {
      if (isNeeded)
        return import.error()
               << "leaves out input " << i << ", which it must have";
      import.inputs.push_back({});
      continue;
    }
    auto it = entries.find(name);
    if (it == entries.end()) {
      bool isMade = llvm::any_of(graph.node(), [&](const auto &other) {
        return llvm::is_contained(other.output(), name);
      });
      return import.error() << quoted(name) << " is "
                            << (isMade ? "used before any node makes it: the "
                                         "nodes have a cycle or are out of "
                                         "order"
                                       : "neither an input nor an initializer, "
                                         "and no node makes it");
    }
    Entry &operand = it->second;
    // What has no elements is a list of numbers, which is read otherwise.
    bool isEmpty = false;
    if (!operand.value) {
      FailureOr<const TensorReader::Constant *> constant =
          constantOf(operand, [&] {
            InFlightDiagnostic diag = import.error();
            diag << "the constant " << quoted(name) << " ";
            return diag;
          });
      if (failed(constant))
        return failure();
      isEmpty = (*constant)->type.getNumElements() == 0;
    }
    Value value;
    if (!isEmpty) {
      value = valueOf(name, operand, index, [&] { return import.error(); });
      if (!value)
        return failure();
    }
    import.inputs.push_back(value);
    if (isEmpty && isNeeded && !entry.takesEmpty)
      return import.error() << quoted(name) << " has no elements";
  }
  for (const std::string &output : node.output())
    if (!output.empty() && entries.count(output))
      return import.error() << "makes " << quoted(output)
                            << ", which is already made or an input";
  if (failed(entry.import(import)) || import.hasFailed()) {
    if (!import.hasFailed())
      return import.error() << "cannot be imported";
    return failure();
  }
  for (const std::string &output : node.output())
    if (!output.empty() && !entries.count(output))
      return import.error()
             << "the output " << quoted(output) << " is not supported";
  return success();
}

Value GraphImporter::fold(Operation *op) {
  Value old = op->getResult(0);
  auto interpretable = dyn_cast<reference::InterpretableOpInterface>(op);
  // Dequantized weights stay so: what they meet may become an integer
  // operation.
  if (!interpretable || op->getNumOperands() == 0 || op->getNumResults() != 1 ||
      isa<qnn::DequantizeOp>(op))
    return old;
  constexpr double mostGrowth = 4, alwaysSmall = 1024;
  double elements = 0, results = static_cast<double>(
                           cast<ShapedType>(old.getType()).getNumElements());
  for (Value operand : op->getOperands()) {
    auto constant = operand.getDefiningOp<qnn::ConstantOp>();
    if (!constant)
      return old;
    elements += static_cast<double>(
        cast<ShapedType>(constant.getType()).getNumElements());
  }
  double work = elements + results;
  if (auto cost = dyn_cast<qnn::CostOpInterface>(op))
    work += static_cast<double>(cost.getMacs());
  if (results > std::max(mostGrowth * elements, alwaysSmall) || work > workLeft)
    return old;
  workLeft -= work;
  SmallVector<reference::RefTensor> operands;
  for (Value operand : op->getOperands()) {
    auto constant = operand.getDefiningOp<qnn::ConstantOp>();
    std::optional<reference::RefTensor> tensor = reference::RefTensor::fromAttr(
        constant.getValue(), cast<RankedTensorType>(constant.getType()));
    if (!tensor)
      return old;
    operands.push_back(std::move(*tensor));
  }
  auto type = cast<RankedTensorType>(old.getType());
  reference::RefTensor result(type);
  {
    ScopedDiagnosticHandler quiet(context,
                                  [](Diagnostic &) { return success(); });
    if (failed(interpretable.interpret(operands, result)))
      return old;
  }
  auto storage =
      RankedTensorType::get(type.getShape(), qnn::storageTypeOf(type));
  DenseElementsAttr value;
  if (result.isFloat()) {
    value = DenseElementsAttr::get(storage, result.floats());
  } else {
    SmallVector<APInt> integers;
    unsigned bits = storage.getElementType().getIntOrFloatBitWidth();
    for (int64_t v : result.ints())
      integers.emplace_back(bits, static_cast<uint64_t>(v), /*isSigned=*/true,
                            /*implicitTrunc=*/true);
    value = DenseElementsAttr::get(storage, integers);
  }
  Value folded = qnn::ConstantOp::create(builder, op->getLoc(), type, value);
  op->erase();
  return folded;
}
