// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The emission helpers of kernels. See the header.

#include "qcc/Conversion/LayerEmitter.h"

#include "PackedRows.h"

#include "qcc/Dialect/QNN/IR/Quantization.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/SaveAndRestore.h"
#include <numeric>

using namespace mlir;
using namespace qcc;

LayerEmitter::LayerEmitter(OpBuilder &builder, qnn::LayerOp layer,
                           const TargetFacts &facts, ModuleOp module,
                           StringRef symbol)
    : b(layer.getLoc(), builder), facts(facts), layer(layer), module(module),
      symbol(symbol) {}

int64_t LayerEmitter::getConfig(StringRef name) {
  return cast<IntegerAttr>(layer.getKernel()->getConfig().get(name)).getInt();
}

bool LayerEmitter::hasConfig(StringRef name) {
  return layer.getKernel()->getConfig().contains(name);
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Value LayerEmitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

Value LayerEmitter::constant(Type type, int64_t value) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(
               vector, b.getIntegerAttr(vector.getElementType(), value)));
  return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
}

Value LayerEmitter::constantFloat(Type type, double value) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(
               vector, b.getFloatAttr(vector.getElementType(), value)));
  return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
}

Value LayerEmitter::table(StringRef suffix, DenseElementsAttr values) {
  auto type =
      MemRefType::get({values.getNumElements()}, values.getElementType());
  std::string name = (symbol + "." + suffix).str();
  if (auto existing = module.lookupSymbol<memref::GlobalOp>(name); !existing) {
    OpBuilder::InsertionGuard guard(b);
    // Behind those of the layers before: what is read next lies next.
    b.setInsertionPoint(
        b.getBlock()->getParent()->getParentOfType<FunctionOpInterface>());
    auto flat = values.reshape(RankedTensorType::get({values.getNumElements()},
                                                     values.getElementType()));
    memref::GlobalOp::create(b, name, b.getStringAttr("private"), type, flat,
                             /*constant=*/true, b.getI64IntegerAttr(64));
  }
  return memref::GetGlobalOp::create(b, type, name);
}

template <typename T>
Value LayerEmitter::table(StringRef suffix, ArrayRef<T> values) {
  Type element = std::is_same_v<T, float> ? Type(b.getF32Type())
                 : std::is_same_v<T, double>
                     ? Type(b.getF64Type())
                     : Type(b.getIntegerType(sizeof(T) * 8));
  auto type =
      RankedTensorType::get({static_cast<int64_t>(values.size())}, element);
  return table(suffix, DenseElementsAttr::get(type, values));
}
template Value LayerEmitter::table(StringRef, ArrayRef<int8_t>);
template Value LayerEmitter::table(StringRef, ArrayRef<uint8_t>);
template Value LayerEmitter::table(StringRef, ArrayRef<int16_t>);
template Value LayerEmitter::table(StringRef, ArrayRef<int32_t>);
template Value LayerEmitter::table(StringRef, ArrayRef<int64_t>);
template Value LayerEmitter::table(StringRef, ArrayRef<float>);
template Value LayerEmitter::table(StringRef, ArrayRef<double>);

//===----------------------------------------------------------------------===//
// Index arithmetic
//===----------------------------------------------------------------------===//

Value LayerEmitter::add(Value lhs, Value rhs) {
  APInt value;
  if (matchPattern(rhs, m_ConstantInt(&value)))
    return add(lhs, value.getSExtValue());
  if (matchPattern(lhs, m_ConstantInt(&value)))
    return add(rhs, value.getSExtValue());
  return arith::AddIOp::create(b, lhs, rhs);
}

Value LayerEmitter::add(Value lhs, int64_t rhs) {
  APInt value;
  if (matchPattern(lhs, m_ConstantInt(&value)))
    return index(value.getSExtValue() + rhs);
  return rhs == 0 ? lhs : Value(arith::AddIOp::create(b, lhs, index(rhs)));
}

Value LayerEmitter::mul(Value lhs, int64_t rhs) {
  APInt value;
  if (matchPattern(lhs, m_ConstantInt(&value)))
    return index(value.getSExtValue() * rhs);
  return rhs == 1 ? lhs : Value(arith::MulIOp::create(b, lhs, index(rhs)));
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Type LayerEmitter::lanesOf(Type element, int64_t lanes) {
  return lanes == 1 ? element : Type(VectorType::get({lanes}, element));
}

int64_t LayerEmitter::lanesIn(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.getNumElements() : 1;
}

Type LayerEmitter::withElement(Type type, Type element) {
  return lanesOf(element, lanesIn(type));
}

Value LayerEmitter::load(Value memref, Value offset, int64_t lanes,
                         int64_t align) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  if (lanes == 1)
    return memref::LoadOp::create(b, memref, offset);
  auto op = vector::LoadOp::create(b, VectorType::get({lanes}, element), memref,
                                   offset);
  int64_t natural = element.getIntOrFloatBitWidth() / 8;
  op->setAttr("alignment", b.getI64IntegerAttr(std::max(align, natural)));
  return op;
}

void LayerEmitter::store(Value value, Value memref, Value offset) {
  storesInAllParts |= isUndivided();
  if (!isa<VectorType>(value.getType())) {
    memref::StoreOp::create(b, value, memref, offset);
    return;
  }
  auto op = vector::StoreOp::create(b, value, memref, offset);
  op->setAttr(
      "alignment",
      b.getI64IntegerAttr(
          getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth() / 8));
}

Value LayerEmitter::viewAs(Value memref, Type element) {
  auto from = cast<MemRefType>(memref.getType());
  int64_t bits =
      from.getNumElements() * from.getElementType().getIntOrFloatBitWidth();
  // Both are pointers in the end, and the cast is nothing.
  return UnrealizedConversionCastOp::create(
             b,
             MemRefType::get({bits / element.getIntOrFloatBitWidth()}, element),
             memref)
      .getResult(0);
}

Value LayerEmitter::hide(Value index) {
  Type ofRegister = b.getIntegerType(facts.indexBits);
  Value number = arith::IndexCastOp::create(b, ofRegister, index);
  auto nothing = LLVM::InlineAsmOp::create(
      b, ofRegister, number, /*asm_string=*/"", /*constraints=*/"=r,0",
      /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::TailCallKind::None, /*asm_dialect=*/nullptr,
      /*operand_attrs=*/nullptr);
  return arith::IndexCastOp::create(b, b.getIndexType(), nothing.getRes());
}

SmallVector<Value> LayerEmitter::settle(ArrayRef<Value> values) {
  if (facts.isa == IsaFamily::Generic || values.size() < 2)
    return SmallVector<Value>(values);
  std::string results, operands;
  for (size_t i = 0; i < values.size(); ++i) {
    results += i ? ",=r" : "=r";
    operands += "," + std::to_string(i);
  }
  SmallVector<Type> types;
  for (Value value : values)
    types.push_back(value.getType());
  auto nothing = LLVM::InlineAsmOp::create(
      b, LLVM::LLVMStructType::getLiteral(b.getContext(), types), values,
      /*asm_string=*/"", results + operands,
      /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::TailCallKind::None, /*asm_dialect=*/nullptr,
      /*operand_attrs=*/nullptr);
  SmallVector<Value> settled;
  for (int64_t i = 0; i < static_cast<int64_t>(values.size()); ++i)
    settled.push_back(LLVM::ExtractValueOp::create(b, nothing.getRes(), i));
  return settled;
}

Value LayerEmitter::splat(Value scalar, int64_t lanes) {
  return lanes == 1
             ? scalar
             : Value(vector::BroadcastOp::create(
                   b, VectorType::get({lanes}, scalar.getType()), scalar));
}

Value LayerEmitter::concat(ArrayRef<Value> vectors) {
  if (vectors.size() == 1)
    return vectors.front();
  size_t half = vectors.size() / 2;
  Value low = concat(vectors.take_front(half)),
        high = concat(vectors.drop_front(half));
  return vector::ShuffleOp::create(
      b, low, high,
      llvm::to_vector(llvm::seq<int64_t>(0, 2 * lanesIn(low.getType()))));
}

Value LayerEmitter::firstLanes(Value vector, int64_t lanes) {
  int64_t have = lanesIn(vector.getType());
  if (have == lanes)
    return vector;
  if (lanes == 1)
    return vector::ExtractOp::create(b, vector, ArrayRef<int64_t>{0});
  // A shuffle has a direct lowering; a strided slice does not.
  return vector::ShuffleOp::create(
      b, vector, vector, llvm::to_vector(llvm::seq<int64_t>(0, lanes)));
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value LayerEmitter::extend(Value value, Type element, bool isSigned) {
  Type type = withElement(value.getType(), element);
  if (type == value.getType())
    return value;
  if (isSigned)
    return arith::ExtSIOp::create(b, type, value);
  return arith::ExtUIOp::create(b, type, value);
}

Value LayerEmitter::clampAndNarrow(Value value, int64_t lo, int64_t hi,
                                   Type element) {
  value = arith::MaxSIOp::create(b, value, constant(value.getType(), lo));
  value = arith::MinSIOp::create(b, value, constant(value.getType(), hi));
  Type type = withElement(value.getType(), element);
  return type == value.getType()
             ? value
             : Value(arith::TruncIOp::create(b, type, value));
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

SmallVector<Value> LayerEmitter::loop(int64_t count, ValueRange init,
                                      LoopBody body, bool unroll) {
  if (unroll || count <= 1) {
    SmallVector<Value> carried(init);
    for (int64_t i = 0; i < count; ++i)
      carried = body(index(i), carried);
    return carried;
  }
  return loop(index(0), index(count), init, body);
}

SmallVector<Value> LayerEmitter::loop(Value first, Value end, ValueRange init,
                                      LoopBody body) {
  auto op = scf::ForOp::create(b, first, end, index(1), init,
                               [](OpBuilder &, Location, Value, ValueRange) {});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(op.getBody());
  SmallVector<Value> next = body(op.getInductionVar(), op.getRegionIterArgs());
  scf::YieldOp::create(b, next);
  return SmallVector<Value>(op.getResults());
}

void LayerEmitter::loop(int64_t count, function_ref<void(Value)> body,
                        bool unroll) {
  loop(
      count, ValueRange(),
      [&](Value iv, ValueRange) {
        body(iv);
        return SmallVector<Value>();
      },
      unroll);
}

void LayerEmitter::loop(Value count, function_ref<void(Value)> body) {
  APInt known;
  if (matchPattern(count, m_ConstantInt(&known)))
    return loop(known.getSExtValue(), body);
  auto op = scf::ForOp::create(b, index(0), count, index(1), ValueRange());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  body(op.getInductionVar());
}

void LayerEmitter::doIf(arith::CmpIPredicate predicate, Value lhs, int64_t rhs,
                        function_ref<void()> body) {
  auto holds = arith::CmpIOp::create(b, predicate, lhs, index(rhs));
  auto op = scf::IfOp::create(b, holds, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.thenBlock());
  body();
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

void LayerEmitter::inParallel(function_ref<void()> body, Division division) {
  if (parts <= 1)
    return body();
  // Shares without an iteration would only be calls.
  while (division.iterations > 0 && shares > parts &&
         shares > division.iterations)
    shares /= 2;
  auto op = scf::ParallelOp::create(
      b, ValueRange{index(0)}, ValueRange{index(shares)}, ValueRange{index(1)});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  Value first = op.getInductionVars()[0];
  llvm::SaveAndRestore insideFrom(firstShare, first);
  llvm::SaveAndRestore insideTo(
      endShare, Value(qnn::ShareEndOp::create(b, b.getIndexType(), first)));
  finishBorders(division);
  body();
}

Value LayerEmitter::beginOfShare(Value share, int64_t count) {
  // ⌈share · count / shares⌉
  int64_t common = std::gcd(count, shares);
  int64_t factor = count / common, divisor = shares / common;
  Value scaled = mul(share, factor);
  return divisor == 1 ? scaled
                      : Value(arith::DivUIOp::create(
                            b, add(scaled, divisor - 1), index(divisor)));
}

void LayerEmitter::splitLoop(int64_t count, function_ref<void(Value)> body) {
  if (!isUndivided() || count < parts)
    return loop(count, body);
  auto op =
      scf::ForOp::create(b, beginOfShare(firstShare, count),
                         beginOfShare(endShare, count), index(1), ValueRange());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  llvm::SaveAndRestore inside(firstShare, Value());
  body(op.getInductionVar());
}

void LayerEmitter::once(function_ref<void()> body, bool inFirst) {
  if (!isUndivided())
    return body();
  Value share = inFirst ? firstShare : endShare;
  llvm::SaveAndRestore inside(firstShare, Value());
  doIf(arith::CmpIPredicate::eq, share, inFirst ? 0 : shares, body);
}

void LayerEmitter::prefetch(const TensorView &view, Value offset,
                            int64_t bytes) {
  constexpr int64_t lineBytes = 64;
  int64_t size = view.planes > 0 ? 4 : qnn::bytesPerElement(view.type);
  auto lines = static_cast<int64_t>(llvm::divideCeil(bytes, lineBytes));
  auto ask = [&] {
    loop(lines, [&](Value i) {
      memref::PrefetchOp::create(
          b, view.memref, ValueRange{add(mul(i, lineBytes / size), offset)},
          /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
    });
  };
  if (!isUndivided())
    return ask();
  Value taken = arith::SubIOp::create(b, endShare, firstShare);
  doIf(arith::CmpIPredicate::ugt, mul(taken, 2 * parts), shares, ask);
}

bool LayerEmitter::splitsOuter(int64_t outer, int64_t inner) const {
  // The greatest share of the work that one part has.
  auto share = [&](int64_t count) {
    return static_cast<double>(
               llvm::divideCeil(static_cast<uint64_t>(count), parts)) /
           static_cast<double>(count);
  };
  return parts > 1 && share(outer) * 1.3 < share(inner);
}

//===----------------------------------------------------------------------===//
// Loops over tensors
//===----------------------------------------------------------------------===//

void LayerEmitter::forEachRun(
    ArrayRef<const TensorView *> views,
    function_ref<void(ArrayRef<Value>, int64_t)> body) {
  ArrayRef<int64_t> shape = views.front()->shape();
  // Innermost axes that are contiguous in every view form the run; the others
  // become loops.
  int64_t run = 1;
  int64_t outer = static_cast<int64_t>(shape.size());
  // Rows of a result that lies over an input stay apart.
  int64_t least = isRowWise ? 2 : 0;
  while (outer > least && llvm::all_of(views, [&](const TensorView *view) {
           return view->strides[outer - 1] == run || shape[outer - 1] == 1;
         })) {
    --outer;
    run *= shape[outer];
  }
  SmallVector<Value> offsets;
  for (const TensorView *view : views)
    offsets.push_back(index(view->base));
  std::function<void(int64_t, SmallVector<Value>)> nest =
      [&](int64_t axis, SmallVector<Value> at) {
        if (axis == outer)
          return body(at, run);
        auto each = [&](Value iv) {
          SmallVector<Value> inner;
          for (auto [view, offset] : llvm::zip(views, at))
            inner.push_back(add(mul(iv, view->strides[axis]), offset));
          nest(axis + 1, inner);
        };
        if (isRowWise && axis == 1)
          forEachRow(shape[axis], each);
        else
          splitLoop(shape[axis], each);
      };
  nest(0, offsets);
}

void LayerEmitter::forEachVector(int64_t count, int64_t lanes,
                                 function_ref<void(Value, int64_t)> body,
                                 bool isDivided) {
  auto at = [&](Value offset, int64_t width) {
    if (!isDivided)
      return body(offset, width);
    once([&] { body(offset, width); });
  };
  auto each = [&](Value iv) { at(mul(iv, lanes), lanes); };
  int64_t full = count / lanes;
  isDivided ? splitLoop(full, each) : loop(full, each);
  int64_t done = full * lanes;
  for (int64_t width = lanes / 2; width >= 1; width /= 2)
    if (count - done >= width) {
      at(index(done), width);
      done += width;
    }
}

void LayerEmitter::forEachRow(int64_t count, function_ref<void(Value)> body) {
  forEachStep(count, 1, [&](Value first, Value) { body(first); });
}

void LayerEmitter::forEachStep(int64_t count, int64_t perStep,
                               function_ref<void(Value, Value)> body) {
  const TensorView &view = outputs[0];
  bool hasBorder = isRowWise && !view.pad.empty();
  int64_t row = 0, left = 0, right = 0, start = 0;
  if (hasBorder) {
    row = view.strides[1];
    left = view.pad[2] * view.strides[2];
    right = view.pad[3] * view.strides[2];
    start = view.base - left;
  }
  // Each side of the border when no input lies there any more.
  auto above = [&] {
    if (hasBorder)
      fillSpare(view, index(start - view.pad[0] * row), view.pad[0] * row);
  };
  auto below = [&] {
    if (hasBorder)
      fillSpare(view, index(start + count * row), view.pad[1] * row);
  };
  isDescending ? below() : above();
  for (const auto &rows : packedInputs)
    rows->fillMargins();
  auto steps = static_cast<int64_t>(
      llvm::divideCeil(count, static_cast<uint64_t>(perStep)));
  Value last = isDescending && steps > 1 ? opaqueIndex(steps - 1) : Value();
  loop(steps, [&](Value iv) {
    Value first = mul(last ? add(mul(iv, -1), last) : iv, perStep);
    Value size = index(std::min(perStep, count));
    if (steps > 1 && count % perStep != 0)
      size = arith::MinSIOp::create(b, size, add(mul(first, -1), count));
    for (const auto &rows : packedInputs)
      rows->unpack(first, perStep);
    Operation *begin = arith::ConstantIndexOp::create(b, 0);
    body(first, size);
    for (const auto &rows : packedInputs)
      rows->redirect(first, begin);
    if (packedResult) {
      packedResult->redirect(first, begin);
      packedResult->pack(first, size);
    }
    if (hasBorder && left + right > 0)
      loop(size, [&](Value y) {
        Value from = add(mul(add(first, y), row), start);
        fillSpare(view, from, left);
        fillSpare(view, add(from, row - right), right);
      });
  });
  isDescending ? above() : below();
}

Value LayerEmitter::opaqueIndex(int64_t value) {
  if (facts.isa == IsaFamily::Generic)
    return index(value);
  Type type = b.getIntegerType(facts.indexBits);
  auto hidden = LLVM::InlineAsmOp::create(
      b, type, ValueRange(constant(type, value)),
      /*asm_string=*/"", /*constraints=*/"=r,0",
      /*has_side_effects=*/false,
      /*is_align_stack=*/false, LLVM::tailcallkind::TailCallKind::None,
      LLVM::AsmDialectAttr(), ArrayAttr());
  return arith::IndexCastOp::create(b, b.getIndexType(), hidden.getResult(0));
}

void LayerEmitter::fillSpare(const TensorView &view, Value offset,
                             int64_t count) {
  Type element = cast<MemRefType>(view.memref.getType()).getElementType();
  int64_t zero = view.planes > 0 ? 0 : qnn::zeroPointOf(view.type);
  int64_t lanes = std::max<int64_t>(1, facts.vectorBytes() * 8 /
                                           element.getIntOrFloatBitWidth());
  forEachVector(count, lanes, [&](Value at, int64_t width) {
    Type type = lanesOf(element, width);
    Value value =
        isa<FloatType>(element) ? constantFloat(type, 0) : constant(type, zero);
    store(value, view.memref, add(offset, at));
  });
}

void LayerEmitter::fillBorders() {
  if (isRowWise)
    return;
  owesBorders = true;
  if (parts == 1)
    finishBorders();
}

void LayerEmitter::finishBorders(Division division) {
  if (!std::exchange(owesBorders, false))
    return;
  for (const TensorView &view : outputs) {
    if (view.pad.empty() ||
        llvm::all_of(view.pad, [](int64_t p) { return p == 0; }))
      continue;
    int64_t width = view.planes > 0 ? 0 : division.channelsPerIteration;
    if (!isUndivided() || width == 0) {
      fillBorder(view, Value(), 0);
      continue;
    }
    splitLoop(division.iterations,
              [&](Value i) { fillBorder(view, mul(i, width), width); });
    if (int64_t done = division.iterations * width; done < view.strides[2])
      once([&] { fillBorder(view, index(done), view.strides[2] - done); });
  }
}

void LayerEmitter::fillBorder(const TensorView &view, Value channel,
                              int64_t width) {
  auto fill = [&](Value offset, int64_t count) {
    if (!channel)
      return fillSpare(view, offset, count);
    loop(count / view.strides[2], [&](Value x) {
      fillSpare(view, add(add(offset, mul(x, view.strides[2])), channel),
                width);
    });
  };
  ArrayRef<int64_t> shape = view.shape();
  int64_t row = view.strides[1], pixel = view.strides[2];
  int64_t top = view.pad[0], bottom = view.pad[1], left = view.pad[2],
          right = view.pad[3];
  loop(shape[0], [&](Value n) {
    Value image =
        add(mul(n, view.strides[0]), view.base - top * row - left * pixel);
    // Above (with the left margin of the first row), between rows (right margin
    // and next left margin), below.
    once([&] { fill(image, top * row + left * pixel); }, /*inFirst=*/true);
    if (left + right > 0)
      splitLoop(shape[1] - 1, [&](Value y) {
        once([&] {
          fill(add(add(image, (top * row) + (left + shape[2]) * pixel),
                   mul(y, row)),
               (left + right) * pixel);
        });
      });
    once([&] {
      fill(add(image, (top + shape[1] - 1) * row + (left + shape[2]) * pixel),
           right * pixel + bottom * row);
    });
  });
}
