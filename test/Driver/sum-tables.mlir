// Tables of the sums of four activations, which bits of weights look up in registers: where that is cheaper than products.
// RUN: %python -c "print(open('%s').read().replace('WEIGHTS', 'FF0101FF' * 32768).replace('SCALES', '0000003F0000803F' * 512))" > %t.mlir
// RUN: %qcc %t.mlir --target=x86_64-linux-gnu --mcpu=x86-64-v3 --emit=asm --name=m -o - | FileCheck %s --check-prefixes=AVX2,SIZE
// RUN: %qcc %t.mlir --target=aarch64-linux-gnu --mcpu=cortex-a53 --emit=asm --name=m -o - | FileCheck %s --check-prefixes=NEON,SIZE
// RUN: %qcc %t.mlir --target=armv7-linux-gnueabihf --mcpu=cortex-a7 --emit=asm --name=m -o - | FileCheck %s --check-prefixes=NEON32,SIZE
// RUN: %qcc %t.mlir --target=riscv64-linux-gnu --mattr=+v --emit=asm --name=m -o - | FileCheck %s --check-prefixes=RVV,SIZE
// RUN: %qcc %t.mlir --target=x86_64-linux-gnu --mcpu=x86-64-v4 --mattr=+avx512vnni --kernel=lut --emit=asm --name=m -o - | FileCheck %s --check-prefixes=AVX512
// Products are as fast where there is VNNI; without byte permutations there is nothing else.
// RUN: %qcc %t.mlir --target=x86_64-linux-gnu --mcpu=x86-64-v4 --mattr=+avx512vnni --stop-after=select -o - | FileCheck %s --check-prefix=PRODUCTS
// RUN: %qcc %t.mlir --target=riscv64-linux-gnu --kernel=lut --remarks --stop-after=select -o - 2>&1 | FileCheck %s --check-prefix=PRODUCTS

// Halves of sums are added up in bytes, two of each register; one multiplication makes 16 bits of both.
// AVX2-LABEL: m.block_fully_connected_0:
// AVX2:       vbroadcasti128 {{.*}}%[[TABLE:ymm[0-9]+]]
// AVX2:       vpand {{.*}}%[[INDEX:ymm[0-9]+]]
// AVX2:       vpshufb %[[INDEX]], %[[TABLE]], %ymm
// AVX2:       vpsrlw $4, {{.*}}%ymm
// AVX2:       vpaddb {{.*}}%ymm
// AVX2:       vpunpcklbw {{.*}}%ymm
// AVX2-NEXT:  vpmaddubsw {{.*}}%ymm
// AVX2-NEXT:  vpaddw {{.*}}%ymm
// AVX2:       vpmovsxwd
// AVX2:       vcvtdq2ps

// NEON-LABEL: m.block_fully_connected_0:
// NEON:       tbl v{{[0-9]+}}.16b, { v{{[0-9]+}}.16b }, v{{[0-9]+}}.16b
// NEON:       add v{{[0-9]+}}.16b
// NEON:       uaddw2 v{{[0-9]+}}.8h

// Vectors of floats would make 0 of what is denormal.
// NEON32-LABEL: m.block_fully_connected_0:
// NEON32:       vtbl.8 d{{[0-9]+}}, {d{{[0-9]+}}, d{{[0-9]+}}}, d{{[0-9]+}}
// NEON32:       vaddw.u8 q
// NEON32-NOT:   .f32 {{[qd][0-9]}}
// NEON32:       vcvt.f32.s32 s{{[0-9]+}}
// NEON32-NOT:   .f32 {{[qd][0-9]}}
// NEON32:       .size m.block_fully_connected_0,

// RVV-LABEL: m.block_fully_connected_0:
// RVV:       vrgather.vv
// RVV:       vwaddu.wv

// AVX512-LABEL: m.block_fully_connected_0:
// AVX512:       vpshufb %zmm{{.*}}, %zmm

// PRODUCTS: "block_fully_connected.container"

// SIZE: .size m.block_fully_connected_0.weights, 16384

func.func @main(%x: tensor<1x256xf32>) -> tensor<1x512xf32> {
  %w = qnn.constant dense<"0xWEIGHTS"> : tensor<512x256xi8> as tensor<512x256xi8>
  %s = qnn.constant dense<"0xSCALES"> : tensor<512x2xf32> as tensor<512x2xf32>
  %y = qnn.block_fully_connected %x, %w scales %s {block = 128}
    : (tensor<1x256xf32>, tensor<512x256xi8>, tensor<512x2xf32>) -> tensor<1x512xf32>
  return %y : tensor<1x512xf32>
}
