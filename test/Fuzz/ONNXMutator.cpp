// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads the messages of an .onnx file, changes some, writes them again.

#include "ONNXMutator.h"

#include "onnx/onnx.pb.h"

#include "qcc/Import/ONNX.h"

#include "llvm/Support/raw_ostream.h"

#include <google/protobuf/stubs/logging.h>

#include <cmath>
#include <cstring>
#include <limits>

using namespace qcc::fuzz;

namespace {

class Change {
public:
  Change(onnx::ModelProto &modelProto, Random &randomNumbers,
         std::string &description)
      : model(modelProto), graph(*modelProto.mutable_graph()),
        random(randomNumbers), what(description) {
    for (const onnx::NodeProto &node : graph.node())
      for (const std::string &name : node.output())
        names.push_back(name);
    for (const onnx::TensorProto &tensor : graph.initializer())
      names.push_back(tensor.name());
    for (const onnx::ValueInfoProto &input : graph.input())
      names.push_back(input.name());
    names.emplace_back();
  }

  /// Somewhere in the model; false where there was nothing of the drawn kind.
  bool make();

private:
  template <typename List> int pick(const List &list) {
    return static_cast<int>(random.below(static_cast<uint64_t>(list.size())));
  }
  template <typename T, size_t n> T oneOf(const T (&values)[n]) {
    return values[random.below(n)];
  }
  template <typename List> void remove(List &list, int at) {
    list.DeleteSubrange(at, 1);
  }
  void swapAny(google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
    nodes.SwapElements(pick(nodes), pick(nodes));
  }

  int64_t integer(int64_t old);
  float real(float old);
  std::string text();
  std::string name() { return names[static_cast<size_t>(pick(names))]; }

  bool changeNode(onnx::NodeProto &node);
  bool changeAttribute(onnx::AttributeProto &attribute);
  bool changeTensor(onnx::TensorProto &tensor);
  void changeElements(onnx::TensorProto &tensor);
  void placeOutside(onnx::TensorProto &tensor);
  bool changeValue(onnx::ValueInfoProto &value);
  bool changeGraph();
  bool changeModel();

  onnx::ModelProto &model;
  onnx::GraphProto &graph;
  Random &random;
  llvm::raw_string_ostream what;
  std::vector<std::string> names;
};

int64_t Change::integer(int64_t old) {
  constexpr int64_t odd[] = {0,
                             1,
                             -1,
                             2,
                             3,
                             7,
                             8,
                             9,
                             16,
                             17,
                             33,
                             64,
                             255,
                             256,
                             65536,
                             INT32_MAX,
                             INT32_MIN,
                             int64_t(1) << 31,
                             -(int64_t(1) << 31) - 1,
                             int64_t(1) << 32,
                             int64_t(1) << 40,
                             int64_t(1) << 62,
                             INT64_MAX,
                             INT64_MIN};
  switch (random.below(4)) {
  case 0:
    return static_cast<int64_t>(static_cast<uint64_t>(old) + 1);
  case 1:
    return static_cast<int64_t>(static_cast<uint64_t>(old) - 1);
  default:
    return oneOf(odd);
  }
}

float Change::real(float old) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const float odd[] = {0.0f,  -0.0f,  1.0f,   -1.0f,        0.5f,
                       2.5f,  1e-45f, 1e-38f, 3e38f,        inf,
                       -inf,  33.0f,  1e9f,   -1e9f,        16777216.0f,
                       32.0f, 16.0f,  255.5f, std::nanf("")};
  return random.below(4) ? oneOf(odd) : old * 1.5f;
}

std::string Change::text() {
  static const char *const odd[] = {
      "",           "NOTSET",     "SAME_UPPER",    "SAME_LOWER", "VALID",
      "ROUND",      "FLOOR",      "CEIL",          "UP",         "HALF_EVEN",
      "linear",     "nearest",    "cubic",         "reflect",    "edge",
      "constant",   "NHWC",       "NCHW",          "DCR",        "CRD",
      "asymmetric", "half_pixel", "align_corners", "\xff\xfe",   "floor",
      "sum",        "none",       "tanh"};
  switch (random.below(8)) {
  case 0:
    return std::string(10000, 'x');
  case 1:
    return std::string("a\0b", 3);
  case 2:
    return name();
  default:
    return oneOf(odd);
  }
}

void Change::placeOutside(onnx::TensorProto &tensor) {
  static const char *const places[] = {"../onnx.proto",
                                       "/etc/passwd",
                                       "/dev/zero",
                                       "..",
                                       ".",
                                       "",
                                       "missing",
                                       "a/../../b",
                                       "/proc/self/mem",
                                       "C:\\x",
                                       "//etc/passwd"};
  static const char *const numbers[] = {"0",
                                        "1",
                                        "-1",
                                        "4096",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "9223372036854775807",
                                        "",
                                        "1e3",
                                        "0x10"};
  tensor.clear_raw_data();
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  tensor.clear_external_data();
  auto add = [&](const char *key, const char *value) {
    auto *entry = tensor.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  };
  if (random.below(8))
    add("location", oneOf(places));
  if (random.below(2))
    add("offset", oneOf(numbers));
  if (random.below(2))
    add("length", oneOf(numbers));
  what << "data of '" << tensor.name() << "' outside";
}

void Change::changeElements(onnx::TensorProto &tensor) {
  // Scales, bit widths and shapes are such.
  auto change = [&](auto *list, auto &&draw) {
    if (list->size() == 0)
      return false;
    int at = pick(*list);
    list->Set(at, draw(list->Get(at)));
    return true;
  };
  bool done =
      change(tensor.mutable_float_data(), [&](float v) { return real(v); }) ||
      change(tensor.mutable_int64_data(),
             [&](int64_t v) { return integer(v); }) ||
      change(tensor.mutable_int32_data(),
             [&](int64_t v) { return static_cast<int32_t>(integer(v)); });
  std::string &raw = *tensor.mutable_raw_data();
  what << "elements of '" << tensor.name() << "'";
  if (done || raw.empty()) {
    if (!done)
      tensor.clear_raw_data();
    return;
  }
  bool isFloat = tensor.data_type() == onnx::TensorProto::FLOAT;
  size_t size = isFloat                                          ? 4
                : tensor.data_type() == onnx::TensorProto::INT64 ? 8
                                                                 : 1;
  if (raw.size() < size)
    return;
  size_t at = random.below(raw.size() / size) * size;
  float f = real(1);
  int64_t i = integer(1);
  if (isFloat)
    std::memcpy(raw.data() + at, &f, size);
  else
    std::memcpy(raw.data() + at, &i, size);
}

bool Change::changeTensor(onnx::TensorProto &tensor) {
  auto &dims = *tensor.mutable_dims();
  switch (random.below(12)) {
  case 0:
    if (dims.size() == 0)
      return false;
    dims.Set(pick(dims), integer(dims.Get(pick(dims))));
    what << "an extent of '" << tensor.name() << "'";
    return true;
  case 1: {
    uint64_t count = random.below(4) ? 1 : 20;
    for (uint64_t i = 0; i < count; ++i)
      dims.Add(random.below(3) ? 1 : integer(1));
    what << count << " more axes of '" << tensor.name() << "'";
    return true;
  }
  case 2:
    if (dims.size() == 0)
      return false;
    if (random.below(2))
      dims.RemoveLast();
    else
      dims.Clear();
    what << "fewer axes of '" << tensor.name() << "'";
    return true;
  case 3:
    tensor.set_data_type(static_cast<int32_t>(
        random.below(8) ? static_cast<int64_t>(random.below(28)) : integer(1)));
    what << "'" << tensor.name() << "' of element type " << tensor.data_type();
    return true;
  case 4:
    what << "'" << tensor.name() << "' renamed";
    tensor.set_name(name());
    return true;
  case 5: {
    std::string &raw = *tensor.mutable_raw_data();
    raw.resize(random.below(2) ? raw.size() / 2 : raw.size() + random.below(9));
    what << "size of '" << tensor.name() << "'";
    return true;
  }
  case 6:
    placeOutside(tensor);
    return true;
  case 7:
    tensor.clear_raw_data();
    tensor.clear_float_data();
    tensor.clear_int32_data();
    tensor.clear_int64_data();
    what << "'" << tensor.name() << "' without data";
    return true;
  default:
    changeElements(tensor);
    return true;
  }
}

bool Change::changeAttribute(onnx::AttributeProto &attribute) {
  what << "attribute " << attribute.name() << ": ";
  switch (random.below(10)) {
  case 0:
    attribute.set_name(text());
    what << "renamed";
    return true;
  case 1:
    // Another kind than it has.
    attribute.clear_i();
    attribute.clear_f();
    attribute.clear_s();
    attribute.clear_ints();
    switch (random.below(4)) {
    case 0:
      attribute.set_f(real(1));
      break;
    case 1:
      attribute.set_s(text());
      break;
    case 2:
      attribute.add_ints(integer(1));
      break;
    default:
      attribute.set_i(integer(1));
    }
    what << "another kind";
    return true;
  case 2: {
    uint64_t count = random.below(16) ? random.below(9) : 100000;
    attribute.mutable_ints()->Clear();
    for (uint64_t i = 0; i < count; ++i)
      attribute.add_ints(random.below(2) ? 1 : integer(1));
    what << count << " integers";
    return true;
  }
  default:
    break;
  }
  if (attribute.has_t())
    return changeTensor(*attribute.mutable_t());
  if (attribute.ints_size()) {
    int at = pick(attribute.ints());
    attribute.set_ints(at, integer(attribute.ints(at)));
    what << "integer " << at << " is " << attribute.ints(at);
  } else if (attribute.floats_size()) {
    int at = pick(attribute.floats());
    attribute.set_floats(at, real(attribute.floats(at)));
    what << "number " << at << " is " << attribute.floats(at);
  } else if (attribute.has_s()) {
    attribute.set_s(text());
    what << "'" << llvm::StringRef(attribute.s()).take_front(20) << "'";
  } else if (attribute.has_f()) {
    attribute.set_f(real(attribute.f()));
    what << attribute.f();
  } else {
    attribute.set_i(integer(attribute.i()));
    what << attribute.i();
  }
  return true;
}

bool Change::changeNode(onnx::NodeProto &node) {
  what << node.op_type() << ": ";
  switch (random.below(11)) {
  case 0: {
    static const std::vector<std::string> all = qcc::supportedONNXOperators();
    auto [domain, type] =
        llvm::StringRef(all[static_cast<size_t>(pick(all))]).rsplit(':');
    if (type.empty())
      std::swap(domain, type);
    node.set_op_type(type.str());
    node.set_domain(domain.str());
    what << "as " << node.op_type();
    return true;
  }
  case 1:
  case 2:
    if (node.input_size() == 0)
      return false;
    node.set_input(pick(node.input()), name());
    what << "another input";
    return true;
  case 3:
    if (node.input_size() == 0)
      return false;
    if (random.below(2))
      node.mutable_input()->RemoveLast();
    else
      node.set_input(pick(node.input()), "");
    what << "an input less";
    return true;
  case 4:
    node.add_input(name());
    what << "an input more";
    return true;
  case 5:
    if (random.below(2) || node.output_size() == 0)
      node.add_output(random.below(2) ? name() : "more");
    else
      node.set_output(pick(node.output()), name());
    what << "another output";
    return true;
  case 6:
    if (node.output_size() == 0)
      return false;
    node.mutable_output()->RemoveLast();
    what << "an output less";
    return true;
  case 7: {
    static const char *const known[] = {"axis",
                                        "axes",
                                        "pads",
                                        "strides",
                                        "dilations",
                                        "group",
                                        "kernel_shape",
                                        "auto_pad",
                                        "ceil_mode",
                                        "alpha",
                                        "perm",
                                        "block_size",
                                        "blocksize",
                                        "mode",
                                        "keepdims",
                                        "to",
                                        "signed",
                                        "narrow",
                                        "bits",
                                        "K",
                                        "N",
                                        "output_padding",
                                        "output_shape",
                                        "epsilon",
                                        "num_outputs",
                                        "split",
                                        "count_include_pad",
                                        "value",
                                        "sizes",
                                        "starts",
                                        "ends",
                                        "steps"};
    onnx::AttributeProto &more = *node.add_attribute();
    more.set_name(oneOf(known));
    return changeAttribute(more);
  }
  case 8:
    if (node.attribute_size() == 0)
      return false;
    remove(*node.mutable_attribute(), pick(node.attribute()));
    what << "an attribute less";
    return true;
  default:
    return node.attribute_size() != 0 &&
           changeAttribute(*node.mutable_attribute(pick(node.attribute())));
  }
}

bool Change::changeValue(onnx::ValueInfoProto &value) {
  what << "'" << value.name() << "': ";
  auto &tensor = *value.mutable_type()->mutable_tensor_type();
  auto &dims = *tensor.mutable_shape()->mutable_dim();
  switch (random.below(7)) {
  case 0:
    value.set_name(name());
    what << "renamed";
    return true;
  case 1:
    value.clear_type();
    what << "without type";
    return true;
  case 2:
    tensor.set_elem_type(static_cast<int32_t>(random.below(28)));
    what << "element type " << tensor.elem_type();
    return true;
  case 3:
    for (uint64_t i = random.below(4) ? 1 : 20; i > 0; --i)
      dims.Add()->set_dim_value(random.below(2) ? 1 : integer(1));
    what << "more axes";
    return true;
  case 4:
    if (dims.size() == 0)
      return false;
    dims.RemoveLast();
    what << "an axis less";
    return true;
  default:
    if (dims.size() == 0)
      return false;
    auto &dim = *dims.Mutable(pick(dims));
    if (random.below(4) == 0)
      dim.set_dim_param("n");
    else
      dim.set_dim_value(integer(dim.dim_value()));
    what << "extent " << dim.dim_value();
    return true;
  }
}

bool Change::changeGraph() {
  auto &nodes = *graph.mutable_node();
  auto &constants = *graph.mutable_initializer();
  switch (random.below(9)) {
  case 0:
    if (nodes.empty())
      return false;
    swapAny(nodes);
    what << "nodes in another order";
    return true;
  case 1:
    if (nodes.empty())
      return false;
    remove(nodes, pick(nodes));
    what << "a node less";
    return true;
  case 2:
    if (nodes.empty())
      return false;
    *nodes.Add() = onnx::NodeProto(nodes.Get(pick(nodes)));
    what << "a node twice";
    return true;
  case 3: {
    // What a node makes becomes an input of itself or one before.
    if (nodes.empty())
      return false;
    int at = pick(nodes),
        later = at + static_cast<int>(random.below(nodes.size() - at));
    onnx::NodeProto &node = *nodes.Mutable(at);
    if (node.input_size() == 0 || nodes.Get(later).output_size() == 0)
      return false;
    node.set_input(pick(node.input()), nodes.Get(later).output(0));
    what << "a cycle of " << later - at + 1;
    return true;
  }
  case 4:
    if (constants.empty())
      return false;
    remove(constants, pick(constants));
    what << "an initializer less";
    return true;
  case 5:
    if (constants.empty())
      return false;
    *constants.Add() = onnx::TensorProto(constants.Get(pick(constants)));
    if (random.below(2))
      constants.Mutable(constants.size() - 1)->set_name(name());
    what << "an initializer twice";
    return true;
  case 6:
    if (graph.input_size() == 0)
      return false;
    if (random.below(2))
      remove(*graph.mutable_input(), pick(graph.input()));
    else
      *graph.add_input() =
          onnx::ValueInfoProto(graph.input(pick(graph.input())));
    what << "inputs";
    return true;
  case 7:
    if (random.below(2) && graph.output_size())
      remove(*graph.mutable_output(), pick(graph.output()));
    else
      graph.add_output()->set_name(name());
    what << "outputs";
    return true;
  default:
    if (random.below(8) == 0)
      graph.add_sparse_initializer();
    auto &note = *graph.add_quantization_annotation();
    note.set_tensor_name(name());
    what << "an annotation";
    return true;
  }
}

bool Change::changeModel() {
  what << "versions";
  switch (random.below(5)) {
  case 0:
    model.set_ir_version(integer(model.ir_version()));
    return true;
  case 1:
    if (model.opset_import_size() == 0)
      return false;
    remove(*model.mutable_opset_import(), pick(model.opset_import()));
    return true;
  case 2: {
    auto &set = *model.add_opset_import();
    set.set_domain(random.below(2) ? "" : "ai.onnx");
    set.set_version(integer(13));
    return true;
  }
  case 3:
    model.add_functions()->set_name(text());
    return true;
  default:
    // Other versions have other attributes and inputs.
    for (onnx::OperatorSetIdProto &set : *model.mutable_opset_import())
      set.set_version(7 + static_cast<int64_t>(random.below(19)));
    return true;
  }
}

bool Change::make() {
  switch (random.below(16)) {
  case 0:
    return changeModel();
  case 1:
  case 2:
    return changeGraph();
  case 3:
    return graph.input_size() != 0 &&
           changeValue(*graph.mutable_input(pick(graph.input())));
  case 4:
  case 5:
  case 6:
  case 7:
    return graph.initializer_size() != 0 &&
           changeTensor(*graph.mutable_initializer(pick(graph.initializer())));
  default:
    return graph.node_size() != 0 &&
           changeNode(*graph.mutable_node(pick(graph.node())));
  }
}

/// Many groups in each other, which no reader of the format knows.
void nest(Mutant &mutant) {
  // The beginning of a group that is field 200.
  constexpr uint8_t begin[] = {0xc3, 0x0c};
  for (int i = 0; i < 5000; ++i)
    mutant.bytes.insert(mutant.bytes.end(), std::begin(begin), std::end(begin));
  mutant.description += (mutant.changes ? "; " : "") + std::string("nested");
  ++mutant.changes;
}

} // namespace

Mutant ONNXMutator::mutate(llvm::ArrayRef<uint8_t> original,
                           Random &random) const {
  Mutant mutant;
  google::protobuf::LogSilencer silencer;
  onnx::ModelProto model;
  bool isMessage =
      model.ParseFromArray(original.data(), static_cast<int>(original.size()));
  unsigned changes = random.below(2) ? 1 : 2 + random.below(3);
  for (unsigned i = 0; isMessage && i < changes; ++i) {
    std::string text;
    // Nothing of a kind: another.
    for (int tries = 0; tries < 8; ++tries) {
      text.clear();
      if (Change(model, random, text).make())
        break;
    }
    mutant.description += (mutant.changes ? "; " : "") + text;
    ++mutant.changes;
    ++mutant.structural;
  }
  if (isMessage) {
    std::string bytes = model.SerializePartialAsString();
    mutant.bytes.assign(bytes.begin(), bytes.end());
  } else {
    mutant.bytes = original.vec();
  }
  uint64_t kind = random.below(64);
  if (kind == 0)
    nest(mutant);
  else if (kind < 8 || !isMessage)
    changeBytes(mutant, random);
  return mutant;
}
