// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PlaneEnds.h"

#include "qcc/Arithmetic/RequantizeForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace qcc {

bool PlaneEnds::fits(ArrayRef<arith::ChannelSpec> channels, Type type) {
  std::optional<qnn::BitCode> code = qnn::bitCodeOf(type);
  if (!code)
    return false;
  auto [lo, hi] = qnn::storageRange(type);
  return hi - lo <= mostCompared * code->unit &&
         llvm::all_of(channels, [](const arith::ChannelSpec &channel) {
           auto steps = arith::StepFunction::of(channel);
           return steps && steps->hi() < INT32_MAX;
         });
}

PlaneEnds::PlaneEnds(LayerEmitter &e, const RequantSpec &spec)
    : e(e), slots(static_cast<int64_t>(spec.size())) {
  Type type = e.outputs[0].type;
  code = *qnn::bitCodeOf(type);
  std::tie(lo, hi) = qnn::storageRange(type);
  std::vector<int32_t> at;
  for (int64_t m = code.unit; m <= hi - lo; m += code.unit)
    for (const std::optional<arith::ChannelSpec> &channel : spec) {
      int32_t always = INT32_MIN, never = INT32_MAX;
      if (!channel) {
        at.push_back(never);
        continue;
      }
      auto function = *arith::StepFunction::of(*channel);
      auto step =
          llvm::find_if(function.getSteps(), [&](const auto &candidate) {
            return candidate.value >= lo + m;
          });
      at.push_back(function.firstValue() >= lo + m     ? always
                   : step == function.getSteps().end() ? never
                                                       : step->at);
    }
  thresholds = e.table("thresholds", ArrayRef<int32_t>(at));
  int64_t zero = qnn::zeroPointOf(type);
  lo -= zero;
  hi -= zero;
}

void PlaneEnds::store(Value accs, Value slot, Value pixel, Value channel) {
  const TensorView &view = e.outputs[0];
  Value word = mlir::arith::DivUIOp::create(e.b, channel, e.index(kWord));
  Value to = e.add(pixel, e.mul(word, view.planes));
  int64_t lanes = e.lanesIn(accs.getType());
  auto reaches = [&](int64_t m) -> Value {
    Value at = e.load(thresholds, e.add(slot, (m / code.unit - 1) * slots),
                      lanes, lanes * 4);
    return mlir::arith::CmpIOp::create(e.b, mlir::arith::CmpIPredicate::sge,
                                       accs, at);
  };
  for (auto [n, plane] : llvm::enumerate(planesFrom(e, code, lo, hi, reaches)))
    e.store(wordVectorOf(e, plane), view.memref,
            e.add(to, static_cast<int64_t>(n)));
}

int64_t PlaneRows::scratchBytes(Type type) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
  return shape[2] * shape[3];
}

PlaneRows::PlaneRows(LayerEmitter &e) : e(e), result(e.outputs[0]) {
  TensorView &row = e.outputs[0];
  row.memref = e.scratch;
  row.strides = {0, 0, result.shape()[3], 1};
  // Behind what the kernel wants for itself.
  row.base = e.getChoice().scratchBytes;
  row.planes = 0;
  row.pad.clear();
}

void PlaneRows::emit(function_ref<void(Value n, Value y)> emitRow) {
  TensorView row = e.outputs[0], to = result;
  ArrayRef<int64_t> shape = result.shape();
  row.type = to.type = qnn::withShape(result.type, {1, 1, shape[2], shape[3]});
  // Steps of rows and their borders are the result's.
  std::swap(e.outputs[0], result);
  auto emitAndPack = [&](Value n, Value y) {
    std::swap(e.outputs[0], result);
    emitRow(n, y);
    std::swap(e.outputs[0], result);
    packPlanes(e, row, to, e.index(0),
               e.add(e.mul(n, to.strides[0]), e.mul(y, to.strides[1])));
  };
  if (!e.getChoice().walks.empty())
    return e.forEachStep(shape[1], 1, [&](Value first, Value) {
      emitAndPack(e.index(0), first);
    });
  e.loop(shape[0], [&](Value n) {
    e.loop(shape[1], [&](Value y) { emitAndPack(n, y); });
  });
}

} // namespace qcc
