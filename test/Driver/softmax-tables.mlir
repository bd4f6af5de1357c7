// Under XNNPACK's rounding softmax is computed in floats from a table of exponentials, with vectors and without; under
// TensorFlow Lite's from a table of integers. Without floats the former is refused by name.
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v3 --stop-after=select -o - | FileCheck %s
// RUN: %qcc %s --target=riscv64-linux-gnu --stop-after=select -o - | FileCheck %s
// RUN: not %qcc %s --target=thumbv7em-none-eabihf --mcpu=cortex-m4 --stop-after=select -o - 2>&1 | FileCheck %s --check-prefix=REFUSED

// CHECK: qnn.layer "softmax_0" {{.*}}#qnn.kernel<"softmax.float_table"
// CHECK: qnn.layer "softmax_1" {{.*}}#qnn.kernel<"softmax.table"

// REFUSED: error: 'qnn.softmax' op has no kernel for this target: it computes in floats
// REFUSED-NOT: {{error|note}}:

!in = !quant.uniform<i8:f32, 0.1:3>
!out = !quant.uniform<i8:f32, 0.00390625:-128>

func.func @main(%x: tensor<1x10x!in>) -> (tensor<1x10x!out>, tensor<1x10x!out>) {
  %0 = qnn.softmax %x {rounding = #qnn.rounding<half_even_float>} : (tensor<1x10x!in>) -> tensor<1x10x!out>
  %1 = qnn.softmax %x : (tensor<1x10x!in>) -> tensor<1x10x!out>
  return %0, %1 : tensor<1x10x!out>, tensor<1x10x!out>
}
