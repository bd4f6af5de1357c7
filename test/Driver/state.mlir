// A model with state, run over a sequence: interpreted, compiled, as a program, with everything in the arena.
// Two variables exchange their values, one sums up, one keeps the last two rows.
// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python -c "import numpy as np; x = np.arange(20, dtype=np.int8).reshape(5, 4); np.save('x.npy', x); np.save('swap.npy', np.array([[1, 2, 3, 4], [7] * 4] * 3, np.int8)[:5]); np.save('sum.npy', x.cumsum(axis=0).astype(np.int8))"
// RUN: %qcc run %s --input=x.npy --output=a.npy --output=b.npy --output=c.npy --interpret
// RUN: %python -c "import numpy as np; assert (np.load('a.npy') == np.load('swap.npy')).all(); assert (np.load('b.npy') == np.load('sum.npy')).all(); c = np.load('c.npy').reshape(5, 3, 4); assert (c[0] == [[-1] * 4, [-1] * 4, [0, 1, 2, 3]]).all(); assert (c[3] == [[12, 15, 18, 21], [8, 9, 10, 11], [24, 28, 32, 36]]).all()"
// RUN: %qcc run %s --input=x.npy --output=a1.npy --output=b1.npy --output=c1.npy
// RUN: cmp a.npy a1.npy && cmp b.npy b1.npy && cmp c.npy c1.npy
// RUN: %qcc run %s --input=x.npy --output=a1.npy --output=b1.npy --output=c1.npy --io=arena
// RUN: cmp a.npy a1.npy && cmp b.npy b1.npy && cmp c.npy c1.npy
// RUN: %qcc %s --emit=exe -o prog
// RUN: ./prog --input=x.npy --output=a1.npy --output=b1.npy --output=c1.npy
// RUN: cmp a.npy a1.npy && cmp b.npy b1.npy && cmp c.npy c1.npy

// With --reset-each every sample is the first.
// RUN: %qcc run %s --input=x.npy --output=a2.npy --output=b2.npy --output=c2.npy --interpret --reset-each
// RUN: %python -c "import numpy as np; assert (np.load('a2.npy') == [[1, 2, 3, 4]] * 5).all(); assert (np.load('b2.npy') == np.load('x.npy')).all(); assert (np.load('c2.npy').reshape(5, 3, 4)[:, :2] == -1).all()"
// RUN: %qcc run %s --input=x.npy --output=a1.npy --output=b1.npy --output=c1.npy --reset-each
// RUN: cmp a2.npy a1.npy && cmp b2.npy b1.npy && cmp c2.npy c1.npy
// RUN: ./prog --input=x.npy --output=a1.npy --output=b1.npy --output=c1.npy --reset-each
// RUN: cmp a2.npy a1.npy && cmp b2.npy b1.npy && cmp c2.npy c1.npy

// In C the first values are a table.
// RUN: %qcc %s -o small.c
// RUN: %python -c "import sys, os; sys.path.insert(0, '%source/test/lib'); import c_program; c_program.build('small.c', 'cprog', ('gcc', '-std=c99', '-Wall', '-Wextra', '-Werror'), os.path.dirname('%qcc') + '/../share/qcc')"
// RUN: ./cprog --input=x.npy --output=a1.npy --output=b1.npy --output=c1.npy
// RUN: cmp a.npy a1.npy && cmp b.npy b1.npy && cmp c.npy c1.npy
// RUN: ./cprog --input=x.npy --output=a1.npy --output=b1.npy --output=c1.npy --reset-each
// RUN: cmp a2.npy a1.npy && cmp b2.npy b1.npy && cmp c2.npy c1.npy

// RUN: %qcc diff %s --input=x.npy | FileCheck %s --check-prefix=SAME
// SAME: no difference in

// RUN: %qcc %s --target=thumbv7em-none-eabihf -o small.o && FileCheck %s --check-prefix=HEADER < small.h
// HEADER: #define SMALL_STATE_BYTES 32
// HEADER-NEXT: #define SMALL_STATE_ALIGN 8
// HEADER: int small_run(const int8_t *in0, int8_t *out0, int8_t *out1, int8_t *out2, void *state, void *arena);
// HEADER: int small_reset(void *state);
// RUN: %qcc info %s --json --target=thumbv7em-none-eabihf | FileCheck %s --check-prefix=INFO
// INFO: "state_bytes": 32

!q = !quant.uniform<i8:f32, 0.5>
qnn.variable @a dense<[[1, 2, 3, 4]]> : tensor<1x4xi8> as tensor<1x4x!q>
qnn.variable @b dense<7> : tensor<1x4xi8> as tensor<1x4x!q>
qnn.variable @sum dense<0> : tensor<1x4xi8> as tensor<1x4x!q>
qnn.variable @rows dense<-1> : tensor<2x4xi8> as tensor<2x4x!q>
func.func @main(%x: tensor<1x4x!q>) -> (tensor<1x4x!q>, tensor<1x4x!q>, tensor<3x4x!q>) {
  %a = qnn.read_variable @a : tensor<1x4x!q>
  %b = qnn.read_variable @b : tensor<1x4x!q>
  qnn.assign_variable @a, %b : tensor<1x4x!q>
  qnn.assign_variable @b, %a : tensor<1x4x!q>
  %old = qnn.read_variable @sum : tensor<1x4x!q>
  %new = qnn.add %old, %x : (tensor<1x4x!q>, tensor<1x4x!q>) -> tensor<1x4x!q>
  qnn.assign_variable @sum, %new : tensor<1x4x!q>
  %sum = qnn.read_variable @sum : tensor<1x4x!q>
  %rows = qnn.read_variable @rows : tensor<2x4x!q>
  %three = qnn.concat %rows, %sum {axis = 0 : i64} : (tensor<2x4x!q>, tensor<1x4x!q>) -> tensor<3x4x!q>
  %last = qnn.concat %sum, %x {axis = 0 : i64} : (tensor<1x4x!q>, tensor<1x4x!q>) -> tensor<2x4x!q>
  qnn.assign_variable @rows, %last : tensor<2x4x!q>
  return %a, %sum, %three : tensor<1x4x!q>, tensor<1x4x!q>, tensor<3x4x!q>
}
