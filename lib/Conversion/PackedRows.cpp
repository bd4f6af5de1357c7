// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Unpacking and packing of rows around the steps of a kernel. See the header.

#include "PackedRows.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace qcc;
using qnn::typeOf;

static constexpr int64_t kWordBytes = 4;

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

RowWindow::RowWindow(RankedTensorType type, int64_t rows, const Padding &pad)
    : rows(rows) {
  int64_t channels = type.getDimSize(3), width = type.getDimSize(2);
  base = static_cast<int64_t>(llvm::alignTo(pad[2] * channels, kWordBytes));
  pitch = static_cast<int64_t>(
      llvm::alignTo(base + (width + pad[3]) * channels, 8));
}

bool qcc::canPackRows(RankedTensorType type) {
  if (type.getRank() != 4 || type.getDimSize(0) != 1 ||
      type.getNumElements() == 0)
    return false;
  std::optional<qnn::RowCode> code = qnn::rowCodeOf(type);
  int64_t count = type.getDimSize(2) * type.getDimSize(3);
  // The last segment may be shorter than the others, by whole words.
  return code && count % kWordBytes == 0 &&
         (code->segments() - 1) * code->segmentBytes(count) <= count;
}

const RowWalk *qcc::findWalk(const KernelChoice &choice, int64_t input) {
  const RowWalk *walk = llvm::find_if(
      choice.walks, [&](const RowWalk &w) { return w.input == input; });
  return walk == choice.walks.end() ? nullptr : walk;
}

RowWindow qcc::windowOfInput(qnn::LayerOp layer, const KernelChoice &choice,
                             const RowWalk &walk) {
  return RowWindow(typeOf(layer.getInputs()[walk.input]),
                   (walk.rows - 1) * walk.stride + walk.count,
                   choice.inputs[walk.input].padding);
}

RowWindow qcc::windowOfResult(qnn::LayerOp layer, const KernelChoice &choice) {
  return RowWindow(typeOf(layer.getResult(0)), choice.walks[0].rows, {});
}

int64_t qcc::windowsOffset(int64_t kernelScratch) {
  return static_cast<int64_t>(llvm::alignTo(kernelScratch, 8));
}

int64_t qcc::scratchWithWindows(qnn::LayerOp layer, const KernelChoice &choice,
                                int64_t kernelScratch,
                                llvm::function_ref<bool(Value)> isPacked) {
  int64_t windows = 0;
  for (const RowWalk &walk : choice.walks)
    if (walk.input >= 0 &&
        walk.input < static_cast<int64_t>(layer.getInputs().size()) &&
        isPacked(layer.getInputs()[walk.input]))
      windows += windowOfInput(layer, choice, walk).bytes();
  if (!choice.walks.empty() && isPacked(layer.getResult(0)))
    windows += windowOfResult(layer, choice).bytes();
  return windows == 0 ? kernelScratch : windowsOffset(kernelScratch) + windows;
}

/// Of a value: a load or store of four and the arithmetic of each field.
static double cyclesPerValue(RankedTensorType type) {
  return 0.75 +
         0.75 * static_cast<double>(qnn::rowCodeOf(type)->fields().size());
}

double qcc::cyclesToUnpack(qnn::LayerOp layer, const RowWalk &walk) {
  RankedTensorType type = typeOf(layer.getInputs()[walk.input]);
  int64_t rows = (walk.rows - 1) * walk.stride + walk.count;
  double steps = static_cast<double>(typeOf(layer.getResult(0)).getDimSize(1)) /
                 static_cast<double>(walk.rows);
  return steps *
         static_cast<double>(rows * type.getDimSize(2) * type.getDimSize(3)) *
         cyclesPerValue(type);
}

double qcc::cyclesToPack(qnn::LayerOp layer) {
  RankedTensorType type = typeOf(layer.getResult(0));
  return static_cast<double>(type.getNumElements()) * cyclesPerValue(type);
}

//===----------------------------------------------------------------------===//
// PackedRows
//===----------------------------------------------------------------------===//

PackedRows::PackedRows(LayerEmitter &e, TensorView &view,
                       const RowWindow &window, int64_t offset,
                       const RowWalk *walk, const Padding &pad)
    : e(e), window(window), offset(offset),
      unit(e.facts.isa == IsaFamily::Generic ? 1 : kWordBytes),
      code(*qnn::rowCodeOf(view.type)),
      count(view.shape()[2] * view.shape()[3]), height(view.shape()[1]),
      rowBytes(code.rowBytes(count)), segment(code.segmentBytes(count) / unit),
      zero(qnn::zeroPointOf(view.type)),
      hasMargins(llvm::any_of(pad, [](int64_t p) { return p != 0; })),
      packed(view.memref) {
  if (walk)
    this->walk = *walk;
  placeholder =
      UnrealizedConversionCastOp::create(e.b, e.scratch.getType(), e.scratch)
          .getResult(0);
  int64_t channels = view.shape()[3];
  view.memref = placeholder;
  view.strides = {height * window.pitch, window.pitch, channels, 1};
  view.base = offset + window.base;
  // Never dense: rows have gaps, and are not all there at once.
  view.pad.assign(pad.begin(), pad.end());
}

Value PackedRows::inPieces(Value memref) {
  return unit == 1 ? memref : e.viewAs(memref, e.b.getI32Type());
}

Value PackedRows::inBytes(int64_t bits) {
  auto byte = static_cast<uint8_t>(bits);
  if (unit == 1)
    return e.constant(e.b.getI8Type(), static_cast<int8_t>(byte));
  return e.constant(e.b.getI32Type(), static_cast<int32_t>(byte * 0x01010101u));
}

Value PackedRows::masked(Value value, int64_t bits) {
  return arith::AndIOp::create(e.b, value, inBytes(bits));
}

void PackedRows::fillMargins() {
  if (!hasMargins)
    return;
  Value pieces = inPieces(e.scratch), filling = inBytes(zero);
  e.loop(window.bytes() / unit,
         [&](Value i) { e.store(filling, pieces, e.add(i, offset / unit)); });
}

void PackedRows::forPieces(llvm::function_ref<void(Value, int64_t)> body) {
  int64_t groups = code.segments(),
          inLast = count / unit - (groups - 1) * segment;
  e.loop(inLast, [&](Value i) { body(i, groups); });
  e.loop(segment - inLast,
         [&](Value i) { body(e.add(i, inLast), groups - 1); });
}

static Value shifted(LayerEmitter &e, Value value, int64_t left) {
  if (left == 0)
    return value;
  Value by = e.constant(value.getType(), std::abs(left));
  return left > 0 ? Value(arith::ShLIOp::create(e.b, value, by))
                  : Value(arith::ShRUIOp::create(e.b, value, by));
}

static Value joined(LayerEmitter &e, Value a, Value b) {
  return a ? Value(arith::OrIOp::create(e.b, a, b)) : b;
}

/// From piece `from` of the packed tensor to piece `to` of scratch memory.
void PackedRows::unpackRow(Value from, Value to) {
  SmallVector<int64_t, 3> fields = code.fields();
  int64_t smallest = fields.back();
  Value memory = inPieces(packed), pieces = inPieces(e.scratch);
  forPieces([&](Value i, int64_t groups) {
    SmallVector<Value> codes(static_cast<size_t>(groups));
    int64_t place = 0, fieldPieces = 0;
    for (int64_t field : fields) {
      // A segment of this field is so many of the smallest one's.
      int64_t ratio = field / smallest;
      for (int64_t part = 0; part < std::min(ratio, groups); ++part) {
        Value bits = e.load(
            memory, e.add(e.add(from, i), fieldPieces + part * segment), 1);
        for (int64_t g = part; g < groups; g += ratio)
          codes[g] =
              joined(e, codes[g],
                     shifted(e,
                             masked(shifted(e, bits, -field * (g / ratio)),
                                    (1 << field) - 1),
                             place));
      }
      place += field;
      fieldPieces += ratio * segment;
    }
    for (auto [g, value] : llvm::enumerate(codes)) {
      // Added byte by byte without carries: the top bit is an exclusive or.
      if (int64_t low = code.lo & 0x7F)
        value = arith::AddIOp::create(e.b, value, inBytes(low));
      if (code.lo & 0x80)
        value = arith::XOrIOp::create(e.b, value, inBytes(0x80));
      e.store(value, pieces,
              e.add(e.add(to, i), static_cast<int64_t>(g) * segment));
    }
  });
}

/// From piece `from` of scratch memory to piece `to` of the packed tensor.
void PackedRows::packRow(Value from, Value to) {
  SmallVector<int64_t, 3> fields = code.fields();
  int64_t smallest = fields.back(), all = (1 << code.bits) - 1;
  Value memory = inPieces(e.scratch), pieces = inPieces(packed);
  forPieces([&](Value i, int64_t groups) {
    SmallVector<Value> codes;
    for (int64_t g = 0; g < groups; ++g) {
      Value value = e.load(memory, e.add(e.add(from, i), g * segment), 1);
      // Modulo 2^bits: sums of two such numbers leave no byte.
      if (int64_t plus = -code.lo & all)
        value = arith::AddIOp::create(e.b, masked(value, all), inBytes(plus));
      codes.push_back(value);
    }
    int64_t place = 0, fieldPieces = 0;
    for (int64_t field : fields) {
      int64_t ratio = field / smallest;
      for (int64_t part = 0; part < ratio; ++part) {
        Value bits;
        for (int64_t g = part; g < groups; g += ratio)
          bits = joined(
              e, bits,
              shifted(e, masked(shifted(e, codes[g], -place), (1 << field) - 1),
                      field * (g / ratio)));
        // Without any: the rest of the last segment.
        e.store(bits ? bits : inBytes(0), pieces,
                e.add(e.add(to, i), fieldPieces + part * segment));
      }
      place += field;
      fieldPieces += ratio * segment;
    }
  });
}

void PackedRows::unpack(Value first, int64_t perStep) {
  int64_t rows = (perStep - 1) * walk->stride + walk->count;
  int64_t steps =
      static_cast<int64_t>(llvm::divideCeil(e.outputs[0].shape()[1], perStep));
  int64_t behind =
      (steps - 1) * perStep * walk->stride + walk->first + rows - height;
  bool leaves = walk->first < 0 || behind > 0;
  e.loop(rows, [&](Value r) {
    Value y = e.add(e.add(e.mul(first, walk->stride), walk->first), r);
    Value to =
        e.add(e.mul(r, window.pitch / unit), (offset + window.base) / unit);
    auto inside = [&] { unpackRow(e.mul(y, rowBytes / unit), to); };
    if (!leaves)
      return inside();
    e.doIf(arith::CmpIPredicate::ult, y, height, inside);
    e.doIf(arith::CmpIPredicate::uge, y, height, [&] {
      Value pieces = inPieces(e.scratch);
      e.loop(count / unit,
             [&](Value i) { e.store(inBytes(zero), pieces, e.add(to, i)); });
    });
  });
}

void PackedRows::pack(Value first, Value size) {
  e.loop(size, [&](Value r) {
    packRow(e.add(e.mul(r, window.pitch / unit), (offset + window.base) / unit),
            e.mul(e.add(first, r), rowBytes / unit));
  });
}

void PackedRows::redirect(Value first, Operation *start) {
  redirect(placeholder, e.scratch, first, start);
}

void PackedRows::redirect(Value from, Value to, Value first, Operation *start) {
  int64_t size = cast<MemRefType>(from.getType())
                     .getElementType()
                     .getIntOrFloatBitWidth() /
                 8;
  int64_t pitch = window.pitch / size;
  OpBuilder::InsertionGuard guard(e.b);
  for (OpOperand &use : llvm::make_early_inc_range(from.getUses())) {
    Operation *user = use.getOwner();
    e.b.setInsertionPoint(user);
    if (auto cast = dyn_cast<UnrealizedConversionCastOp>(user)) {
      if (pitch == 0 || window.pitch % size || (offset + window.base) % size)
        continue;
      Value view = cast.getResult(0);
      redirect(
          view,
          e.viewAs(to, mlir::cast<MemRefType>(view.getType()).getElementType()),
          first, start);
      if (view.use_empty())
        cast.erase();
      continue;
    }
    Operation *inStep = start->getBlock()->findAncestorOpInBlock(*user);
    MutableOperandRange indices =
        llvm::TypeSwitch<Operation *, MutableOperandRange>(user)
            .Case<memref::LoadOp, memref::StoreOp, vector::LoadOp,
                  vector::StoreOp, memref::PrefetchOp>(
                [](auto op) { return op.getIndicesMutable(); })
            .Default(
                [](Operation *op) { return MutableOperandRange(op, 0, 0); });
    if (!inStep || !start->isBeforeInBlock(inStep) || indices.size() != 1)
      continue;
    Value at = indices[0].get();
    // Row y·stride + first of the tensor is the window's first one.
    int64_t stride = walk ? walk->stride : 1, top = walk ? walk->first : 0;
    at = e.add(e.add(at, e.mul(first, -stride * pitch)), -top * pitch);
    indices[0].set(at);
    use.set(to);
  }
}

void PackedRows::erasePlaceholder() { placeholder.getDefiningOp()->erase(); }
