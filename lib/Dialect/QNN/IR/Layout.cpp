// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Layouts are fused locations of one part whose metadata are order and shape.

#include "qcc/Dialect/QNN/IR/Layout.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace qcc::qnn {

std::optional<Layout> layoutOf(Location location) {
  auto fused = dyn_cast<FusedLoc>(location);
  auto parts =
      fused ? dyn_cast_or_null<ArrayAttr>(fused.getMetadata()) : nullptr;
  if (!parts || parts.size() != 2)
    return std::nullopt;
  auto order = dyn_cast<DenseI64ArrayAttr>(parts[0]),
       shape = dyn_cast<DenseI64ArrayAttr>(parts[1]);
  if (!order || !shape)
    return std::nullopt;
  return Layout{order, shape};
}

static Location withoutLayout(Location location) {
  if (layoutOf(location))
    return cast<FusedLoc>(location).getLocations().front();
  return location;
}

Location beforeTranspose(Location location, ArrayRef<int64_t> permutation,
                         ArrayRef<int64_t> shape) {
  // Numbers of the axes that count.
  SmallVector<int64_t> numbers, order, transposed;
  int64_t count = 0;
  for (int64_t extent : shape)
    numbers.push_back(extent == 1 ? -1 : count++);
  for (int64_t axis : permutation) {
    transposed.push_back(shape[axis]);
    if (numbers[axis] >= 0)
      order.push_back(numbers[axis]);
  }
  if (std::optional<Layout> behind = layoutOf(location)) {
    // Axes were joined or divided on the way.
    if (behind->order.size() != order.size())
      return withoutTensor(location);
    transposed.assign(behind->shape.begin(), behind->shape.end());
    SmallVector<int64_t> before = order;
    for (auto [axis, to] : llvm::zip(behind->order, order))
      to = before[axis];
  }
  Location plain = withoutLayout(location);
  if (llvm::is_sorted(order))
    return plain;
  Builder b(location.getContext());
  return FusedLoc::get(location.getContext(), {plain},
                       b.getArrayAttr({b.getDenseI64ArrayAttr(order),
                                       b.getDenseI64ArrayAttr(transposed)}));
}

Location withoutTensor(Location location) {
  Location plain = withoutLayout(location);
  if (auto name = dyn_cast<NameLoc>(plain))
    return name.getChildLoc();
  return plain;
}

void renameTensor(Operation *op, Location location) {
  Location old = op->getLoc();
  op->setLoc(location);
  if (old == location || withoutTensor(old) == old)
    return;
  for (Value operand : op->getOperands())
    if (Operation *part = operand.getDefiningOp();
        part && part->getLoc() == old)
      renameTensor(part, withoutTensor(old));
}

} // namespace qcc::qnn
