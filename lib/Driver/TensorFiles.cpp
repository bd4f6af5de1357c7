// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// .npy files in and out; the rules are in the header and in
// docs/GettingStarted.

#include "qcc/Driver/TensorFiles.h"

#include "qcc/Driver/ModelRunner.h"
#include "qcc/Support/Error.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <cmath>
#include <random>

using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;

namespace qcc {

std::string formatShape(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (int64_t extent : shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

std::pair<std::string, std::string> splitBinding(StringRef text) {
  // A path may hold a '=' too, but hardly before its first separator.
  size_t equals = text.find('=');
  if (equals == StringRef::npos)
    return {"", text.str()};
  return {text.take_front(equals).str(), text.drop_front(equals + 1).str()};
}

llvm::Expected<std::vector<std::string>>
assignFiles(ArrayRef<std::string> files, ArrayRef<TensorABI> tensors,
            StringRef what) {
  std::vector<std::string> paths(tensors.size());
  size_t next = 0;
  for (const std::string &file : files) {
    auto [name, path] = splitBinding(file);
    size_t index = 0;
    if (name.empty()) {
      while (next < tensors.size() && !paths[next].empty())
        ++next;
      if (next == tensors.size())
        return makeError("--" + what + "=" + path + ": the model has only " +
                         Twine(tensors.size()) + " " + what +
                         (tensors.size() == 1 ? "" : "s"));
      index = next++;
    } else {
      // Tensor names may hold a '=' themselves: the longest that fits.
      size_t longest = 0;
      index = tensors.size();
      for (size_t i = 0; i < tensors.size(); ++i) {
        const std::string &known = tensors[i].name;
        if (StringRef(file).starts_with(known + "=") &&
            (index == tensors.size() || known.size() > longest)) {
          index = i;
          longest = known.size();
        }
      }
      if (index == tensors.size()) {
        std::string known;
        for (const TensorABI &tensor : tensors)
          known += (known.empty() ? "'" : ", '") + tensor.name + "'";
        return makeError("--" + what + "=" + file + ": the model has no " +
                         what + " '" + name + "'; it has " + known);
      }
      path = file.substr(longest + 1);
    }
    if (!paths[index].empty())
      return makeError("--" + what + "=" + file + ": " + what + " '" +
                       tensors[index].name + "' is given twice");
    if (path.empty())
      return makeError("--" + what + "=" + file + ": the file name is missing");
    paths[index] = path;
  }
  return paths;
}

/// The number of samples in a file of this shape, or nothing.
static std::optional<int64_t> countSamples(const NpyArray &array,
                                           const TensorABI &tensor) {
  int64_t perSample = tensor.numElements(), total = array.getNumElements();
  int64_t batch = tensor.shape.empty() ? 1 : tensor.shape[0];
  if (!array.shape.empty() && batch > 0 && array.shape[0] % batch == 0) {
    int64_t samples = array.shape[0] / batch;
    if (samples > 0 && perSample > 0 && total % samples == 0 &&
        total / samples == perSample)
      return samples;
  }
  if (total == perSample)
    return 1;
  return std::nullopt;
}

/// Stores `value` into a quantized tensor's element.
static int64_t quantize(double value, const TensorABI &tensor, int64_t index) {
  int64_t channel = 0;
  if (tensor.scales.size() > 1) {
    int64_t inner = 1;
    for (size_t d = tensor.quantizedDimension + 1; d < tensor.shape.size(); ++d)
      inner *= tensor.shape[d];
    channel = index / inner % tensor.scales.size();
  }
  // As TFLite's AffineQuantize: the quotient in float, halves away from zero.
  float quotient =
      static_cast<float>(value) / static_cast<float>(tensor.scales[channel]);
  double rounded =
      std::round(quotient) + static_cast<double>(tensor.zeroPoints[channel]);
  if (tensor.isBipolar)
    return value >= 0 ? tensor.storageMax : tensor.storageMin;
  if (std::isnan(rounded))
    rounded = static_cast<double>(tensor.zeroPoints[channel]);
  return static_cast<int64_t>(
      std::clamp(rounded, static_cast<double>(tensor.storageMin),
                 static_cast<double>(tensor.storageMax)));
}

/// Brings a file's array into the tensor's type.
static llvm::Expected<NpyArray> convert(NpyArray array, const TensorABI &tensor,
                                        const std::string &path, bool floatIO) {
  NpyType wanted = getNpyType(tensor.type);
  auto mismatch = [&](const Twine &advice) {
    return makeError("'" + path + "' holds " + getNpyTypeName(array.type) +
                     ", but input '" + tensor.name + "' is " +
                     getNpyTypeName(wanted) + advice);
  };
  bool quantized = !tensor.scales.empty();
  if (array.type == wanted) {
    if (quantized && !isFloatNpyType(wanted))
      for (int64_t i = 0, e = array.getNumElements(); i < e; ++i) {
        int64_t value = array.getInteger(i);
        if (value < tensor.storageMin || value > tensor.storageMax ||
            (tensor.isBipolar && value == tensor.zeroPoints[0]))
          return makeError(
              "'" + path + "' holds " + Twine(value) + ", but input '" +
              tensor.name + "' takes " + Twine(tensor.storageMin) +
              (tensor.isBipolar ? " or " : " to ") + Twine(tensor.storageMax));
      }
    return std::move(array);
  }
  if (!isFloatNpyType(array.type))
    return mismatch("");
  if (!floatIO && quantized)
    return mismatch("; --float-io quantizes it");
  if (!quantized && wanted != NpyType::Float32)
    return mismatch("");
  if (!quantized && !floatIO)
    return mismatch("; --float-io converts it");
  NpyArray converted(wanted, array.shape);
  for (int64_t i = 0, e = array.getNumElements(); i < e; ++i) {
    if (quantized)
      converted.setInteger(
          i, quantize(array.getFloat(i), tensor,
                      i % static_cast<int64_t>(tensor.numElements())));
    else
      converted.setFloat(i, array.getFloat(i));
  }
  return converted;
}

llvm::Expected<InputSamples> readInputs(ArrayRef<std::string> paths,
                                        ArrayRef<TensorABI> tensors,
                                        bool floatIO) {
  InputSamples samples;
  std::string first;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TensorABI &tensor = tensors[i];
    if (paths[i].empty())
      return makeError("input '" + tensor.name + "' (" +
                       getNpyTypeName(getNpyType(tensor.type)) + " " +
                       formatShape(tensor.shape) +
                       ") has no file; say --input=" +
                       (tensors.size() > 1 ? tensor.name + "=" : "") + "x.npy");
    llvm::Expected<NpyArray> array = readNpy(paths[i]);
    if (!array)
      return array.takeError();
    std::optional<int64_t> count = countSamples(*array, tensor);
    if (!count)
      return makeError("'" + paths[i] + "' has shape " +
                       formatShape(array->shape) + ", but input '" +
                       tensor.name + "' is " + formatShape(tensor.shape) +
                       " for one sample");
    if (i > 0 && *count != samples.count)
      return makeError("'" + paths[i] + "' holds " + Twine(*count) +
                       " samples, but '" + first + "' holds " +
                       Twine(samples.count));
    samples.count = *count;
    first = paths[i];
    llvm::Expected<NpyArray> converted =
        convert(std::move(*array), tensor, paths[i], floatIO);
    if (!converted)
      return converted.takeError();
    samples.inputs.push_back(std::move(*converted));
  }
  if (tensors.empty())
    samples.count = 1;
  return samples;
}

std::vector<NpyArray> InputSamples::get(ArrayRef<TensorABI> tensors,
                                        int64_t index) const {
  std::vector<NpyArray> sample;
  for (size_t i = 0; i < inputs.size(); ++i) {
    NpyArray array(inputs[i].type, tensors[i].shape);
    size_t bytes = array.data.size();
    std::copy_n(inputs[i].data.begin() + index * bytes, bytes,
                array.data.begin());
    sample.push_back(std::move(array));
  }
  return sample;
}

InputSamples makeRandomInputs(ArrayRef<TensorABI> tensors, int64_t count) {
  InputSamples samples;
  samples.count = count;
  // The engine's output is fixed by the standard; the distributions' is not.
  std::mt19937_64 random(0);
  for (const TensorABI &tensor : tensors) {
    llvm::SmallVector<int64_t> shape(tensor.shape.begin(), tensor.shape.end());
    if (shape.empty())
      shape.push_back(count);
    else
      shape[0] *= count;
    NpyArray array(getNpyType(tensor.type), shape);
    for (int64_t i = 0, e = array.getNumElements(); i < e; ++i) {
      if (isFloatNpyType(array.type)) {
        array.setFloat(i, static_cast<double>(random() >> 11) * 0x1p-52 - 1);
      } else if (tensor.scales.empty()) {
        array.setInteger(i, array.type == NpyType::Bool ? random() & 1
                                                        : random() % 256);
      } else {
        int64_t step = tensor.isBipolar ? 2 : 1;
        uint64_t span = (tensor.storageMax - tensor.storageMin) / step + 1;
        array.setInteger(i, tensor.storageMin +
                                static_cast<int64_t>(random() % span) * step);
      }
    }
    samples.inputs.push_back(std::move(array));
  }
  return samples;
}

NpyArray dequantize(const NpyArray &array, const TensorABI &tensor) {
  if (tensor.scales.empty() || isFloatNpyType(array.type))
    return array;
  NpyArray result(NpyType::Float32, array.shape);
  int64_t inner = 1;
  for (size_t d = tensor.quantizedDimension + 1; d < tensor.shape.size(); ++d)
    inner *= tensor.shape[d];
  for (int64_t i = 0, e = array.getNumElements(); i < e; ++i) {
    int64_t channel =
        tensor.scales.size() > 1 ? i / inner % tensor.scales.size() : 0;
    result.setFloat(i, static_cast<float>(tensor.scales[channel]) *
                           static_cast<float>(array.getInteger(i) -
                                              tensor.zeroPoints[channel]));
  }
  return result;
}

NpyArray joinSamples(ArrayRef<NpyArray> samples, ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> joined(shape);
  if (joined.empty()) {
    if (samples.size() != 1)
      joined.push_back(samples.size());
  } else {
    joined[0] *= samples.size();
  }
  NpyArray result(samples[0].type, joined);
  auto *out = result.data.begin().base();
  for (const NpyArray &sample : samples)
    out = std::copy(sample.data.begin(), sample.data.end(), out);
  return result;
}

} // namespace qcc
