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
 * between two layers, and then sleep. Who calls `run` works too. Each thread
 * begins with an equal range of the work, the same one in every layer, so that
 * what it made is in its cache; who is done first takes from the others' ends,
 * so that cores of different speed, or busy ones, end together.
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

/* What a seat's thread is at: waiting for work in a loop, offered some,
 * working, sleeping, told to wake up, or told to end. */
enum {
  QCC_SEAT_IDLE,
  QCC_SEAT_OFFERED,
  QCC_SEAT_WORKING,
  QCC_SEAT_ASLEEP,
  QCC_SEAT_WAKING,
  QCC_SEAT_STOPPED
};

struct qcc_pool;

/* One thread and its work, on cache lines of their own: handing work over moves
 * one line there, and the answer one back. The first seat is the caller's. */
struct qcc_seat {
  uint32_t state;
  uint32_t range; /* what nobody has taken yet: first | end << 16 */
  uint32_t taken; /* how much of the work this thread did */
  uint32_t speed; /* by what it took before, of all threads' 65536 */
  void (*body)(void *context, uint32_t first, uint32_t end);
  void *context;
  struct qcc_pool *pool;
  uint32_t threads; /* that take part */
  pthread_t thread;
} __attribute__((aligned(128)));

struct qcc_pool {
  struct qcc_parallel parallel; /* what models take */
  uint32_t is_busy;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  struct qcc_seat seats[QCC_POOL_MAX_THREADS];
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

/* Takes a piece of what is left to `seat`: its owner most of it from the front,
 * others half of it from the back. Returns first | end << 16; the two are equal
 * when nothing is left. */
static inline uint32_t qcc_pool_take(struct qcc_seat *seat, int is_owner,
                                     uint32_t own) {
  uint32_t range = __atomic_load_n(&seat->range, __ATOMIC_RELAXED);
  for (;;) {
    uint32_t first = range & 0xffff, end = range >> 16, rest, middle;
    if (first >= end)
      return 0;
    rest = end - first;
    if (is_owner)
      middle = first + (rest == own ? rest - rest / 8 : rest - rest / 2);
    else
      middle = first + rest / 2;
    if (__atomic_compare_exchange_n(&seat->range, &range,
                                    is_owner ? middle | end << 16
                                             : first | middle << 16,
                                    0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      return is_owner ? first | middle << 16 : middle | end << 16;
  }
}

/* Works from seat `t`: its own range, then what others are not getting at. */
static inline void qcc_pool_work(struct qcc_pool *pool, uint32_t t) {
  struct qcc_seat *own = &pool->seats[t];
  void (*body)(void *, uint32_t, uint32_t) = own->body;
  void *context = own->context;
  uint32_t threads = own->threads, k, piece;
  uint32_t range = __atomic_load_n(&own->range, __ATOMIC_RELAXED);
  uint32_t whole = (range >> 16) - (range & 0xffff), taken = 0;
  /* Whole ranges are not taken from those who have come to work. */
  uint32_t visits = whole > 1 || t == 0 ? threads : 1;
  for (k = 0; k < visits;) {
    uint32_t other = t + k < threads ? t + k : t + k - threads;
    piece = qcc_pool_take(&pool->seats[other], k == 0, whole);
    if (piece == 0) {
      k++;
      continue;
    }
    body(context, piece & 0xffff, piece >> 16);
    taken += (piece >> 16) - (piece & 0xffff);
  }
  own->taken = taken;
}

static inline void *qcc_pool_main(void *argument) {
  struct qcc_seat *seat = (struct qcc_seat *)argument;
  uint32_t turn = 0, number = (uint32_t)(seat - seat->pool->seats);
  for (;;) {
    uint32_t state = __atomic_load_n(&seat->state, __ATOMIC_ACQUIRE);
    if (state == QCC_SEAT_STOPPED)
      return 0;
    if (state == QCC_SEAT_OFFERED) {
      if (__atomic_compare_exchange_n(&seat->state, &state, QCC_SEAT_WORKING, 0,
                                      __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        qcc_pool_work(seat->pool, number);
        __atomic_store_n(&seat->state, QCC_SEAT_IDLE, __ATOMIC_RELEASE);
      }
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

/* `count` is at most QCC_MAX_SHARES. */
static inline void qcc_pool_run(const struct qcc_parallel *self,
                                void (*body)(void *context, uint32_t first,
                                             uint32_t end),
                                void *context, uint32_t count) {
  struct qcc_pool *pool = (struct qcc_pool *)self->user;
  uint32_t threads = self->num_threads < count ? self->num_threads : count;
  uint32_t t, turn = 0, first = 0, speed = 0;
  int wake = 0;
  if (threads < 2 || __atomic_exchange_n(&pool->is_busy, 1, __ATOMIC_ACQUIRE)) {
    if (count > 0)
      body(context, 0, count);
    return;
  }
  for (t = 0; t < threads; t++) {
    struct qcc_seat *seat = &pool->seats[t];
    uint32_t end = (count * (t + 1) + threads - 1) / threads;
    if (threads == pool->parallel.num_threads && t + 1 < threads) {
      speed += seat->speed;
      end = (count * speed + 32768) >> 16;
    }
    seat->body = body;
    seat->context = context;
    seat->threads = threads;
    seat->taken = 0;
    __atomic_store_n(&seat->range, first | end << 16, __ATOMIC_RELAXED);
    first = end;
  }
  /* A thread that does not come in time loses its range to the others. */
  for (t = 1; t < threads; t++) {
    uint32_t state = QCC_SEAT_IDLE;
    if (__atomic_compare_exchange_n(&pool->seats[t].state, &state,
                                    QCC_SEAT_OFFERED, 0, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
      continue;
    state = QCC_SEAT_ASLEEP;
    wake |= __atomic_compare_exchange_n(&pool->seats[t].state, &state,
                                        QCC_SEAT_WAKING, 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE);
  }
  if (wake)
    qcc_pool_wake(pool);
  qcc_pool_work(pool, 0);
  for (t = 1; t < threads; t++) {
    uint32_t state = __atomic_load_n(&pool->seats[t].state, __ATOMIC_ACQUIRE);
    if (state == QCC_SEAT_OFFERED &&
        __atomic_compare_exchange_n(&pool->seats[t].state, &state,
                                    QCC_SEAT_IDLE, 0, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
      continue;
    while (__atomic_load_n(&pool->seats[t].state, __ATOMIC_ACQUIRE) ==
           QCC_SEAT_WORKING) {
      qcc_pool_pause();
      /* Its core may be wanted by the very thread that is waited for. */
      if (++turn % 4096 == 0)
        sched_yield();
    }
  }
  /* Where there was enough to tell by, threads begin nearer to where they ended
   * next time. */
  if (!wake && threads == pool->parallel.num_threads && count >= 8 * threads)
    for (t = 0; t < threads; t++) {
      struct qcc_seat *seat = &pool->seats[t];
      /* Rounded down: together they must not be more than everything. */
      seat->speed = (seat->speed * 31 + seat->taken * 65536 / count) / 32;
    }
  __atomic_store_n(&pool->is_busy, 0, __ATOMIC_RELEASE);
}

static inline void qcc_pool_stop(struct qcc_pool *pool) {
  uint32_t t;
  for (t = 1; t < pool->parallel.num_threads; t++)
    __atomic_store_n(&pool->seats[t].state, QCC_SEAT_STOPPED, __ATOMIC_RELEASE);
  qcc_pool_wake(pool);
  for (t = 1; t < pool->parallel.num_threads; t++)
    pthread_join(pool->seats[t].thread, 0);
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
    struct qcc_seat *seat = &pool->seats[t];
    seat->pool = pool;
    pool->parallel.num_threads = t;
    if ((error = pthread_create(&seat->thread, 0, qcc_pool_main, seat))) {
      qcc_pool_stop(pool);
      return error;
    }
  }
  pool->parallel.num_threads = num_threads;
  for (t = 0; t < num_threads; t++)
    pool->seats[t].speed = 65536 / num_threads;
  return 0;
}

#ifdef __cplusplus
}
#endif

#endif /* QCC_RT_THREADS_H */
