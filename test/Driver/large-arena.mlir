// What a machine cannot address is refused: 4.5 GB of tensors at once where addresses have 32 bits.
// RUN: %qcc %s --mcpu=x86-64-v3 --io=arena -o %t.o
// RUN: not %qcc %s --target=thumbv7em-none-eabi --io=arena -o %t.o 2>&1 | FileCheck %s
// RUN: not %qcc %s --emit=c --io=arena -o %t.c 2>&1 | FileCheck %s
// CHECK: error: the arena takes 4500000000 bytes, more than the 2147483647 that the target addresses
!q = !quant.uniform<i8:f32, 0.5>
func.func @main(%x: tensor<1500000000x!q>) -> tensor<1500000000x!q> {
  %a = qnn.logistic %x : (tensor<1500000000x!q>) -> tensor<1500000000x!q>
  %b = qnn.tanh %x : (tensor<1500000000x!q>) -> tensor<1500000000x!q>
  %c = qnn.maximum %a, %b : (tensor<1500000000x!q>, tensor<1500000000x!q>) -> tensor<1500000000x!q>
  %d = qnn.maximum %c, %x : (tensor<1500000000x!q>, tensor<1500000000x!q>) -> tensor<1500000000x!q>
  return %d : tensor<1500000000x!q>
}
