/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What a program that measures sees of the model in it: memory and one call.
 * The definitions are generated for each model (program.py).
 */
#ifndef QCC_BENCHMARKS_GLUE_H
#define QCC_BENCHMARKS_GLUE_H

#include "qcc-rt/qcc.h"

struct bench_input {
  void *data;
  uint32_t bytes;
  int is_float;
};

extern const struct bench_input bench_inputs[];
extern const uint32_t bench_num_inputs;

/* Both return what the model's own functions do. */
int bench_reset(void);
int bench_run(const struct qcc_parallel *parallel);

/* Fills the inputs with pseudo-random values, floats within [-1, 1). */
static inline void bench_fill(void) {
  uint32_t state = 12345, k, i;
  for (k = 0; k < bench_num_inputs; k++)
    for (i = 0; i < bench_inputs[k].bytes; i++) {
      state = state * 1664525u + 1013904223u;
      if (!bench_inputs[k].is_float)
        ((uint8_t *)bench_inputs[k].data)[i] = (uint8_t)(state >> 24);
      else if (i % 4 == 0)
        ((float *)bench_inputs[k].data)[i / 4] =
            (float)(int32_t)state * (1.0f / 2147483648.0f);
    }
}

#endif /* QCC_BENCHMARKS_GLUE_H */
