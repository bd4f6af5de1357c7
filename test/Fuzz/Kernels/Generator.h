// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The state of drawing one random model. The makers of one operation each are
// in RandomModel.cpp and the files of their families.

#ifndef QCC_TEST_FUZZ_KERNELS_GENERATOR_H
#define QCC_TEST_FUZZ_KERNELS_GENERATOR_H

#include "RandomModel.h"
#include "RandomTensors.h"

#include <functional>
#include <map>
#include <optional>

namespace qcc::fuzz {

/// A convolution of given extents.
struct WindowCase {
  Shape in, kernel, strides = {1, 1}, dilations = {1, 1},
                    padding = {0, 0, 0, 0};
  int64_t outputs = 1, groups = 1;
  bool depthwise = false;
  /// Of floats, the weights of 8 bits.
  bool isHybrid = false;
};

class Generator {
public:
  Generator(uint64_t seed, const ModelOptions &modelOptions)
      : rng(seed), options(modelOptions), seed(seed) {}

  RandomModel make();

  /// Adds an operation to the model; false where it does not fit.
  using Maker = std::function<bool(Generator &)>;
  static const std::map<std::string, Maker> &getMakers();

  //===--- models of given extents ----------------------------------------===//

  bool makeOn(const std::string &op, const Element &element,
              const Shape &shape);
  bool makeProduct(const Element &element, const Shape &shape, int64_t outputs,
                   bool hasByteWeights = false);
  bool makeWindow(const Element &element, const WindowCase &window);
  bool makeBlockProduct(const Shape &shape, int64_t outputs, int64_t block,
                        int bits);
  bool makeFloatFunction(const std::string &op, const Shape &shape);
  bool makeTabulated(const std::string &op, Element element,
                     const Shape &shape);
  bool makeWithOne(const std::string &op, const Shape &shape);
  bool makeChoice(const Shape &shape, const Element &element,
                  const Element &other);
  bool makeFloatChoice(const Shape &shape);
  bool makeByteChoice(const Shape &shape);
  bool makeFloatCast(const Shape &shape);
  bool makeEvenSum(const Shape &shape);
  bool makeTies(const Shape &shape);
  bool makeOffset(const Shape &shape);
  bool makeWideProduct(const Shape &shape);
  bool makeThreshold(const Shape &shape);
  bool makeIntegers(const Shape &shape);
  bool makeCasts(const Shape &shape);
  bool makeTruths(const Shape &shape);
  bool makeL2Pool(const Shape &shape);
  bool makeSoftmaxEven(const Shape &shape);
  bool makeSoftmax16(const Shape &shape);
  /// The model of what was made.
  RandomModel finish(const std::string &description);

  static Element real() {
    Element e;
    e.isFloat = true;
    return e;
  }
  Element quantized(int bits, bool isSigned) {
    Element e;
    e.bits = bits;
    e.isSigned = isSigned;
    e.scale = scale();
    e.zero = bits == 16       ? 0
             : rng.chance(15) ? e.lo()
             : rng.chance(15) ? e.hi()
             : rng.chance(20) ? (isSigned ? 0 : 128)
                              : rng.in(e.lo(), e.hi());
    return e;
  }

private:
  //===--- pieces ---------------------------------------------------------===//

  double scale() {
    double value = std::exp(rng.real(-6, 1));
    if (rng.chance(15))
      value = std::ldexp(1.0, static_cast<int>(rng.in(-7, 1)));
    return rng.chance(85) ? static_cast<double>(static_cast<float>(value))
                          : value;
  }

  Element quantized() { return quantized(8, rng.chance(75)); }

  /// Integers without a scale.
  static Element plain(int bits) {
    Element e;
    e.isPlain = true;
    e.bits = bits;
    return e;
  }

  int64_t channels() {
    if (options.isLowBit && rng.chance(60))
      return rng.pick<int64_t>({1, 3, 17, 31, 32, 63, 64, 65, 96, 128, 130});
    return rng.chance(50) ? rng.in(1, 20)
           : rng.chance(50)
               ? rng.in(1, 70)
               : rng.pick<int64_t>({1, 3, 4, 8, 16, 32, 64, 96, 130, 144});
  }
  Shape imageShape() {
    return {rng.chance(85) ? 1 : 2, rng.in(1, 11), rng.in(1, 11), channels()};
  }
  Shape anyShape() {
    if (rng.chance(60))
      return imageShape();
    Shape shape(static_cast<size_t>(rng.in(0, 3)));
    for (int64_t &extent : shape)
      extent = rng.in(1, 12);
    if (!shape.empty() && rng.chance(50))
      shape.back() = channels();
    return shape;
  }

  std::string fresh() { return "%v" + std::to_string(counter++); }

  Tensor input(const Shape &shape, const Element &element) {
    Tensor t{"%in" + std::to_string(inputs.size()), shape,
             options.hasFloatInputs ? real()
             : options.isLowBit     ? lowBitActivation(true)
                                    : element};
    inputs.push_back(t);
    tensors.push_back(t);
    return t;
  }

  /// A constant of `count` stored integers of `bytes` bytes each.
  std::string constant(const Shape &shape, const std::string &storage,
                       const std::string &type,
                       const std::vector<int64_t> &values, int bytes) {
    std::string hex;
    char digits[3];
    for (int64_t value : values)
      for (int i = 0; i < bytes; ++i) {
        std::snprintf(digits, sizeof digits, "%02X",
                      static_cast<unsigned>(value >> (8 * i) & 255));
        hex += digits;
      }
    std::string name = fresh();
    body += "  " + name + " = qnn.constant dense<\"0x" + hex +
            "\"> : " + tensorType(shape, storage) + " as " + type + "\n";
    return name;
  }
  std::string floatConstant(const Shape &shape, double range) {
    std::vector<int64_t> bits;
    for (int64_t i = 0; i < countOf(shape); ++i) {
      auto value = static_cast<float>(rng.real(-range, range));
      int32_t word;
      static_assert(sizeof word == sizeof value);
      std::copy_n(reinterpret_cast<const char *>(&value), sizeof word,
                  reinterpret_cast<char *>(&word));
      bits.push_back(word);
    }
    return constant(shape, "f32", tensorType(shape, "f32"), bits, 4);
  }

  /// Writes `%r = qnn.<op> <operands> {attributes} : (types) -> type`.
  void emit(const std::string &op, const std::vector<Tensor> &operands,
            const std::string &attributes, const Shape &shape,
            const Element &element) {
    Tensor result{fresh(), shape, element};
    std::string names, types;
    for (const Tensor &t : operands) {
      names += (names.empty() ? "" : ", ") + t.name;
      types += (types.empty() ? "" : ", ") + typeOf(t);
    }
    body += "  " + result.name + " = qnn." + op + " " + names +
            (attributes.empty() ? "" : " {" + attributes + "}") + " : (" +
            types + ") -> " + typeOf(result) + "\n";
    current = result;
    tensors.push_back(current);
  }

  /// The same of an operation whose results behind the first are next states,
  /// with its operands and their types as text.
  void emitWithStates(const std::string &op, const std::string &operands,
                      const std::string &attributes, const std::string &types,
                      const std::vector<Tensor> &results) {
    std::string names, resultTypes;
    for (const Tensor &t : results) {
      names += (names.empty() ? "" : ", ") + t.name;
      resultTypes += (resultTypes.empty() ? "" : ", ") + typeOf(t);
    }
    body += "  " + names + " = qnn." + op + " " + operands +
            (attributes.empty() ? "" : " {" + attributes + "}") + " : (" +
            types + ") -> (" + resultTypes + ")\n";
    current = results.front();
    tensors.insert(tensors.end(), results.begin(), results.end());
    states.insert(states.end(), results.begin() + 1, results.end());
  }

  std::string rounding() {
    return !hasOtherRoundings || rng.chance(70) ? ""
           : rng.chance(50) ? ", rounding = #qnn.rounding<tflite_single>"
                            : ", rounding = #qnn.rounding<half_even_float>";
  }
  std::string clamp(const Element &e) {
    if (rng.chance(60))
      return "";
    if (e.isFloat)
      return rng.chance(50) ? ", clamp = #qnn.clamp<0.0, 6.0>"
                            : ", clamp = #qnn.clamp<0.0, inf>";
    int64_t a = rng.in(e.lo(), e.hi()), b = rng.in(e.lo(), e.hi());
    return ", clamp = #qnn.clamp<" + std::to_string(std::min(a, b)) + ", " +
           std::to_string(std::max(a, b)) + ">";
  }
  static std::string attributes(const std::string &text) {
    return text.empty() ? text : text.substr(2);
  }

  /// An earlier tensor that `accepts`, by chance, or null.
  template <typename Accepts> const Tensor *earlier(Accepts accepts) {
    std::vector<const Tensor *> choices;
    for (const Tensor &t : tensors)
      if (accepts(t))
        choices.push_back(&t);
    if (!options.isGraph || choices.empty() || rng.chance(30))
      return nullptr;
    return choices[static_cast<size_t>(
        rng.in(0, static_cast<int64_t>(choices.size()) - 1))];
  }
  std::vector<Tensor> chooseResults();

  /// Makes sure there is a current tensor that `accepts`; by a new input at the
  /// start of a model, else false.
  bool need(const std::function<bool(const Tensor &)> &accepts,
            const std::function<Tensor()> &makeInput) {
    if (!current.name.empty())
      return accepts(current);
    current = makeInput();
    return true;
  }
  bool needImage() {
    return need(
        [](const Tensor &t) { return t.shape.size() == 4 && isByteOrFloat(t); },
        [&] {
          return input(imageShape(), rng.chance(80) ? quantized() : real());
        });
  }
  bool needQuantized(const std::function<bool(const Element &)> &accepts,
                     const std::function<Element()> &make) {
    return need(
        [&](const Tensor &t) {
          return !t.element.isFloat && !t.element.isPlain && accepts(t.element);
        },
        [&] { return input(anyShape(), make()); });
  }
  static bool isByteOrFloat(const Tensor &t) {
    return t.element.isFloat || t.element.bits == 8;
  }

  //===--- operations
  //-------------------------------------------------------===//

  bool makeBinary(const std::string &op);
  Element resultOf(const std::string &op, const Element &lhs,
                   const Element &rhs);
  bool makeUnary(const std::string &op);
  bool makeRequantize();
  bool makeFunction(const std::string &op);
  bool makeClip();
  bool makeQuantize();
  bool makeDequantize();
  bool makePool(const std::string &op);
  bool makeMean();
  bool makeSum();
  bool makeReduceMax();
  bool makeReduceMin();
  bool makeReduction(const std::string &name, bool rescales);
  bool needRows();
  bool makeLogSoftmax();
  bool makeL2Normalize();
  bool makeNormalization(const std::string &name, double scale);
  bool makeSoftmax();
  bool makePad();
  bool makeConcat();
  bool makeReshape();
  bool makeBroadcast();
  bool makeGather();
  bool makeMirrorPad();
  bool makeResize(const std::string &op);
  bool makeSlice();
  bool makeTranspose();
  bool makeArg(const std::string &op);
  bool makeCumsum();
  bool makeDynamicUpdateSlice();
  bool makeGatherND();
  bool makeOneHot();
  bool makeTopK();
  bool makeLstm();
  bool makeSvdf();
  /// What a recurrent layer takes: floats or int8 of that many axes.
  bool needSequence(size_t rank, const std::function<Shape()> &shape);
  /// A constant of random values of `element`.
  Tensor weights(const Shape &shape, const Element &element);
  /// Any tensor of at least one axis.
  bool needAxes() {
    return need([](const Tensor &t) { return !t.shape.empty(); },
                [&] {
                  Shape shape = anyShape();
                  if (shape.empty())
                    shape = {rng.in(1, 30)};
                  return input(shape, rng.chance(80) ? quantized() : real());
                });
  }
  /// Stored values of a filter, and each channel's zero point.
  struct LowBitWeights {
    std::vector<int64_t> values, zeros;
    int64_t bits;
    bool isSigned;
  };
  /// The first product of a model has the pair of its seed.
  Element lowBitActivation(bool isFirst);
  LowBitWeights lowBitWeights(int64_t outputs, int64_t depth, bool last,
                              bool isFirst);
  void emitLowBitMac(const std::string &op, const Shape &filterShape, int axis,
                     int64_t taps, const std::string &attrs,
                     const Shape &shape);
  bool makeConvolution(bool depthwise);
  bool makeFullyConnected();
  bool makeTransposeConv();
  bool makeBatchMatMul();
  bool needMacImage();
  std::string printPerAxis(const Element &weight, int axis,
                           const std::vector<int64_t> &zeros);
  std::vector<int64_t> fewBits(const Element &weight, int64_t count,
                               int64_t outputs, int axis);
  /// Writes a multiply-accumulate op on `current`: filter of `filterShape` with
  /// output channels along `axis`, `taps` products per result.
  void emitMac(const std::string &op, const Shape &filterShape, int axis,
               int64_t taps, const std::string &attrs, const Shape &shape);
  /// A constant by name, with its type as text.
  struct Typed {
    std::string name, type;
  };
  /// Writes it with what was drawn; a bias without name is none.
  void emitProduct(const std::string &op, const Typed &filter,
                   const Typed &bias, const std::string &attrs,
                   const std::string &extra, const Tensor &result);

  Random rng;
  const ModelOptions &options;
  uint64_t seed;
  std::string body;
  std::vector<Tensor> inputs;
  /// Inputs and results, in the order they were made.
  std::vector<Tensor> tensors;
  Tensor current;
  /// Next states of recurrent layers: results of the model, too.
  std::vector<Tensor> states;
  bool isExact = true;
  /// Whether the next convolution has floats by weights of 8 bits, or 16 bits
  /// and sums of 64, where a case says so.
  std::optional<bool> isHybrid, hasWideSums;
  /// The same for the values of one_hot.
  std::optional<Element> oneHotElement;
  /// Whether roundings are drawn other than that of TensorFlow Lite.
  bool hasOtherRoundings = true;
  /// Bits and signs of the products of a model, with --low-bit.
  std::vector<std::string> pairs;
  int counter = 0;
};

} // namespace qcc::fuzz

#endif // QCC_TEST_FUZZ_KERNELS_GENERATOR_H
