// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of models for the remainders of kernels. See the header.

#include "TileModels.h"

#include "Generator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace qcc::fuzz {

/// Element types of a case's first input.
enum class Kind { Int8, UInt8, Int16, Float };

static const char *nameOf(Kind kind) {
  switch (kind) {
  case Kind::Int8:
    return "int8";
  case Kind::UInt8:
    return "uint8";
  case Kind::Int16:
    return "int16";
  case Kind::Float:
    return "float";
  }
  return "";
}

/// From the middle on in steps: all of 1 … count where they have no common
/// divisor.
static int64_t cycle(int64_t i, int64_t step, int64_t count) {
  return 1 + (i * step + count / 2) % count;
}

namespace {

class TileTable {
public:
  explicit TileTable(int64_t everyOf) : slice(everyOf) {}

  std::vector<TileCase> take() && {
    addMatrices();
    addDepthwise();
    addDirect();
    addElementwise();
    addRows();
    addWindows();
    addMoves();
    addRecurrent();
    addOthers();
    addThreeBits();
    return std::move(cases);
  }

private:
  using Make = std::function<bool(Generator &)>;

  /// Begins a family of cases.
  void begin() { number = 0; }
  void add(const std::string &name, Make make) {
    if (number++ % slice == 0)
      cases.push_back({name, std::move(make)});
  }

  /// `op` by its own maker, on an input of `shape`.
  void addOn(const std::string &op, Kind kind, Shape shape) {
    add(op + " " + nameOf(kind) + " " + dimensions(shape),
        [=](Generator &g) { return g.makeOn(op, elementOf(g, kind), shape); });
  }
  static Element elementOf(Generator &g, Kind kind) {
    return kind == Kind::Float
               ? Generator::real()
               : g.quantized(kind == Kind::Int16 ? 16 : 8, kind != Kind::UInt8);
  }
  void addWindow(Kind kind, const WindowCase &window) {
    const char *op = window.depthwise ? "depthwise_conv2d" : "conv2d";
    add(std::string(op) + " " + (window.isHybrid ? "hybrid" : nameOf(kind)) +
            " " + dimensions(window.in) + " kernel " + array(window.kernel) +
            " strides " + array(window.strides) + " padding " +
            array(window.padding) + " to " + std::to_string(window.outputs),
        [=](Generator &g) { return g.makeWindow(elementOf(g, kind), window); });
  }

  void addMatrices() {
    for (Kind kind : {Kind::Int8, Kind::UInt8, Kind::Int16, Kind::Float}) {
      bool isByte = kind == Kind::Int8 || kind == Kind::UInt8;
      begin();
      for (int64_t i = 0; i < (isByte ? 70 : 35); ++i)
        addWindow(kind, {{1, 1 + i % 2, cycle(i, 5, 17), cycle(i, 7, 37)},
                         {1, 1},
                         {1, 1},
                         {1, 1},
                         {0, 0, 0, 0},
                         cycle(i, 19, 67)});
      begin();
      for (int64_t i = 0; i < (isByte ? 48 : 24); ++i) {
        int64_t k = 2 + i % 3, dilation = i % 7 == 3 ? 2 : 1;
        addWindow(kind, {{1, k + dilation, cycle(i, 5, 13) + k * dilation,
                          cycle(i, 3, 11)},
                         {k, k},
                         {1 + i % 2, 1 + i / 2 % 2},
                         {dilation, dilation},
                         {i % 3, (i + 1) % 3, i / 3 % 2, i / 2 % 3},
                         cycle(i, 19, 37)});
      }
      begin();
      for (int64_t i = 0; i < (isByte ? 48 : 24); ++i) {
        Shape shape = {cycle(i, 2, 9), cycle(i, 37, 149)};
        int64_t outputs = cycle(i, 19, 67);
        add(std::string("fully_connected ") + nameOf(kind) + " " +
                dimensions(shape) + " to " + std::to_string(outputs),
            [=](Generator &g) {
              return g.makeProduct(elementOf(g, kind), shape, outputs);
            });
      }
    }
  }

  /// Weights of three bits, of which a kernel of its own may make four: pixels,
  /// channels and products of a sum that are over, in layers that unpack in
  /// registers and such that do so first.
  void addThreeBits() {
    size_t before = cases.size();
    for (Kind kind : {Kind::Int8, Kind::UInt8}) {
      begin();
      for (int64_t i = 0; i < 36; ++i)
        addWindow(kind, {{1, 1 + i % 2, cycle(i, 5, 17), cycle(i, 7, 37)},
                         {1, 1},
                         {1, 1},
                         {1, 1},
                         {0, 0, 0, 0},
                         cycle(i, 19, 67)});
      begin();
      for (int64_t i = 0; i < 24; ++i)
        addWindow(kind, {{1, 4, cycle(i, 5, 37) + 2, cycle(i, 3, 11)},
                         {3, 3},
                         {1, 1 + i % 2},
                         {1, 1},
                         {i % 2, 1, 1, i % 3},
                         cycle(i, 19, 131)});
      begin();
      for (int64_t i = 0; i < 48; ++i) {
        Shape shape = {cycle(i, 2, 9), cycle(i, 37, 149)};
        int64_t outputs = cycle(i, 19, 131);
        add(std::string("fully_connected ") + nameOf(kind) + " " +
                dimensions(shape) + " to " + std::to_string(outputs),
            [=](Generator &g) {
              return g.makeProduct(elementOf(g, kind), shape, outputs);
            });
      }
    }
    for (TileCase &tile : llvm::drop_begin(cases, before)) {
      tile.name = "3 bits: " + tile.name;
      tile.weightBits = 3;
    }
  }

  void addDepthwise() {
    // Registers of several pixels, and of several channels; each with what
    // pixels and channels are over.
    for (Kind kind : {Kind::Int8, Kind::UInt8}) {
      for (int64_t stride : {1, 2, 3}) {
        begin();
        int64_t i = 0;
        for (int64_t channels :
             {8, 16, 24, 32, 48, 64, 20, 4, 12, 40, 80, 96, 3, 72, 112, 130})
          for (int64_t over = 0; over < 3; ++over, ++i)
            addWindow(kind,
                      depthwise(channels,
                                std::max<int64_t>(64 / channels, 1) * 2 + over,
                                2 + (i % 4 == 3 ? 3 : 1), stride, 1, i));
      }
      begin();
      for (int64_t i = 0; i < 70; ++i)
        addWindow(kind, depthwise(cycle(i, 19, 71), cycle(i, 5, 11),
                                  cycle(i, 2, 5), cycle(i, 1, 2), 1, i));
      begin();
      for (int64_t i = 0; i < 16; ++i)
        addWindow(kind, depthwise(cycle(i, 3, 11), cycle(i, 5, 7), 3,
                                  cycle(i, 1, 2), 2 + i % 3, i));
    }
    // With one input channel it is a convolution.
    begin();
    for (int64_t i = 0; i < 16; ++i)
      addWindow(Kind::Int8, depthwise(1, cycle(i, 5, 11), 3, 1, 4 + i, i));
    for (Kind kind : {Kind::Int16, Kind::Float}) {
      begin();
      for (int64_t i = 0; i < 24; ++i)
        addWindow(kind, depthwise(cycle(i, 19, 37), cycle(i, 5, 11), 3,
                                  cycle(i, 1, 2), i % 8 == 7 ? 2 : 1, i));
    }
  }
  /// `width` windows side by side.
  static WindowCase depthwise(int64_t channels, int64_t width, int64_t kernel,
                              int64_t stride, int64_t multiplier, int64_t i) {
    int64_t dilation = i % 11 == 10 ? 2 : 1, reach = (kernel - 1) * dilation;
    int64_t left = std::min(i % 3, reach), right = std::min(i / 3 % 3, reach);
    WindowCase window;
    window.depthwise = true;
    window.kernel = {kernel, kernel};
    window.strides = {stride, stride};
    window.dilations = {dilation, dilation};
    window.padding = {std::min(i / 2 % 3, reach), i % 2, left, right};
    int64_t columns = (width - 1) * stride + 1 + reach - left - right;
    window.in = {i % 9 == 8 ? 2 : 1,
                 std::max<int64_t>(1, reach + 1 + i % 4 - window.padding[0]),
                 std::max<int64_t>(1, columns), channels};
    window.outputs = channels * multiplier;
    return window;
  }

  void addDirect() {
    for (Kind kind : {Kind::Int8, Kind::UInt8, Kind::Int16}) {
      begin();
      for (int64_t i = 0; i < 20; ++i) {
        int64_t groups = 2 + i % 4;
        WindowCase window{{1, 3, cycle(i, 2, 7) + 1, groups * cycle(i, 1, 5)},
                          {1 + i % 3, 2},
                          {1, 1 + i % 2},
                          {1, 1},
                          {1, 0, i % 2, 1},
                          groups * cycle(i, 3, 19)};
        window.groups = groups;
        addWindow(kind, window);
      }
    }
    for (Kind kind : {Kind::Int8, Kind::UInt8, Kind::Int16, Kind::Float}) {
      begin();
      for (int64_t i = 0; i < 20; ++i)
        addOn("transpose_conv2d", kind,
              {1, cycle(i, 1, 3), cycle(i, 3, 7), cycle(i, 5, 13)});
    }
    for (Kind kind : {Kind::Int8, Kind::Int16, Kind::Float}) {
      begin();
      for (int64_t i = 0; i < 20; ++i)
        addOn("batch_matmul", kind,
              {1 + i % 2, cycle(i, 3, 11), cycle(i, 7, 37)});
    }
    addHybrid();
    addBlocks();
  }

  /// Weights of 1 to 8 bits in blocks; some blocks are loops of their own.
  void addBlocks() {
    begin();
    for (int64_t i = 0; i < 68; ++i) {
      Shape shape = {cycle(i, 2, 7),
                     i % 5 == 2 ? 1000 + cycle(i, 37, 149) : cycle(i, 37, 149)};
      int64_t outputs = cycle(i, 19, 67);
      int64_t block = std::array<int64_t, 7>{
          32, 128, 16, 64, 4096, 10, 256}[static_cast<size_t>(i % 7)];
      int bits = static_cast<int>(1 + i % 8);
      add("block_fully_connected " + dimensions(shape) + " to " +
              std::to_string(outputs) + " in blocks of " +
              std::to_string(block) + " of " + std::to_string(bits) + " bits",
          [=](Generator &g) {
            return g.makeBlockProduct(shape, outputs, block, bits);
          });
    }
  }

  /// Floats by weights of 8 bits.
  void addHybrid() {
    begin();
    for (int64_t i = 0; i < 24; ++i) {
      WindowCase window = depthwise(cycle(i, 19, 37), cycle(i, 5, 11), 3,
                                    cycle(i, 1, 2), i % 8 == 7 ? 2 : 1, i);
      window.isHybrid = true;
      addWindow(Kind::Float, window);
    }
    begin();
    for (int64_t i = 0; i < 24; ++i) {
      Shape shape = {cycle(i, 2, 5), cycle(i, 37, 149)};
      int64_t outputs = cycle(i, 19, 67);
      add("fully_connected hybrid " + dimensions(shape) + " to " +
              std::to_string(outputs),
          [=](Generator &g) {
            return g.makeProduct(Generator::real(), shape, outputs,
                                 /*hasByteWeights=*/true);
          });
    }
    begin();
    for (int64_t i = 0; i < 32; ++i) {
      int64_t k = i % 4 == 0 ? 2 + i % 3 : 1;
      WindowCase window{{1, k, cycle(i, 5, 11) + k, cycle(i, 7, 37)},
                        {k, k},
                        {1, 1 + i % 2},
                        {1, 1},
                        {0, 0, k - 1, 0},
                        cycle(i, 19, 37)};
      window.isHybrid = true;
      addWindow(Kind::Float, window);
    }
  }

  /// Lengths that leave every number of elements over.
  void addLengths(const std::string &op, Kind kind, int64_t count) {
    begin();
    for (int64_t i = 0; i < count; ++i)
      addOn(op, kind,
            i % 4 == 3
                ? Shape{cycle(i, 37, 131)}
                : Shape{1, 1 + (i + 1) % 3, 2 - i % 2, cycle(i, 29, 67)});
  }

  void addElementwise() {
    for (const char *op : {"add", "sub", "mul", "maximum", "minimum"}) {
      addLengths(op, Kind::Int8, op[0] == 'a' ? 40 : 12);
      for (Kind kind : {Kind::UInt8, Kind::Int16, Kind::Float})
        addLengths(op, kind, op[0] == 'a' ? 20 : 8);
    }
    for (const char *op :
         {"prelu", "squared_difference", "leaky_relu", "abs", "hard_swish",
          "gelu", "elu", "logistic", "tanh", "clip", "requantize", "table"})
      for (Kind kind : {Kind::Int8, Kind::UInt8})
        addLengths(op, kind, 8);
    for (const char *op : {"leaky_relu", "abs", "requantize"})
      addLengths(op, Kind::Int16, 8);
    for (const char *op :
         {"div", "prelu", "squared_difference", "leaky_relu", "abs",
          "hard_swish", "gelu", "elu", "logistic", "tanh", "clip", "quantize",
          "ceil", "floor", "neg", "round", "sign", "sqrt"})
      addLengths(op, Kind::Float, 8);
    for (Kind kind : {Kind::Int8, Kind::UInt8, Kind::Int16})
      addLengths("dequantize", kind, 8);
  }

  /// Functions of rows.
  void addRows() {
    for (const char *op : {"softmax", "log_softmax", "l2_normalize"})
      for (Kind kind : {Kind::Int8, Kind::UInt8, Kind::Float}) {
        begin();
        for (int64_t i = 0; i < 20; ++i)
          addOn(op, kind, {cycle(i, 2, 3), cycle(i, 29, 67)});
      }
    for (const char *op : {"mean", "sum", "reduce_max", "reduce_min"})
      for (Kind kind : {Kind::Int8, Kind::UInt8, Kind::Float}) {
        begin();
        for (int64_t i = 0; i < 12; ++i)
          addOn(op, kind,
                {1, cycle(i, 2, 5), cycle(i, 3, 7), cycle(i, 19, 67)});
      }
  }

  void addWindows() {
    for (const char *op :
         {"avg_pool2d", "max_pool2d", "resize_bilinear", "resize_nearest"})
      for (Kind kind : {Kind::Int8, Kind::UInt8, Kind::Float}) {
        begin();
        for (int64_t i = 0; i < 20; ++i)
          addOn(op, kind,
                {1, cycle(i, 2, 5), cycle(i, 3, 11), cycle(i, 19, 67)});
      }
  }

  void addMoves() {
    for (const char *op :
         {"pad", "mirror_pad", "concat", "slice", "transpose", "broadcast",
          "gather", "gather_nd", "dynamic_update_slice", "arg_max", "arg_min",
          "top_k", "cumsum", "one_hot"})
      for (Kind kind : {Kind::Int8, Kind::Float}) {
        begin();
        for (int64_t i = 0; i < 8; ++i)
          addOn(op, kind,
                {1, cycle(i, 1, 3), cycle(i, 3, 5), cycle(i, 19, 67)});
      }
  }

  void addRecurrent() {
    for (Kind kind : {Kind::Int8, Kind::Float}) {
      begin();
      for (int64_t i = 0; i < 12; ++i)
        addOn("lstm", kind, {1, cycle(i, 1, 3), cycle(i, 7, 37)});
      begin();
      for (int64_t i = 0; i < 12; ++i)
        addOn("svdf", kind, {cycle(i, 1, 3), cycle(i, 7, 37)});
    }
  }

  /// What no random model has: functions that grow too fast for a chain, plain
  /// integers and truths, 16 bits, operands of one element.
  void addOthers() {
    auto addAll = [&](const std::string &name,
                      bool (Generator::*make)(const Shape &)) {
      begin();
      for (int64_t i = 0; i < 12; ++i) {
        Shape shape = {1, 1 + (i + 1) % 3, 2 - i % 2, cycle(i, 29, 67)};
        add(name + " " + dimensions(shape),
            [=](Generator &g) { return (g.*make)(shape); });
      }
    };
    addAll("compare floats", &Generator::makeFloatChoice);
    addAll("compare int8", &Generator::makeByteChoice);
    addAll("cast to float", &Generator::makeFloatCast);
    addAll("add of 16 bits to even", &Generator::makeEvenSum);
    addAll("requantize of ties", &Generator::makeTies);
    addAll("requantize by an offset", &Generator::makeOffset);
    addAll("fully_connected int16 in 64 bits", &Generator::makeWideProduct);
    addAll("compare with one number", &Generator::makeThreshold);
    addAll("integers", &Generator::makeIntegers);
    addAll("casts", &Generator::makeCasts);
    addAll("truths of rows", &Generator::makeTruths);
    addAll("l2_pool2d", &Generator::makeL2Pool);
    addAll("softmax half_even_float", &Generator::makeSoftmaxEven);
    addAll("softmax int16", &Generator::makeSoftmax16);
    for (const char *op :
         {"exp", "rsqrt", "square", "sin", "cos", "log", "pow"}) {
      begin();
      for (int64_t i = 0; i < 12; ++i) {
        Shape shape = {cycle(i, 2, 3), cycle(i, 29, 67)};
        add(op + (" float " + dimensions(shape)),
            [=](Generator &g) { return g.makeFloatFunction(op, shape); });
      }
    }
    for (const char *op : {"exp", "rsqrt", "logistic", "tanh"})
      for (Kind kind : {Kind::Int8, Kind::Int16}) {
        if (kind == Kind::Int16 && op == std::string("rsqrt"))
          continue;
        begin();
        for (int64_t i = 0; i < 12; ++i) {
          Shape shape = {cycle(i, 2, 3), cycle(i, 29, 67)};
          add(std::string(op) + " " + nameOf(kind) + " by table " +
                  dimensions(shape),
              [=](Generator &g) {
                return g.makeTabulated(op, elementOf(g, kind), shape);
              });
        }
      }
    for (const char *op :
         {"add", "sub", "mul", "div", "prelu", "squared_difference"}) {
      begin();
      for (int64_t i = 0; i < 12; ++i) {
        Shape shape = {cycle(i, 2, 3), cycle(i, 29, 67)};
        add(std::string(op) + " with one number " + dimensions(shape),
            [=](Generator &g) { return g.makeWithOne(op, shape); });
      }
    }
  }

  int64_t slice, number = 0;
  std::vector<TileCase> cases;
};

} // namespace

std::vector<TileCase> makeTileCases(int64_t slice) {
  return TileTable(slice).take();
}

RandomModel makeTileModel(const TileCase &tileCase, uint64_t seed) {
  ModelOptions options;
  options.weightBits = tileCase.weightBits;
  // What does not fit by chance may fit another time.
  for (int tries = 0; tries < 20; ++tries) {
    Generator generator(seed + static_cast<uint64_t>(tries) * 1000003, options);
    if (tileCase.make(generator)) {
      return generator.finish(tileCase.name);
    }
  }
  return {};
}

bool Generator::makeOn(const std::string &op, const Element &element,
                       const Shape &shape) {
  // These know one rounding alone.
  static const std::set<std::string> roundOnce = {
      "abs", "div", "leaky_relu", "prelu", "squared_difference", "sub"};
  hasOtherRoundings = !roundOnce.count(op);
  current =
      input(shape, op == "cumsum" && !element.isFloat ? plain(32) : element);
  // Of the indices of the greatest.
  if (op == "one_hot") {
    oneHotElement = element;
    if (!makeArg("arg_max"))
      return false;
  }
  return getMakers().at(op)(*this);
}

bool Generator::makeFloatFunction(const std::string &op, const Shape &shape) {
  std::vector<Tensor> operands = {input(shape, real())};
  if (op == "pow")
    operands.push_back(input(shape, real()));
  emit(op, operands, "", shape, real());
  isExact = false;
  return true;
}

/// Functions whose result's type is built in, or need not be close.
bool Generator::makeTabulated(const std::string &op, Element element,
                              const Shape &shape) {
  bool is16Bit = element.bits == 16, rises = op == "exp" || op == "rsqrt";
  Element result = quantized(element.bits, element.isSigned);
  element.scale = is16Bit ? 1.0 / 4096 : static_cast<double>(0.05f);
  // TensorFlow Lite takes no square root below the zero point.
  if (op == "rsqrt")
    element.zero = element.lo();
  result.scale = is16Bit ? std::ldexp(1.0, -15) : 1.0 / 256;
  result.zero = is16Bit ? 0 : result.lo();
  if (rises)
    result.scale = is16Bit ? 0.125 : 0.5;
  else if (op == "tanh" && !is16Bit)
    result.scale = 1.0 / 128, result.zero = result.lo() + 128;
  emit(op, {input(shape, element)}, "", shape, result);
  return true;
}

/// Of a tensor and a constant of one element: a function of 256 values.
bool Generator::makeWithOne(const std::string &op, const Shape &shape) {
  Element in = quantized(8, true), one = quantized(8, true);
  one.scale = in.scale;
  Tensor constantOne = weights({1}, one);
  emit(op, {input(shape, in), constantOne}, "", shape, resultOf(op, in, one));
  return true;
}

bool Generator::makeFloatChoice(const Shape &shape) {
  return makeChoice(shape, real(), real());
}

bool Generator::makeByteChoice(const Shape &shape) {
  Element element = quantized(8, true), other = quantized(8, true);
  element.scale = 0.5, other.scale = 0.375;
  return makeChoice(shape, element, other);
}

bool Generator::makeChoice(const Shape &shape, const Element &element,
                           const Element &other) {
  Element truth = plain(1);
  Tensor a = input(shape, element), b = input(shape, other);
  auto make = [&](const std::string &op, const std::vector<Tensor> &operands,
                  const std::string &attrs = "") {
    emit(op, operands, attrs, shape, truth);
    return current;
  };
  Tensor less = make("compare", {a, b}, "predicate = #qnn.predicate<less>");
  Tensor equal = make("compare", {b, a}, "predicate = #qnn.predicate<equal>");
  Tensor either = make("logical_or", {less, equal});
  Tensor neither = make("logical_not", {either});
  Tensor both = make("logical_and", {either, less});
  Tensor chosen = make("logical_or", {neither, both});
  emit("select", {chosen, a, input(shape, element)}, "", shape, element);
  return true;
}

bool Generator::makeThreshold(const Shape &shape) {
  Element element = quantized(8, rng.chance(50));
  element.scale = static_cast<double>(0.1f);
  Tensor a = input(shape, element), one = weights({1}, element);
  emit("compare", {a, one}, "predicate = #qnn.predicate<less>", shape,
       plain(1));
  emit("select", {current, a, one}, "", shape, element);
  return true;
}

/// Division by constants, of which none is 0.
bool Generator::makeIntegers(const Shape &shape) {
  Element element = plain(32);
  Tensor a = input(shape, element), divisor{"", {shape[3]}, element};
  std::vector<int64_t> values;
  for (int64_t i = 0; i < shape[3]; ++i)
    values.push_back(rng.in(1, 1000) * (rng.chance(50) ? 1 : -1000));
  divisor.name = constant(divisor.shape, "i32", typeOf(divisor), values, 4);
  emit("floor_div", {a, divisor}, "", shape, element);
  Tensor quotient = current;
  emit("floor_mod", {a, divisor}, "", shape, element);
  Tensor rest = current;
  emit("sub", {quotient, rest}, "", shape, element);
  emit("mul", {current, rest}, "", shape, element);
  emit("abs", {current}, "", shape, element);
  emit("div", {current, divisor}, "", shape, element);
  Tensor whole = current;
  emit("compare", {whole, rest}, "predicate = #qnn.predicate<less>", shape,
       plain(1));
  emit("select", {current, whole, quotient}, "", shape, element);
  emit("add", {quotient, current}, "", shape, element);
  return true;
}

bool Generator::makeFloatCast(const Shape &shape) {
  emit("cast", {input(shape, plain(8))}, "", shape, real());
  return true;
}

bool Generator::makeEvenSum(const Shape &shape) {
  Element lhs = quantized(16, true), rhs = quantized(16, true), result = lhs;
  result.scale = 2 * std::max(lhs.scale, rhs.scale);
  emit("add", {input(shape, lhs), input(shape, rhs)},
       "rounding = #qnn.rounding<half_even_float>", shape, result);
  return true;
}

/// Halves that go away from zero: no affine function does that.
bool Generator::makeTies(const Shape &shape) {
  Element in = quantized(8, true), result = in;
  in.scale = 0.5, result.scale = 1;
  in.zero = result.zero = 0;
  emit("requantize", {input(shape, in)}, "", shape, result);
  return true;
}

bool Generator::makeOffset(const Shape &shape) {
  Element in = quantized(8, true), result = in;
  in.zero = 10, result.zero = -7;
  emit("requantize", {input(shape, in)}, "", shape, result);
  return true;
}

/// Too long for the weights to prove that 32 bits suffice.
bool Generator::makeWideProduct(const Shape &shape) {
  hasWideSums = true;
  // Even weights of ±1 leave 32 bits.
  return makeProduct(quantized(16, true), {shape[1], 70000 + shape[3]},
                     rng.in(1, 4));
}

bool Generator::makeCasts(const Shape &shape) {
  emit("cast", {input(shape, plain(32))}, "", shape, plain(8));
  return true;
}

/// Whether any, or all, of a row are less than those of another, and products
/// of it.
bool Generator::makeTruths(const Shape &shape) {
  Element element = quantized(8, true);
  element.scale = static_cast<double>(0.1f);
  Tensor a = input(shape, element), b = input(shape, element);
  emit("compare", {a, b}, "predicate = #qnn.predicate<less>", shape, plain(1));
  Tensor less = current;
  Shape rows = shape;
  rows[3] = 1;
  std::string last = "axes = array<i64: 3>, keep_dims";
  emit("reduce_any", {less}, last, rows, plain(1));
  Tensor any = current;
  emit("reduce_all", {less}, last, rows, plain(1));
  emit("logical_and", {any, current}, "", rows, plain(1));
  emit("select", {current, a, b}, "", shape, element);
  Tensor factors = input({shape[1], shape[3]}, plain(32));
  emit("reduce_prod", {factors}, "axes = array<i64: 1>", {shape[1]}, plain(32));
  emit("cast", {current}, "", {shape[1]}, plain(8));
  Tensor product = current;
  emit("cast", {product}, "", {shape[1]}, plain(32));
  return true;
}

bool Generator::makeL2Pool(const Shape &shape) {
  Shape in = shape;
  ++in[2];
  emit("l2_pool2d", {input(in, real())}, "kernel = array<i64: 1, 2>", shape,
       real());
  isExact = false;
  return true;
}

bool Generator::makeSoftmaxEven(const Shape &shape) {
  Element in = quantized(), result = in;
  result.scale = 1.0 / 256, result.zero = result.lo();
  emit("softmax", {input(shape, in)},
       "rounding = #qnn.rounding<half_even_float>", shape, result);
  return true;
}

bool Generator::makeSoftmax16(const Shape &shape) {
  Element in = quantized(16, true), result = in;
  in.scale = static_cast<double>(0.001f);
  result.scale = std::ldexp(1.0, -15);
  emit("softmax", {input(shape, in)}, "", shape, result);
  return true;
}

bool Generator::makeProduct(const Element &element, const Shape &shape,
                            int64_t outputs, bool hasByteWeights) {
  current = input(shape, element);
  isHybrid = hasByteWeights;
  emitMac("fully_connected", {outputs, shape[1]}, 0, shape[1], "",
          {shape[0], outputs});
  return true;
}

/// Values of `bits` bits, at times a multiple of them or around another zero;
/// scales of few bits or many, of one sign or both.
bool Generator::makeBlockProduct(const Shape &shape, int64_t outputs,
                                 int64_t block, int bits) {
  Shape filter = {outputs, shape[1]},
        blocks = {outputs, (shape[1] + block - 1) / block};
  int64_t count = int64_t{1} << bits, stride = 1;
  if (bits < 7 && rng.chance(40))
    stride = rng.in(2, std::min<int64_t>(7, 255 / (count - 1)));
  int64_t first = -(count * stride / 2);
  if (bits < 8 && rng.chance(30))
    first = rng.in(-128, 127 - (count - 1) * stride);
  std::vector<int64_t> values;
  for (int64_t i = 0; i < countOf(filter); ++i)
    values.push_back(first +
                     stride * (i < 2 ? i * (count - 1) : rng.in(0, count - 1)));
  Element byte = plain(8);
  std::string weights =
      constant(filter, "i8", tensorType(filter, "i8"), values, 1);
  values.clear();
  bool isShort = rng.chance(60), hasSigns = rng.chance(30);
  for (int64_t i = 0; i < countOf(blocks); ++i) {
    auto scale = static_cast<float>(rng.real(0.001, 0.02));
    if (hasSigns && rng.chance(50))
      scale = -scale;
    uint32_t word;
    static_assert(sizeof word == sizeof scale);
    std::copy_n(reinterpret_cast<const char *>(&scale), sizeof word,
                reinterpret_cast<char *>(&word));
    values.push_back(isShort ? word & ~uint32_t{0x1fff} : word);
  }
  std::string names =
                  ", " + weights + " scales " +
                  constant(blocks, "f32", tensorType(blocks, "f32"), values, 4),
              types = ", " + tensorType(filter, "i8") + ", " +
                      tensorType(blocks, "f32");
  if (rng.chance(30)) {
    values.clear();
    for (int64_t i = 0; i < countOf(blocks); ++i)
      values.push_back(rng.in(byte.lo(), byte.hi()));
    names += " zero_points " +
             constant(blocks, "i8", tensorType(blocks, "i8"), values, 1);
    types += " zero_points " + tensorType(blocks, "i8");
  }
  if (rng.chance(50)) {
    names += " bias " + floatConstant({outputs}, 1);
    types += " bias " + tensorType({outputs}, "f32");
  }
  Tensor x = input(shape, real()), result{fresh(), {shape[0], outputs}, real()};
  body += "  " + result.name + " = qnn.block_fully_connected " + x.name +
          names + " {block = " + std::to_string(block) + "} : (" + typeOf(x) +
          types + ") -> " + typeOf(result) + "\n";
  current = result;
  tensors.push_back(current);
  return true;
}

bool Generator::makeWindow(const Element &element, const WindowCase &window) {
  current = input(window.in, element);
  Shape shape = window.in;
  for (size_t axis = 0; axis < 2; ++axis) {
    int64_t reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
    int64_t extent = window.in[axis + 1] + window.padding[2 * axis] +
                     window.padding[2 * axis + 1];
    if (extent < reach)
      return false;
    shape[axis + 1] = (extent - reach) / window.strides[axis] + 1;
  }
  shape[3] = window.outputs;
  int64_t inputs = window.depthwise ? 1 : window.in[3] / window.groups;
  int64_t taps = window.kernel[0] * window.kernel[1] * inputs;
  std::string attrs = "strides = " + array(window.strides) +
                      ", padding = " + array(window.padding) +
                      ", dilations = " + array(window.dilations);
  if (window.groups > 1)
    attrs += ", groups = " + std::to_string(window.groups) + " : i64";
  isHybrid = window.isHybrid;
  if (window.depthwise)
    emitMac("depthwise_conv2d",
            {1, window.kernel[0], window.kernel[1], window.outputs}, 3, taps,
            attrs, shape);
  else
    emitMac("conv2d",
            {window.outputs, window.kernel[0], window.kernel[1], inputs}, 0,
            taps, attrs, shape);
  return true;
}

} // namespace qcc::fuzz
