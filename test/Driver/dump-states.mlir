// A layer with several results: next states are dumped beside the result, under names of their own, in both ways of
// running; and a difference in them is named.
// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python -c "import numpy as np; np.save('x.npy', np.array([[3, -5], [7, 90]], np.int8))"
// RUN: %qcc run %s --input=x.npy --output=y.npy --dump-tensors=interpreted --interpret
// RUN: %qcc run %s --input=x.npy --output=z.npy --dump-tensors=compiled
// RUN: ls interpreted | FileCheck %s --check-prefix=FILES
// RUN: cmp interpreted/003_y.npy compiled/003_y.npy && cmp interpreted/003_y.1.npy compiled/003_y.1.npy
// RUN: %python -c "import numpy as np; y, s = np.load('interpreted/003_y.npy'), np.load('interpreted/003_y.1.npy'); assert (y == np.load('y.npy')).all(); assert (s == [[0, 0, 3, 0, 0, -5], [0, 3, 7, 0, -5, 90]]).all(), s"
// RUN: %qcc diff %s --input=x.npy | FileCheck %s --check-prefix=SAME
// RUN: %python -c "import numpy as np; s = np.load('interpreted/003_y.1.npy')[:1]; s[0, 5] += 1; np.save('interpreted/003_y.1.npy', s)"
// RUN: not %qcc diff %s interpret interpreted --input=x.npy | FileCheck %s --check-prefix=DIFFERENT

// FILES: 003_y.1.npy
// FILES-NEXT: 003_y.npy
// SAME: no difference in 3 tensors
// DIFFERENT: first difference: operator 3, tensor '{{.*}}y.1'

!x = !quant.uniform<i8:f32, 0.5>
!s = !quant.uniform<i16:f32, 0.5>
!f = !quant.uniform<i8:f32, 1.0>
!t = !quant.uniform<i16:f32, 1.0>
qnn.variable @s dense<0> : tensor<1x6xi16> as tensor<1x6x!s>
func.func @main(%x: tensor<1x2x!x>) -> tensor<1x2x!x> {
  %s = qnn.read_variable @s : tensor<1x6x!s>
  %f = qnn.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> as tensor<2x2x!f>
  %t = qnn.constant dense<[[1, 2, 3], [-3, 2, 1]]> : tensor<2x3xi16> as tensor<2x3x!t>
  %y, %n = qnn.svdf %x, %s, %f, %t {rank = 1 : i64}
    : (tensor<1x2x!x>, tensor<1x6x!s>, tensor<2x2x!f>, tensor<2x3x!t>) -> (tensor<1x2x!x>, tensor<1x6x!s>) loc("y"("model.tflite":3:0))
  qnn.assign_variable @s, %n : tensor<1x6x!s>
  return %y : tensor<1x2x!x>
}
