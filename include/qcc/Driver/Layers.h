// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a module computes, layer by layer, as plain data: for tables, for dumps
// of tensors, and for finding the layer in which two runs differ.

#ifndef QCC_DRIVER_LAYERS_H
#define QCC_DRIVER_LAYERS_H

#include "mlir/IR/BuiltinOps.h"
#include "qcc/Dialect/QNN/IR/Layout.h"
#include "qcc/Dialect/QNN/IR/QNN.h"
#include "qcc/Support/Npy.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace qcc {

/// A tensor that a layer makes.
struct LayerTensor {
  /// Name in the model; empty when it has none.
  std::string name;
  mlir::RankedTensorType type;
  /// After scheduling: its place in memory.
  std::optional<qnn::BufferAttr> buffer;
  /// How the model's tensor comes of it; nothing: it is that.
  std::optional<qnn::Layout> layout;
};

/// A `qnn.layer`, or before there are layers one operation.
struct LayerInfo {
  /// "conv2d_3" of a layer; otherwise operation and running number.
  std::string name;
  /// The anchor's mnemonic: "conv2d".
  std::string operation;
  /// Index of the operator in the model; -1: none.
  int64_t op = -1;
  /// Chosen kernel, or empty.
  std::string kernel;
  int64_t macs = 0;
  /// Bytes of the constants it reads.
  int64_t constantBytes = 0;
  llvm::SmallVector<LayerTensor, 1> inputs, results;
};

/// The layers (or operations) of the module's function in order. Constants
/// count to each layer that reads them.
std::vector<LayerInfo> collectLayers(mlir::ModuleOp module);

/// The name of a result: of the tensor at its operation's location, with ".1",
/// ".2", … for further results, such as next states. Empty when it has none.
std::string getTensorName(mlir::OpResult result);

/// The model's tensor of `value`, by what its operation's location says.
/// Nothing where axes were joined or divided since.
std::optional<NpyArray> inModelLayout(NpyArray value,
                                      const std::optional<qnn::Layout> &layout);

/// "i8 [1, 32, 32, 3]" and the like.
std::string describeType(mlir::Type type);

/// How the elements are quantized, in short: "0.0235*(q+3)", "per channel", "".
std::string describeQuantization(mlir::Type type);

} // namespace qcc

#endif // QCC_DRIVER_LAYERS_H
