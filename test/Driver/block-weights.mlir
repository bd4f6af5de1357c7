// Weights in blocks are stored with as many bits as their values need, four of them in a byte here, and their scales with 16;
// they are multiplied where a mask, or a shift and a mask, leaves them.
// RUN: %python -c "print(open('%s').read().replace('WEIGHTS', 'FAFD0003' * 2048).replace('SCALES', '0000003F0000803F' * 32))" > %t.mlir
// RUN: %qcc %t.mlir --target=x86_64-linux-gnu --mcpu=sapphirerapids --emit=asm --name=m -o - | FileCheck %s --check-prefixes=VNNI,SIZE
// RUN: %qcc %t.mlir --target=x86_64-linux-gnu --mcpu=x86-64-v3 --emit=asm --name=m -o - | FileCheck %s --check-prefixes=MADD,SIZE
// RUN: %qcc %t.mlir --target=aarch64-linux-gnu --mcpu=cortex-a76 --emit=asm --name=m -o - | FileCheck %s --check-prefixes=SDOT,SIZE
// RUN: %qcc %t.mlir --target=aarch64-linux-gnu --mcpu=cortex-a53 --emit=asm --name=m -o - | FileCheck %s --check-prefixes=SMULL,SIZE
// RUN: %qcc %t.mlir --target=riscv64-linux-gnu --mattr=+v --emit=asm --name=m -o - | FileCheck %s --check-prefixes=RVV,SIZE

// Activations come from memory, codes are multiplied where they are in their bytes.
// VNNI-LABEL: m.block_fully_connected_0:
// VNNI:       vpandq {{.*}}%zmm
// VNNI:       vpdpbusd {{.*}}{1to16}, %zmm
// VNNI-NOT:   {{vpsrlw|vpsrld}}
// VNNI:       vpsrad $6, %zmm
// VNNI:       vpslld {{.*}}%zmm
// VNNI:       vcvtdq2ps {{.*}}%zmm
// VNNI:       vmulps {{.*}}%zmm
// VNNI:       vaddps {{.*}}%zmm

// The sums of a whole block fit 16 bits: they are widened once.
// MADD-LABEL: m.block_fully_connected_0:
// MADD:       vpsrlw $2, {{.*}}%ymm
// MADD:       vpmaddubsw {{.*}}%ymm
// MADD:       vpaddw {{.*}}%ymm
// MADD:       vpmaddwd {{.*}}%ymm
// MADD-NOT:   {{vpmaddubsw|vpmaddwd}}
// MADD:       vcvtdq2ps {{.*}}%ymm

// SDOT-LABEL: m.block_fully_connected_0:
// SDOT:       ushr v{{[0-9]+}}.16b, v{{[0-9]+}}.16b, #4
// SDOT:       sdot v{{[0-9]+}}.4s, v{{[0-9]+}}.16b, v{{[0-9]+}}.
// SDOT:       scvtf v{{[0-9]+}}.4s

// SMULL-LABEL: m.block_fully_connected_0:
// SMULL:       smlal{{2?}} v{{[0-9]+}}.8h
// SMULL:       saddlp v{{[0-9]+}}.4s, v{{[0-9]+}}.8h
// SMULL:       scvtf v{{[0-9]+}}.4s

// RVV-LABEL: m.block_fully_connected_0:
// RVV:       vand.vi
// RVV:       vwmacc.v
// RVV:       vfcvt.f.x.v

// SIZE-DAG: .size m.block_fully_connected_0.scales, 128
// SIZE-DAG: .size m.block_fully_connected_0.weights, 2048

func.func @main(%x: tensor<1x256xf32>) -> tensor<1x32xf32> {
  %w = qnn.constant dense<"0xWEIGHTS"> : tensor<32x256xi8> as tensor<32x256xi8>
  %s = qnn.constant dense<"0xSCALES"> : tensor<32x2xf32> as tensor<32x2xf32>
  %y = qnn.block_fully_connected %x, %w scales %s {block = 128}
    : (tensor<1x256xf32>, tensor<32x256xi8>, tensor<32x2xf32>) -> tensor<1x32xf32>
  return %y : tensor<1x32xf32>
}
