/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The loop that times one thing again and again, whenever its standard input
 * asks: "measure SECONDS" is answered by the median microseconds of a run.
 * Short runs are timed many at once, so that reading the clock costs nothing.
 */
#ifndef QCC_BENCHMARKS_MEASURE_H
#define QCC_BENCHMARKS_MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_SAMPLES = 100000 };

static double readClock(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec * 1e-3;
}

static int compareDoubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double now(void) { return readClock(CLOCK_MONOTONIC); }

/* Set before measuring, for more than one thread. */
static clockid_t measuringClock = CLOCK_PROCESS_CPUTIME_ID;

static double timeBatch(void (*run)(void), long batch) {
  double start = readClock(measuringClock);
  long i;
  for (i = 0; i < batch; i++)
    run();
  return (readClock(measuringClock) - start) / (double)batch;
}

/* The median time of a run, in microseconds. */
static double measureFor(void (*run)(void), double micros) {
  static double samples[MAX_SAMPLES];
  const double least = 50;
  double end, each = timeBatch(run, 1);
  long batch, count = 0;
  /* What ran in between has cooled caches, predictors and the clock. */
  for (end = now() + micros / 5; now() < end;)
    each = timeBatch(run, each < least ? (long)(least / (each + 0.01)) + 1 : 1);
  batch = each < least ? (long)(least / (each + 0.01)) + 1 : 1;
  end = now() + micros;
  do
    samples[count++] = timeBatch(run, batch);
  while ((now() < end || count < 3) && count < MAX_SAMPLES);
  qsort(samples, (size_t)count, sizeof *samples, compareDoubles);
  return samples[count / 2];
}

/* Answers until the input ends. */
static int serveMeasurements(void (*run)(void)) {
  double seconds;
  puts("ready");
  fflush(stdout);
  while (scanf(" measure %lf", &seconds) == 1) {
    printf("%.6f\n", measureFor(run, seconds * 1e6));
    fflush(stdout);
  }
  return 0;
}

#endif /* QCC_BENCHMARKS_MEASURE_H */
