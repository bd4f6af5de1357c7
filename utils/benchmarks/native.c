/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * native THREADS [wall]: measures the model that it is linked with. Its threads
 * spin while a measurement lasts and sleep otherwise. With "wall" one thread is
 * timed as several are, by the clock.
 */
#define _GNU_SOURCE
#include "glue.h"
#include "measure.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { MAX_THREADS = 64 };

static struct {
  void (*body)(void *, uint32_t);
  void *context;
  uint32_t count, threads;
  /* The work's number, and how many helpers are done with it. */
  atomic_uint number, done;
  atomic_int active;
  pthread_mutex_t lock;
  pthread_cond_t wake;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

/* Once in a wait's loop: a wait that lasts gives its core to who needs it. */
static void pause_thread(uint32_t turn) {
  if (turn % 4096 == 4095)
    sched_yield();
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

static void *helper(void *argument) {
  uint32_t self = (uint32_t)(size_t)argument, seen = 0, i, turn;
  for (;;) {
    turn = 0;
    while (atomic_load_explicit(&pool.number, memory_order_acquire) == seen) {
      if (atomic_load_explicit(&pool.active, memory_order_relaxed)) {
        pause_thread(turn++);
        continue;
      }
      pthread_mutex_lock(&pool.lock);
      while (!atomic_load(&pool.active))
        pthread_cond_wait(&pool.wake, &pool.lock);
      pthread_mutex_unlock(&pool.lock);
    }
    seen++;
    for (i = self; i < pool.count; i += pool.threads)
      pool.body(pool.context, i);
    atomic_fetch_add_explicit(&pool.done, 1, memory_order_release);
  }
  return 0;
}

static void run_parallel(const struct qcc_parallel *self,
                         void (*body)(void *, uint32_t), void *context,
                         uint32_t count) {
  uint32_t i, turn = 0;
  (void)self;
  pool.body = body;
  pool.context = context;
  pool.count = count;
  atomic_store_explicit(&pool.done, 0, memory_order_relaxed);
  atomic_fetch_add_explicit(&pool.number, 1, memory_order_release);
  for (i = 0; i < count; i += pool.threads)
    body(context, i);
  while (atomic_load_explicit(&pool.done, memory_order_acquire) + 1 <
         pool.threads)
    pause_thread(turn++);
}

static struct qcc_parallel parallel = {run_parallel, 1, 0};

static void run(void) {
  if (bench_run(&parallel) != QCC_OK)
    abort();
}

static void wake(void) {
  pthread_mutex_lock(&pool.lock);
  atomic_store(&pool.active, 1);
  pthread_cond_broadcast(&pool.wake);
  pthread_mutex_unlock(&pool.lock);
}

static void rest(void) { atomic_store(&pool.active, 0); }

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1, i;
  pool.threads = parallel.num_threads = (uint32_t)threads;
  if (threads < 1 || threads > MAX_THREADS) {
    fprintf(stderr, "native: 1 to %d threads\n", (int)MAX_THREADS);
    return 2;
  }
  for (i = 1; i < threads; i++) {
    pthread_t thread;
    if (pthread_create(&thread, 0, helper, (void *)(size_t)i))
      return 1;
  }
  if (threads > 1 || argc > 2)
    measuringClock = CLOCK_MONOTONIC;
  bench_fill();
  if (bench_reset() != QCC_OK)
    return 1;
  return serveMeasurements(run, threads > 1 ? wake : 0, threads > 1 ? rest : 0);
}
