// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How .npy files become the inputs of a model, and its outputs .npy files:
// which file belongs to which input, how many samples it holds, and what
// happens to floats at the ends.

#ifndef QCC_DRIVER_TENSORFILES_H
#define QCC_DRIVER_TENSORFILES_H

#include "qcc/Support/Npy.h"
#include "qcc/Target/ModelABI.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <utility>
#include <vector>

namespace qcc {

/// "NAME=x.npy" split; without a '=' the name is empty.
std::pair<std::string, std::string> splitBinding(llvm::StringRef text);

/// `files` ("x.npy" in order, or "NAME=x.npy") by tensor: one path per tensor,
/// empty where none was given. Errors: an unknown name (the known are listed),
/// too many files, a tensor twice. `what` is "input" or "output".
llvm::Expected<std::vector<std::string>>
assignFiles(llvm::ArrayRef<std::string> files,
            llvm::ArrayRef<TensorABI> tensors, llvm::StringRef what);

/// Samples of all inputs of a model.
struct InputSamples {
  int64_t count = 0;
  /// One per input: all samples, of the tensor's type, one after the other.
  std::vector<NpyArray> inputs;

  /// The inputs of sample `index`.
  std::vector<NpyArray> get(llvm::ArrayRef<TensorABI> tensors,
                            int64_t index) const;
};

/// Reads a file per input. A first axis of N·batch means N samples; otherwise
/// the file is one sample of any shape with the right number of elements.
/// float32 (or float64) for a quantized input is an error unless `floatIO`,
/// which quantizes: clamp(round half away from zero(x/scale) + zero point).
/// Errors name the file, the input, and both types or shapes.
llvm::Expected<InputSamples> readInputs(llvm::ArrayRef<std::string> paths,
                                        llvm::ArrayRef<TensorABI> tensors,
                                        bool floatIO);

/// Uniformly random stored integers (or floats in [-1, 1)) from a fixed seed.
InputSamples makeRandomInputs(llvm::ArrayRef<TensorABI> tensors, int64_t count);

/// The stored values as floats: scale·(q − zero point) in float32.
NpyArray dequantize(const NpyArray &array, const TensorABI &tensor);

/// Arrays of one tensor joined along the first axis.
NpyArray joinSamples(llvm::ArrayRef<NpyArray> samples,
                     llvm::ArrayRef<int64_t> shape);

/// "[1, 2, 3]".
std::string formatShape(llvm::ArrayRef<int64_t> shape);

} // namespace qcc

#endif // QCC_DRIVER_TENSORFILES_H
