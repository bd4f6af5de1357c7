// RUN: %qcc-opt "--pass-pipeline=builtin.module(convert-qnn-to-loops{name=net part-cycles=100},canonicalize,cse)" %s | FileCheck %s
// RUN: %qcc-opt "--pass-pipeline=builtin.module(convert-qnn-to-loops{name=net},canonicalize,cse)" %s | FileCheck %s --check-prefix=SMALL
// RUN: sed 's/threads = 2/threads = 40/' %s | not %qcc-opt --convert-qnn-to-loops 2>&1 | FileCheck %s --check-prefix=MANY

// Eight rows are four for each part; the border goes with them: its top with the first part, its bottom with the last.
// CHECK-LABEL: func.func private @net.add(
// CHECK-SAME:    !llvm.ptr {qnn.parallel}
// CHECK:         scf.parallel (%[[FIRST:.*]]) = (%{{.*}}) to (%c2) step (%c1)
// CHECK:         %[[END:.*]] = qnn.share_end %[[FIRST]]
// CHECK:         arith.cmpi eq, %[[FIRST]], %c0
// CHECK:         scf.if
// CHECK:         arith.cmpi eq, %[[END]], %c2
// CHECK:         scf.if
// CHECK-DAG:     %[[BEGIN:.*]] = arith.muli %[[FIRST]], %c4
// CHECK-DAG:     %[[STOP:.*]] = arith.muli %[[END]], %c4
// CHECK:         scf.for %{{.*}} = %[[BEGIN]] to %[[STOP]]
// Much work is divided into more shares than threads, so that those who are done can take from others.
// CHECK-LABEL: func.func private @net.much(
// CHECK:         scf.parallel (%{{.*}}) = (%{{.*}}) to (%c8) step (%c1)
// A layer of little work is whole, and takes no parallel-for.
// CHECK-LABEL: func.func private @net.small(
// CHECK-NOT:     !llvm.ptr
// CHECK-NOT:     scf.parallel
// CHECK-LABEL: func.func @net_run(
// CHECK-SAME:    %[[PARALLEL:[a-z0-9]+]]: !llvm.ptr {qnn.parallel})
// CHECK:         call @net.add({{.*}}, %[[PARALLEL]])
// CHECK:         call @net.small(%{{[^,]*}}, %{{[^,]*}}) :

// SMALL-LABEL: func.func private @net.add(
// SMALL-NOT:   scf.parallel
// SMALL-LABEL: func.func private @net.much(

// MANY: error: 'qnn.target' has 'threads' = 40 : i64, expected 1 to 32
module attributes {qnn.target = {isa = "x86", vector_bits = 128 : i64, vector_registers = 16 : i64, scalar_registers = 14 : i64,
    index_bits = 64 : i64, threads = 2 : i64}} {
  func.func @main(%x: tensor<1x8x8x16xi8> {qnn.buffer = #qnn.buffer<input, 0, 0>}) -> tensor<1x8x8x16xi8>
      attributes {qnn.arena_bytes = 1600 : i64} {
    %0 = qnn.layer "add" (%a = %x) attributes {buffers = [#qnn.buffer<arena, 0, 0, [1, 1, 1, 1]>],
        kernel = #qnn.kernel<"add.plain", {cycles = 1000 : i64}>} : (tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8> {
      %y = qnn.add %a, %a : (tensor<1x8x8x16xi8>, tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
      qnn.yield %y : tensor<1x8x8x16xi8>
    }
    %m = qnn.layer "much" (%a = %0) attributes {buffers = [#qnn.buffer<arena, 0, 0, [1, 1, 1, 1]>],
        kernel = #qnn.kernel<"add.plain", {cycles = 40000 : i64}>} : (tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8> {
      %y = qnn.add %a, %a : (tensor<1x8x8x16xi8>, tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
      qnn.yield %y : tensor<1x8x8x16xi8>
    }
    %1 = qnn.layer "small" (%a = %m) attributes {buffers = [#qnn.buffer<output, 0, 0>],
        kernel = #qnn.kernel<"add.plain", {cycles = 150 : i64}>} : (tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8> {
      %y = qnn.add %a, %a : (tensor<1x8x8x16xi8>, tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
      qnn.yield %y : tensor<1x8x8x16xi8>
    }
    return %1 : tensor<1x8x8x16xi8>
  }
}
