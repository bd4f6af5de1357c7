// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows over the last axis. See the header.

#include "RowSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <functional>

using namespace mlir;

namespace qcc {

void forEachRow(LayerEmitter &e, const TensorView &in, const TensorView &out,
                llvm::function_ref<void(Value from, Value to)> body) {
  std::function<void(size_t, Value, Value)> nest = [&](size_t axis, Value from,
                                                       Value to) {
    if (axis + 1 >= in.shape().size())
      return body(from, to);
    e.loop(in.shape()[axis], [&](Value iv) {
      nest(axis + 1, e.add(e.mul(iv, in.strides[axis]), from),
           e.add(e.mul(iv, out.strides[axis]), to));
    });
  };
  nest(0, e.index(in.base), e.index(out.base));
}

Value reduceRow(LayerEmitter &e, Value memref, Value from, int64_t count,
                int64_t lanes, vector::CombiningKind kind,
                llvm::function_ref<Value(Value)> prepare,
                llvm::function_ref<Value(Value, Value)> combine) {
  Value total;
  auto take = [&](Value part) { total = total ? combine(total, part) : part; };
  int64_t full = count / lanes;
  if (full > 0 && lanes > 1) {
    Value first = prepare(e.load(memref, from, lanes));
    Value acc =
        e.loop(full - 1, ValueRange{first}, [&](Value iv, ValueRange carried) {
          Value at = e.add(e.add(e.mul(iv, lanes), from), lanes);
          return SmallVector<Value>{
              combine(carried[0], prepare(e.load(memref, at, lanes)))};
        })[0];
    take(vector::ReductionOp::create(e.b, kind, acc));
  }
  int64_t done = lanes > 1 ? full * lanes : 0;
  if (done == count)
    return total;
  if (!total) {
    total = prepare(e.load(memref, e.add(from, done), 1));
    ++done;
  }
  return e.loop(count - done, ValueRange{total},
                [&](Value iv, ValueRange carried) {
                  Value at = e.add(e.add(iv, from), done);
                  return SmallVector<Value>{
                      combine(carried[0], prepare(e.load(memref, at, 1)))};
                })[0];
}

Value emitRowMax(LayerEmitter &e, Value memref, Value from, int64_t count,
                 bool isSigned) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  int64_t lanes = lanesFor(e.facts, element.getIntOrFloatBitWidth() / 8);
  return reduceRow(
      e, memref, from, count, lanes,
      isSigned ? vector::CombiningKind::MAXSI : vector::CombiningKind::MAXUI,
      [](Value x) { return x; },
      [&](Value a, Value b) -> Value {
        if (isSigned)
          return mlir::arith::MaxSIOp::create(e.b, a, b);
        return mlir::arith::MaxUIOp::create(e.b, a, b);
      });
}

} // namespace qcc
