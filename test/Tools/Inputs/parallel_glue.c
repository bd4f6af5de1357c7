/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * In the place of a model: asks for parallel work of several sizes and checks
 * that each part is done exactly once, and seen when the work is said to be
 * done.
 */
#include "glue.h"
#include <string.h>

enum { MOST = QCC_MAX_SHARES };
/* Nobody may count behind the shares. */
static int counts[2 * MOST];

const struct bench_input bench_inputs[] = {{counts, sizeof counts, 0}};
const uint32_t bench_num_inputs = 1;

int bench_reset(void) { return 0; }

static void body(void *context, uint32_t first, uint32_t end) {
  for (; first < end; first++)
    ((int *)context)[first]++;
}

static int run(const struct qcc_parallel *parallel, uint32_t size) {
  uint32_t i;
  memset(counts, 0, sizeof counts);
  parallel->run(parallel, body, counts, size);
  for (i = 0; i < 2 * MOST; i++)
    if (counts[i] != (i < size))
      return -9;
  return QCC_OK;
}

int bench_run(const struct qcc_parallel *parallel) {
  static const uint32_t sizes[] = {1, 2, 3, 7, 64, 0, 100, MOST};
  uint32_t k;
  int status = QCC_OK;
  for (k = 0; k < sizeof sizes / sizeof *sizes && status == QCC_OK; k++)
    status = run(parallel, sizes[k]);
  /* Often enough for a pool to learn how fast its threads are. */
  for (k = 0; k < 3000 && status == QCC_OK; k++)
    status = run(parallel, MOST - k % 24);
  return status;
}
