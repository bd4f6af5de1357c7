// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Weights in memory as a dot form loads them: as they are multiplied, or packed
// at 1 to 7 bits and unpacked in registers. A code's bits lie in planes of 4, 2
// and 1 bit (5 bits are 4 + 1), so that every instruction set unpacks with
// shifts and masks alone: register i of a plane of p bits holds, in bits j·p of
// each byte, step i · 8/p + j. Where codes are one plane and a place in the
// byte belongs to one accumulator, codes may also be multiplied where they are,
// by a power of two too much; or they are shifted to the lowest bits of
// whatever is multiplied.
// Of at most 16 values that are far apart, as powers of two are, codes are
// numbers, and what they stand for is looked up in a register.

#ifndef QCC_LIB_CONVERSION_KERNELS_WEIGHTTABLE_H
#define QCC_LIB_CONVERSION_KERNELS_WEIGHTTABLE_H

#include "qcc/Arithmetic/WeightCodes.h"
#include "qcc/Conversion/LayerEmitter.h"

#include <array>
#include <optional>

namespace qcc {

struct MacLayer;

/// What of packed weights is multiplied.
enum class CodeUse {
  /// The values that codes stand for.
  Values,
  /// Codes from 0 on: what values are above them goes with the sum of
  /// activations.
  Codes,
  /// The same where they lie in a byte, as numbers with a sign in its highest
  /// place.
  InPlace
};

/// How the weights of a layer, less their zero points, become codes of few bits
/// and steps: weight = steps[channel] · (first + (code << shift)).
class WeightPacking {
public:
  /// What `mac`'s weights allow; nothing where they take 8 bits. `needsZero`:
  /// 0 has to be a value, too. `mayLookUp`: codes may be numbers of values
  /// where that saves bits.
  static std::optional<WeightPacking> find(const MacLayer &mac, bool needsZero,
                                           bool mayLookUp = false);

  int64_t bits() const { return codeBits; }
  /// The same values with codes of `bits`, which are as many or more.
  WeightPacking withBits(int64_t bits) const;
  /// Steps of a dot form that are packed together.
  int64_t stepsPerUnit() const { return 8 / planes.back(); }
  int64_t stepOf(int64_t channel) const { return codes.steps[channel]; }
  /// Of a channel's weights less their zero points.
  int64_t valueOf(int64_t channel, int64_t weight) const {
    return weight / codes.steps[channel];
  }
  /// The code of a value; the value of code 0.
  int64_t codeOf(int64_t value) const {
    return looksUp ? static_cast<int64_t>(
                         codes.indexOf(static_cast<int32_t>(value)))
                   : (value - first) >> shift;
  }
  int64_t firstValue() const { return first; }
  /// What a value grows by with its code.
  int64_t perCode() const { return int64_t(1) << shift; }
  /// The greatest magnitude of a value.
  int64_t greatest() const {
    return std::max(std::abs(int64_t(codes.codebook.front())),
                    std::abs(int64_t(codes.codebook.back())));
  }
  /// Sums of values are to be multiplied.
  bool hasSteps() const { return !codes.isPlain(); }
  int64_t planeCount() const { return static_cast<int64_t>(planes.size()); }
  /// Instructions that unpack one register.
  int64_t operations() const;

  /// Whether codes can be multiplied where they lie, for `vectors` accumulators
  /// and sums of `depth` products.
  bool mayStayInPlace(int64_t vectors, int64_t depth) const {
    return !looksUp && planes.size() == 1 && vectors % stepsPerUnit() == 0 &&
           depth <= (1 << 16) - 1024;
  }
  /// The sum of codes of vector `vector` is 2^place · Σ code · x, and that of
  /// values is perCode() · Σ code · x + offset · Σ x.
  int64_t placeOf(int64_t vector, CodeUse use) const {
    return use == CodeUse::InPlace ? vector % stepsPerUnit() * planes[0] : 0;
  }
  int64_t offsetOf(int64_t vector, CodeUse use) const {
    bool isSigned = use == CodeUse::InPlace && isHighest(vector);
    return first + (isSigned ? highestBit() << shift : 0);
  }

  /// Bytes of `weights` of them, which are whole units.
  int64_t bytesOf(int64_t weights) const { return weights * codeBits / 8; }
  /// Appends the packed `values` (whole units of steps of `perStep`) to
  /// `bytes`. What is no value may become any.
  void pack(llvm::ArrayRef<int16_t> values, int64_t perStep, CodeUse use,
            std::vector<int8_t> &bytes) const;

  /// The values of step `step` of the unit at element `base` of a table of
  /// bytes: `perStep` bytes, or as many in an i32.
  mlir::Value unpack(LayerEmitter &e, mlir::Value memref, mlir::Value base,
                     int64_t step, int64_t perStep, bool asWord,
                     CodeUse use) const;
  /// Of the codes of step `step` of the unit at `base`, a word of four bytes:
  /// those of bytes 0 and 2 in the halves of an i32, then those of 1 and 3.
  std::array<mlir::Value, 2> unpackPairs(LayerEmitter &e, mlir::Value memref,
                                         mlir::Value base, int64_t step) const;

private:
  bool isHighest(int64_t step) const {
    return step % stepsPerUnit() == stepsPerUnit() - 1;
  }
  int64_t highestBit() const { return int64_t(1) << (codeBits - 1); }

  arith::WeightCodes codes;
  int64_t codeBits = 8, first = 0, shift = 0;
  bool looksUp = false;
  llvm::SmallVector<int64_t, 3> planes;
};

/// Where weights are: `number` of them behind element `base` of a table, at
/// which a unit begins if they are packed.
struct WeightPlace {
  mlir::Value base;
  int64_t number = 0;

  WeightPlace(mlir::Value base, int64_t number = 0)
      : base(base), number(number) {}
  WeightPlace operator+(int64_t weights) const {
    return {base, number + weights};
  }
};

class WeightTable {
public:
  /// Weights as they are.
  WeightTable(mlir::Value memref = {}) : memref(memref) {}
  /// Packed in steps of `perStep`, of `bits` once they are unpacked.
  WeightTable(mlir::Value memref, const WeightPacking &packing, int64_t perStep,
              int64_t bits, CodeUse use)
      : memref(memref), packing(&packing), perStep(perStep), bits(bits),
        use(use) {}

  /// Whether codes are to be multiplied that may lie anywhere in registers.
  bool hasCodes() const { return use == CodeUse::Codes; }

  /// The same, asked for before they are loaded.
  WeightTable ahead() const {
    WeightTable table = *this;
    table.bytesAhead = 2048;
    return table;
  }

  /// Asks for the line with element `base + elements`, which may lie beyond
  /// the table's end; `locality`: 3 for the first-level cache, 2 for the
  /// second.
  void prefetch(LayerEmitter &e, mlir::Value base, int64_t elements,
                unsigned locality) const;

  int64_t stepsPerUnit() const { return packing ? packing->stepsPerUnit() : 1; }
  /// Elements of the table that `weights` take, which are whole units.
  int64_t elementsOf(int64_t weights) const {
    return packing ? packing->bytesOf(weights) : weights;
  }
  /// `count` weights from `at` on, all of one step. `align`: known bytes of
  /// those that are as they are.
  mlir::Value load(LayerEmitter &e, WeightPlace at, int64_t count,
                   int64_t align) const;
  /// Writes `count` weights from element `first` on, which are whole units, to
  /// the beginning of `to`, as they are multiplied.
  void unpackTo(LayerEmitter &e, mlir::Value to, mlir::Value first,
                int64_t count) const;
  /// Four weights as an i32.
  mlir::Value loadWord(LayerEmitter &e, WeightPlace at) const;
  /// Four codes by twos: 0 and 2, then 1 and 3, as halves of an i32.
  std::array<mlir::Value, 2> loadCodePairs(LayerEmitter &e,
                                           WeightPlace at) const;
  /// Two weights of 16 bits as an i32.
  mlir::Value loadPair(LayerEmitter &e, WeightPlace at) const;

private:
  mlir::Value memref;
  const WeightPacking *packing = nullptr;
  int64_t perStep = 1, bits = 8, bytesAhead = 0;
  CodeUse use = CodeUse::Values;
};

} // namespace qcc

#endif // QCC_LIB_CONVERSION_KERNELS_WEIGHTTABLE_H
