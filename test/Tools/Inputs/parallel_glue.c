/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * In the place of a model: asks for parallel work of several sizes and checks
 * that each part is done exactly once, and seen when the work is said to be
 * done.
 */
#include "glue.h"

static int counts[100];

const struct bench_input bench_inputs[] = {{counts, sizeof counts, 0}};
const uint32_t bench_num_inputs = 1;

int bench_reset(void) { return 0; }

static void body(void *context, uint32_t first, uint32_t end) {
  for (; first < end; first++)
    ((int *)context)[first]++;
}

int bench_run(const struct qcc_parallel *parallel) {
  static const uint32_t sizes[] = {1, 2, 3, 7, 64, 0, 100};
  uint32_t k, i;
  for (k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    for (i = 0; i < 100; i++)
      counts[i] = 0;
    parallel->run(parallel, body, counts, sizes[k]);
    for (i = 0; i < 100; i++)
      if (counts[i] != (i < sizes[k]))
        return -9;
  }
  return QCC_OK;
}
