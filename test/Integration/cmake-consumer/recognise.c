/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * A whole program around a compiled model: classifies the images of an .npy
 * file, printing class, score, µs. */
#include "ic.h"
#include <stdio.h>
#include <time.h>

static _Alignas(IC_ARENA_ALIGN) unsigned char arena[IC_ARENA_BYTES];
static int8_t in[IC_INPUT0_BYTES], out[IC_OUTPUT0_BYTES];

int main(int argc, char **argv) {
  FILE *images = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (!images || fseek(images, 128, SEEK_SET)) /* behind the .npy header */
    return 1;
  while (fread(in, sizeof in, 1, images) == 1) {
    for (size_t i = 0; i < sizeof in; ++i)
      in[i] ^= -128; /* a pixel of 0…255 to the network's -128…127 */
    clock_t start = clock();
    if (ic_run(in, out, arena) != 0)
      return 1;
    double micros = (clock() - start) * 1e6 / CLOCKS_PER_SEC;
    int best = 0;
    for (int c = 1; c < (int)sizeof out; ++c)
      best = out[c] > out[best] ? c : best;
    printf("%d %d %.0f\n", best, out[best], micros);
  }
  return fclose(images);
}
