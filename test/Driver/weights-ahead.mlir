// Weights that do not stay in a second-level cache from one inference to the next are asked for while the block of channels before is multiplied, a
// vector of each group in each tile. Behind a layer's weights are those of the next one.
// RUN: %qcc %s --target=x86_64-linux-gnu --mcpu=x86-64-v4 --mattr=+avx512vnni --name=m --kernel=int8 --stop-after=loops -o - | FileCheck %s
// RUN: sed 's/1024/128/g' %s | %qcc - --target=x86_64-linux-gnu --mcpu=x86-64-v4 --mattr=+avx512vnni --name=m --kernel=int8 --stop-after=loops -o - | FileCheck %s --check-prefix=FEW
// RUN: %qcc %s --target=aarch64-linux-gnu --mcpu=neoverse-n2 --name=m --kernel=int8 --stop-after=loops -o - | FileCheck %s --check-prefix=FEW
// RUN: %qcc %s --target=riscv32-unknown-elf --mattr=+m,+c --name=m --kernel=int8 --stop-after=loops -o - | FileCheck %s --check-prefix=FEW

// CHECK:       memref.global "private" constant @m.conv2d_1.weights
// CHECK-LABEL: func.func private @m.conv2d_1(
// CHECK:       %[[VECTOR:.*]] = arith.remui %{{.*}}, %{{.*}} : index
// CHECK:       scf.for
// CHECK:       memref.prefetch %{{.*}}[%{{.*}}], read, locality<2>, data : memref<1048576xi8>
// CHECK:       memref.global "private" constant @m.conv2d_2.weights

// FEW-LABEL:   func.func private @m.conv2d_1(
// FEW-NOT:     memref.prefetch

!act = !quant.uniform<i8:f32, 0.05:3>
!wgt = !quant.uniform<i8:f32, 0.02>

func.func @main(%x: tensor<1x7x7x1024x!act>) -> tensor<1x7x7x1024x!act> {
  %w = qnn.constant dense<-1> : tensor<1024x1x1x1024xi8> as tensor<1024x1x1x1024x!wgt>
  %0 = qnn.conv2d %x, %w : (tensor<1x7x7x1024x!act>, tensor<1024x1x1x1024x!wgt>) -> tensor<1x7x7x1024x!act>
  %1 = qnn.conv2d %0, %w : (tensor<1x7x7x1024x!act>, tensor<1024x1x1x1024x!wgt>) -> tensor<1x7x7x1024x!act>
  return %1 : tensor<1x7x7x1024x!act>
}
