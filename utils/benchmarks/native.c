/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * native THREADS [wall]: measures the model that it is linked with. With "wall"
 * one thread is timed as several are, by the clock.
 */
#include "glue.h"
#include "measure.h"
#include "qcc-rt/threads.h"

static struct qcc_pool pool;

static void run(void) {
  if (bench_run(&pool.parallel) != QCC_OK)
    abort();
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1;
  if (threads < 1 || qcc_pool_start(&pool, (uint32_t)threads)) {
    fprintf(stderr, "native: cannot start %d threads\n", threads);
    return 2;
  }
  if (threads > 1 || argc > 2)
    measuringClock = CLOCK_MONOTONIC;
  bench_fill();
  if (bench_reset() != QCC_OK)
    return 1;
  return serveMeasurements(run);
}
