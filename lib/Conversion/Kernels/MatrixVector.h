// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Several matrices times one vector, as recurrent layers have them: vectors of
// rows by the reduction, with the dot instructions of convolutions; the same
// rows of all matrices share the activations.

#ifndef QCC_LIB_CONVERSION_KERNELS_MATRIXVECTOR_H
#define QCC_LIB_CONVERSION_KERNELS_MATRIXVECTOR_H

#include "DotForm.h"

#include "qcc/Arithmetic/FixedPoint.h"

namespace qcc {

/// The values of a `qnn.constant`, or null.
mlir::DenseElementsAttr constantOf(mlir::Value value);

class MatrixVector {
public:
  /// `weights`: constants [rows, depth], all float or all int8 with zero point
  /// 0. `biases`: none, or one constant per matrix. `zeroPoint`: of the int8
  /// vector.
  MatrixVector(LayerEmitter &emitter, const DotForm &dotForm,
               llvm::StringRef name, mlir::ValueRange weights,
               mlir::ValueRange biases, int64_t zeroPoint);

  /// The best form for `rows`.
  static DotForm formFor(const TargetFacts &facts, bool isFloat, int64_t rows);

  int64_t numBlocks() const { return blocks; }
  /// Rows in whole vectors.
  int64_t paddedRows() const { return blocks * form.lanes; }

  /// The biases, or what stands for them, of block `block`; one vector per
  /// matrix.
  llvm::SmallVector<mlir::Value> start(mlir::Value block) const;
  /// accs + the products of block `block` with the vector that begins at
  /// element `first` of `memref`.
  llvm::SmallVector<mlir::Value>
  multiply(mlir::Value block, mlir::Value memref, mlir::Value first,
           llvm::SmallVector<mlir::Value> accs) const;
  /// Every value that matrix `i` gives an accumulator, bias included.
  arith::IntRange reachOf(size_t i) const { return reach[i]; }

private:
  void packFloats(llvm::StringRef name, mlir::ValueRange weights,
                  mlir::ValueRange biases);
  void packIntegers(llvm::StringRef name, mlir::ValueRange weights,
                    mlir::ValueRange biases, int64_t zeroPoint);
  template <typename T>
  std::vector<T> pack(const std::vector<std::vector<T>> &values) const;

  LayerEmitter &e;
  DotForm form;
  int64_t count, rows, depth, blocks;
  mlir::Value table, biasTable;
  llvm::SmallVector<arith::IntRange> reach;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_MATRIXVECTOR_H
