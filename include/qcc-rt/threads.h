/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A parallel-for of POSIX threads for models compiled with `--threads`. Nobody
 * has to use it: any `struct qcc_parallel` will do. C99 or C++ with GCC's or
 * Clang's atomics; include it in one file and link with -pthread.
 *
 *   static struct qcc_pool pool;
 *   if (qcc_pool_start(&pool, 2) != 0) return 1;
 *   kws_run(in, out, arena, &pool.parallel);
 *   qcc_pool_stop(&pool);
 *
 * Several models may use one pool. While it works for one caller, another's
 * parts run in his own thread. A pool from malloc must be aligned to 128 bytes.
 *
 * Threads wait for work in a loop for some microseconds, which spans the time
 * between two layers, and then sleep. Who calls `run` works too, and does what
 * would be a sleeping thread's share while that wakes up.
 */
#ifndef QCC_RT_THREADS_H
#define QCC_RT_THREADS_H

#include "qcc-rt/qcc.h"
#include <pthread.h>
#include <sched.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  QCC_POOL_MAX_THREADS = 32,
/* Turns of the waiting loop before a thread sleeps, some 100 us. A pause of
 * x86 takes up to 140 cycles. */
#if defined(__x86_64__) || defined(__i386__)
  QCC_POOL_TURNS = 2000
#else
  QCC_POOL_TURNS = 40000
#endif
};

/* What a seat's thread is at: waiting for work in a loop, working, sleeping,
 * told to wake up, or told to end. */
enum {
  QCC_SEAT_IDLE,
  QCC_SEAT_WORKING,
  QCC_SEAT_ASLEEP,
  QCC_SEAT_WAKING,
  QCC_SEAT_STOPPED
};

struct qcc_pool;

/* One thread and its work, on cache lines of their own: handing work over moves
 * one line there, and the answer one back. */
struct qcc_seat {
  uint32_t state;
  uint32_t first, step, count; /* indices first, first + step, … < count */
  void (*body)(void *context, uint32_t index);
  void *context;
  struct qcc_pool *pool;
  pthread_t thread;
} __attribute__((aligned(128)));

struct qcc_pool {
  struct qcc_parallel parallel; /* what models take */
  uint32_t is_busy;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  struct qcc_seat seats[QCC_POOL_MAX_THREADS - 1];
};

static inline void qcc_pool_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || (defined(__ARM_ARCH) && __ARM_ARCH >= 7)
  __asm__ volatile("yield");
#else
  __asm__ volatile("");
#endif
}

static inline void *qcc_pool_main(void *argument) {
  struct qcc_seat *seat = (struct qcc_seat *)argument;
  uint32_t turn = 0, i;
  for (;;) {
    uint32_t state = __atomic_load_n(&seat->state, __ATOMIC_ACQUIRE);
    if (state == QCC_SEAT_STOPPED)
      return 0;
    if (state == QCC_SEAT_WORKING) {
      for (i = seat->first; i < seat->count; i += seat->step)
        seat->body(seat->context, i);
      __atomic_store_n(&seat->state, QCC_SEAT_IDLE, __ATOMIC_RELEASE);
      turn = 0;
      continue;
    }
    if (turn++ < QCC_POOL_TURNS) {
      qcc_pool_pause();
      continue;
    }
    turn = 0;
    /* Unless work has come meanwhile. */
    if (!__atomic_compare_exchange_n(&seat->state, &state, QCC_SEAT_ASLEEP, 0,
                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      continue;
    pthread_mutex_lock(&seat->pool->lock);
    while (__atomic_load_n(&seat->state, __ATOMIC_ACQUIRE) == QCC_SEAT_ASLEEP)
      pthread_cond_wait(&seat->pool->wake, &seat->pool->lock);
    pthread_mutex_unlock(&seat->pool->lock);
    state = QCC_SEAT_WAKING;
    __atomic_compare_exchange_n(&seat->state, &state, QCC_SEAT_IDLE, 0,
                                __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  }
}

/* Wakes the threads whose state is no longer "asleep". */
static inline void qcc_pool_wake(struct qcc_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->lock);
}

static inline void qcc_pool_run(const struct qcc_parallel *self,
                                void (*body)(void *context, uint32_t index),
                                void *context, uint32_t count) {
  struct qcc_pool *pool = (struct qcc_pool *)self->user;
  uint32_t threads = self->num_threads < count ? self->num_threads : count;
  uint32_t t, i, turn = 0, own = 1; /* a bit for each share of the caller */
  int wake = 0;
  if (__atomic_exchange_n(&pool->is_busy, 1, __ATOMIC_ACQUIRE)) {
    for (i = 0; i < count; i++)
      body(context, i);
    return;
  }
  for (t = 1; t < threads; t++) {
    struct qcc_seat *seat = &pool->seats[t - 1];
    uint32_t state = QCC_SEAT_IDLE;
    if (__atomic_load_n(&seat->state, __ATOMIC_ACQUIRE) == QCC_SEAT_IDLE) {
      seat->first = t;
      seat->step = threads;
      seat->count = count;
      seat->body = body;
      seat->context = context;
      if (__atomic_compare_exchange_n(&seat->state, &state, QCC_SEAT_WORKING, 0,
                                      __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        continue;
    }
    own |= (uint32_t)1 << t;
    state = QCC_SEAT_ASLEEP;
    wake |= __atomic_compare_exchange_n(&seat->state, &state, QCC_SEAT_WAKING,
                                        0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  }
  if (wake)
    qcc_pool_wake(pool);
  for (t = 0; t < threads; t++)
    if (own >> t & 1)
      for (i = t; i < count; i += threads)
        body(context, i);
  for (t = 1; t < threads; t++)
    while (!(own >> t & 1) &&
           __atomic_load_n(&pool->seats[t - 1].state, __ATOMIC_ACQUIRE) ==
               QCC_SEAT_WORKING) {
      qcc_pool_pause();
      /* Its core may be wanted by the very thread that is waited for. */
      if (++turn % 4096 == 0)
        sched_yield();
    }
  __atomic_store_n(&pool->is_busy, 0, __ATOMIC_RELEASE);
}

static inline void qcc_pool_stop(struct qcc_pool *pool) {
  uint32_t t;
  for (t = 1; t < pool->parallel.num_threads; t++)
    __atomic_store_n(&pool->seats[t - 1].state, QCC_SEAT_STOPPED,
                     __ATOMIC_RELEASE);
  qcc_pool_wake(pool);
  for (t = 1; t < pool->parallel.num_threads; t++)
    pthread_join(pool->seats[t - 1].thread, 0);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->lock);
}

/* Starts `num_threads` - 1 threads; 1 to QCC_POOL_MAX_THREADS. Returns 0, or
 * the error number of POSIX, and then nothing runs. */
static inline int qcc_pool_start(struct qcc_pool *pool, uint32_t num_threads) {
  uint32_t t;
  int error;
  if (num_threads < 1 || num_threads > QCC_POOL_MAX_THREADS)
    return 22; /* EINVAL */
  memset(pool, 0, sizeof(*pool));
  pool->parallel.run = qcc_pool_run;
  pool->parallel.user = pool;
  if ((error = pthread_mutex_init(&pool->lock, 0)))
    return error;
  if ((error = pthread_cond_init(&pool->wake, 0))) {
    pthread_mutex_destroy(&pool->lock);
    return error;
  }
  for (t = 1; t < num_threads; t++) {
    struct qcc_seat *seat = &pool->seats[t - 1];
    seat->pool = pool;
    pool->parallel.num_threads = t;
    if ((error = pthread_create(&seat->thread, 0, qcc_pool_main, seat))) {
      qcc_pool_stop(pool);
      return error;
    }
  }
  pool->parallel.num_threads = num_threads;
  return 0;
}

#ifdef __cplusplus
}
#endif

#endif /* QCC_RT_THREADS_H */
