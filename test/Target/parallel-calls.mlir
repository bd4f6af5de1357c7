// RUN: %qcc-opt --qcc-outline-parallel --split-input-file --verify-diagnostics %s | FileCheck %s
// RUN: %qcc-opt --qcc-outline-parallel --convert-scf-to-cf --qcc-convert-to-llvm --qcc-lower-parallel-calls --split-input-file --verify-diagnostics %s | FileCheck %s --check-prefix=LLVM

memref.global "private" constant @table : memref<4xi8> = dense<7>

// The body becomes a function of what it uses. Tables and constants are made again inside; what is known not to overlap
// stays known.
// CHECK-LABEL: func.func private @layer.part0(
// CHECK-SAME:    %[[X:.*]]: i8, %[[A:.*]]: memref<8xi8> {llvm.noalias}, %[[FIRST:.*]]: index, %[[END:.*]]: index) {
// CHECK:         memref.get_global @table
// CHECK:         scf.for %[[I:.*]] = %[[FIRST]] to %[[END]]
// CHECK:           memref.store %[[X]], %[[A]][%[[I]]]
// CHECK-LABEL: func.func private @layer(
// CHECK:         call @layer.part0({{.*}}) {qcc.shares = 2 : i32} : (i8, memref<8xi8>, index, index) -> ()
// CHECK-NOT:     scf.parallel

// LLVM-LABEL: llvm.func internal @layer.part0.body(%arg0: !llvm.ptr, %arg1: i32, %arg2: i32)
// LLVM:         llvm.getelementptr %arg0[0, 0] {{.*}}!llvm.struct<(i8, ptr)>
// LLVM:         %[[FIRST:.*]] = llvm.zext %arg1 : i32 to i64
// LLVM:         %[[END:.*]] = llvm.zext %arg2 : i32 to i64
// LLVM:         llvm.call @layer.part0({{.*}}, %[[FIRST]], %[[END]])
// LLVM-LABEL: llvm.func @layer(
// LLVM-SAME:    %[[PARALLEL:[a-z0-9]+]]: !llvm.ptr)
// LLVM:         %[[SPACE:.*]] = llvm.alloca {{.*}} x !llvm.struct<(i8, ptr)>
// LLVM:         %[[CALLEE:.*]] = llvm.load %[[PARALLEL]] : !llvm.ptr -> !llvm.ptr
// LLVM:         %[[BODY:.*]] = llvm.mlir.addressof @layer.part0.body
// LLVM:         %[[COUNT:.*]] = llvm.mlir.constant(2 : i32)
// LLVM:         llvm.call %[[CALLEE]](%[[PARALLEL]], %[[BODY]], %[[SPACE]], %[[COUNT]])
func.func private @layer(%a: memref<8xi8> {llvm.noalias}, %parallel: !llvm.ptr {qnn.parallel}) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %table = memref.get_global @table : memref<4xi8>
  %x = memref.load %a[%two] : memref<8xi8>
  scf.parallel (%first) = (%zero) to (%two) step (%one) {
    %end = qnn.share_end %first
    %y = memref.load %table[%one] : memref<4xi8>
    scf.for %i = %first to %end step %one {
      memref.store %x, %a[%i] : memref<8xi8>
      memref.store %y, %a[%i] : memref<8xi8>
    }
  }
  return
}

// -----

func.func private @nobody(%a: memref<8xi8>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %x = memref.load %a[%two] : memref<8xi8>
  // expected-error @below {{cannot be divided: expected one dimension from 0 by 1 with a constant end, in the body of a function whose last argument is marked 'qnn.parallel'}}
  scf.parallel (%part) = (%zero) to (%two) step (%one) {
    memref.store %x, %a[%part] : memref<8xi8>
  }
  return
}

// -----

func.func private @one_at_a_time(%a: memref<8xi8>, %parallel: !llvm.ptr {qnn.parallel}) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %x = memref.load %a[%two] : memref<8xi8>
  // expected-error @below {{is written for one share at a time: it has no 'qnn.share_end'}}
  scf.parallel (%part) = (%zero) to (%two) step (%one) {
    memref.store %x, %a[%part] : memref<8xi8>
  }
  return
}
