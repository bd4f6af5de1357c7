/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Calls the matrix products in `calls.h` in turn, or adds up as much memory,
 * and prints the median of the times in µs. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

#ifdef STREAM
#define CALLS 1
typedef uint64_t words __attribute__((vector_size(64)));
static words *memory;
static volatile uint64_t sink;
static void call(int i) {
  words sum[8] = {{0}};
  (void)i;
  for (size_t k = 0; k < STREAM / sizeof(words); k += 8)
    for (int j = 0; j < 8; ++j)
      sum[j] += memory[k + (size_t)j];
  for (int j = 0; j < 8; ++j)
    sink += sum[j][0];
}
#else
#include "calls.h"
static float x[DEPTH] __attribute__((aligned(64))),
    y[OUTPUTS] __attribute__((aligned(64)));
static unsigned char arena[1 << 16] __attribute__((aligned(64)));
static void call(int i) { functions[i](x, y, arena); }
#endif

int main(int argc, char **argv) {
  double seconds = argc > 1 ? atof(argv[1]) : 0.5;
  static double times[1 << 16];
  int count = 0;
#ifdef STREAM
  memory = aligned_alloc(4096, STREAM);
  memset(memory, 1, STREAM);
#else
  for (int k = 0; k < DEPTH; ++k)
    x[k] = (float)(k * 7919 % 1000 - 500) * 0.002f;
#endif
  for (int i = 0; i < CALLS; ++i)
    call(i);
  double end = now() + seconds * 1e6;
  while (count < (1 << 16) - CALLS && (now() < end || count < 3 * CALLS))
    for (int i = 0; i < CALLS; ++i) {
      double start = now();
      call(i);
      times[count++] = now() - start;
    }
  qsort(times, (size_t)count, sizeof times[0], compare);
  printf("%.3f\n", times[count / 2]);
  return 0;
}
