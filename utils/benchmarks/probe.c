/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What one core can multiply and accumulate at most: each sequence that integer
 * kernels are made of, from registers alone, with enough independent
 * accumulators to be bound by throughput. Prints a line of JSON: billions of
 * multiply-accumulates in a second, for what this machine has. With an argument
 * it names them and measures when asked, as measure.h says, in microseconds
 * for a thousand multiply-accumulates.
 */
#include "measure.h"
#include <string.h>

enum { STEPS = 2000, SUMS = 12 };

/* Twelve times one step, each into its own register. */
#define TWELVE(step)                                                           \
  step(0) step(1) step(2) step(3) step(4) step(5) step(6) step(7) step(8)      \
      step(9) step(10) step(11)

#define CLOBBERS                                                               \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",      \
      "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

/* The operands: registers 14 and 15 hold ones. */
#define KERNEL(name, features, zero, ones, clobbers, step)                     \
  __attribute__((target(features))) static void name(void) {                   \
    int i;                                                                     \
    __asm__ volatile(TWELVE(zero) ones : : : clobbers);                        \
    for (i = 0; i < STEPS; i++)                                                \
      __asm__ volatile(TWELVE(step) : : : clobbers);                           \
    __asm__ volatile("vzeroupper" : : : clobbers);                             \
  }

#define ZERO_Y(k) "vpxor %%ymm" #k ", %%ymm" #k ", %%ymm" #k "\n\t"
#define ZERO_Z(k) "vpxord %%zmm" #k ", %%zmm" #k ", %%zmm" #k "\n\t"
#define ONES_Y                                                                 \
  "vpcmpeqb %%ymm14, %%ymm14, %%ymm14\n\tvpabsb %%ymm14, %%ymm14\n\t"          \
  "vmovdqa %%ymm14, %%ymm15\n\t"
#define ONES_Z                                                                 \
  "vpternlogd $255, %%zmm14, %%zmm14, %%zmm14\n\t"                             \
  "vpabsb %%zmm14, %%zmm14\n\tvmovdqa64 %%zmm14, %%zmm15\n\t"
/* Zeros: ones as floats would be denormal. */
#define ZEROS_Y                                                                \
  "vpxor %%ymm14, %%ymm14, %%ymm14\n\tvmovdqa %%ymm14, %%ymm15\n\t"
#define ZEROS_Z                                                                \
  "vpxord %%zmm14, %%zmm14, %%zmm14\n\tvmovdqa64 %%zmm14, %%zmm15\n\t"

#define VNNI_Z(k) "vpdpbusd %%zmm15, %%zmm14, %%zmm" #k "\n\t"
#define VNNI_Y(k) "vpdpbusd %%ymm15, %%ymm14, %%ymm" #k "\n\t"
#define AVXVNNI_Y(k) "%{vex%} vpdpbusd %%ymm15, %%ymm14, %%ymm" #k "\n\t"
#define MADDUBS_Z(k)                                                           \
  "vpmaddubsw %%zmm15, %%zmm14, %%zmm12\n\t"                                   \
  "vpmaddwd %%zmm15, %%zmm12, %%zmm13\n\t"                                     \
  "vpaddd %%zmm13, %%zmm" #k ", %%zmm" #k "\n\t"
#define MADDUBS_Y(k)                                                           \
  "vpmaddubsw %%ymm15, %%ymm14, %%ymm12\n\t"                                   \
  "vpmaddwd %%ymm15, %%ymm12, %%ymm13\n\t"                                     \
  "vpaddd %%ymm13, %%ymm" #k ", %%ymm" #k "\n\t"
#define MADDWD_Z(k)                                                            \
  "vpmaddwd %%zmm15, %%zmm14, %%zmm12\n\t"                                     \
  "vpaddd %%zmm12, %%zmm" #k ", %%zmm" #k "\n\t"
#define MADDWD_Y(k)                                                            \
  "vpmaddwd %%ymm15, %%ymm14, %%ymm12\n\t"                                     \
  "vpaddd %%ymm12, %%ymm" #k ", %%ymm" #k "\n\t"
#define POPCNT_Z(k)                                                            \
  "vpxorq %%zmm15, %%zmm14, %%zmm12\n\tvpopcntq %%zmm12, %%zmm12\n\t"          \
  "vpaddq %%zmm12, %%zmm" #k ", %%zmm" #k "\n\t"
#define SHUFFLE_Z(k)                                                           \
  "vpshufb %%zmm15, %%zmm14, %%zmm12\n\t"                                      \
  "vpaddb %%zmm12, %%zmm" #k ", %%zmm" #k "\n\t"
#define SHUFFLE_Y(k)                                                           \
  "vpshufb %%ymm15, %%ymm14, %%ymm12\n\t"                                      \
  "vpaddb %%ymm12, %%ymm" #k ", %%ymm" #k "\n\t"
#define FMA_Z(k) "vfmadd231ps %%zmm15, %%zmm14, %%zmm" #k "\n\t"
#define FMA_Y(k) "vfmadd231ps %%ymm15, %%ymm14, %%ymm" #k "\n\t"

#if defined(__x86_64__)
KERNEL(vnniZ, "avx512f,avx512vnni", ZERO_Z, ONES_Z, CLOBBERS, VNNI_Z)
KERNEL(vnniY, "avx512f,avx512vl,avx512vnni", ZERO_Y, ONES_Y, CLOBBERS, VNNI_Y)
KERNEL(avxvnniY, "avx2,avxvnni", ZERO_Y, ONES_Y, CLOBBERS, AVXVNNI_Y)
KERNEL(maddubsZ, "avx512bw", ZERO_Z, ONES_Z, CLOBBERS, MADDUBS_Z)
KERNEL(maddubsY, "avx2", ZERO_Y, ONES_Y, CLOBBERS, MADDUBS_Y)
KERNEL(maddwdZ, "avx512bw", ZERO_Z, ONES_Z, CLOBBERS, MADDWD_Z)
KERNEL(maddwdY, "avx2", ZERO_Y, ONES_Y, CLOBBERS, MADDWD_Y)
KERNEL(popcntZ, "avx512f,avx512vpopcntdq", ZERO_Z, ONES_Z, CLOBBERS, POPCNT_Z)
KERNEL(shuffleZ, "avx512bw", ZERO_Z, ONES_Z, CLOBBERS, SHUFFLE_Z)
KERNEL(shuffleY, "avx2", ZERO_Y, ONES_Y, CLOBBERS, SHUFFLE_Y)
KERNEL(fmaZ, "avx512f", ZERO_Z, ZEROS_Z, CLOBBERS, FMA_Z)
KERNEL(fmaY, "avx2,fma", ZERO_Y, ZEROS_Y, CLOBBERS, FMA_Y)
#endif

struct probe {
  const char *name;
  /* Multiply-accumulates, or for the last three what the name says, of a step.
   */
  int each, present;
  void (*run)(void);
};

int main(int argc, char **argv) {
#if defined(__x86_64__)
  int bw = __builtin_cpu_supports("avx512bw") != 0;
  int avx2 = __builtin_cpu_supports("avx2") != 0;
  int vnni = bw && __builtin_cpu_supports("avx512vnni");
  struct probe probes[] = {
      {"vpdpbusd zmm", 64, vnni, vnniZ},
      {"vpdpbusd ymm", 32, vnni || __builtin_cpu_supports("avxvnni"),
       vnni ? vnniY : avxvnniY},
      {"vpmaddubsw+vpmaddwd zmm", 64, bw, maddubsZ},
      {"vpmaddubsw+vpmaddwd ymm", 32, avx2, maddubsY},
      {"vpmaddwd zmm", 32, bw, maddwdZ},
      {"vpmaddwd ymm", 16, avx2, maddwdY},
      {"vpopcntq zmm (bits)", 512,
       __builtin_cpu_supports("avx512vpopcntdq") != 0, popcntZ},
      {"vpshufb zmm (lookups)", 64, bw, shuffleZ},
      {"vpshufb ymm (lookups)", 32, avx2, shuffleY},
      {"fp32 FMA zmm", 16, bw, fmaZ},
      {"fp32 FMA ymm", 8, avx2 && __builtin_cpu_supports("fma"), fmaY},
  };
  size_t count = sizeof probes / sizeof *probes, i;
  if (argc > 1) {
    for (i = 0; i < count; i++)
      if (probes[i].present && !strcmp(probes[i].name, argv[1]))
        return serveMeasurements(probes[i].run);
    fprintf(stderr, "probe: this machine has no '%s'\n", argv[1]);
    return 1;
  }
  printf("{");
  for (i = 0; i < count; i++)
    if (probes[i].present)
      printf("%s\"%s\": %d", i && probes[0].present ? ", " : "", probes[i].name,
             probes[i].each * SUMS * STEPS);
  puts("}");
#else
  (void)argc;
  (void)argv;
  puts("{}");
#endif
  return 0;
}
