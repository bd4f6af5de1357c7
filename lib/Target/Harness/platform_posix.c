/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The harness on Linux, native or under qemu-user.
 */
#define _GNU_SOURCE
#include "harness.h"
#include "qcc-rt/threads.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { MAX_GUARDED = 140, CANARY = 0xA7, PAINT = 0x5C };

/* Pages [start, start + bytes) between two unmapped ones; the buffer lies at
 * their end or their start, and canaries before and behind it. */
struct guarded {
  const char *what;
  unsigned char *start, *buffer;
  size_t mapped, bytes;
};

static struct guarded guarded[MAX_GUARDED];
static unsigned num_guarded;
static size_t page;
static const char *program_path;

void platform_exit(int status) { _exit(status); }

void platform_print_error(const char *text) {
  ssize_t ignored = write(2, text, strlen(text));
  (void)ignored;
}

static void on_fault(int number, siginfo_t *info, void *context) {
  unsigned char *at = (unsigned char *)info->si_addr;
  unsigned i;
  (void)number;
  (void)context;
  for (i = 0; i < num_guarded; i++)
    if (at >= guarded[i].start - page &&
        at < guarded[i].start + guarded[i].mapped + page)
      harness_fail(at >= guarded[i].buffer &&
                           at < guarded[i].buffer + guarded[i].bytes
                       ? "the model wrote into read-only "
                       : "the model accessed memory beside ",
                   guarded[i].what, (char *)0);
  harness_fail("the program accessed memory it does not have", (char *)0);
}

int platform_start(int argc, char **argv, char ***arguments) {
  static unsigned char signal_stack[1 << 16];
  struct sigaction action;
  stack_t stack;
  page = (size_t)sysconf(_SC_PAGESIZE);
  harness_placements = 2;
  program_path = argv[0];
  memset(&action, 0, sizeof(action));
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  memset(&stack, 0, sizeof(stack));
  stack.ss_sp = signal_stack;
  stack.ss_size = sizeof(signal_stack);
  sigaltstack(&stack, 0);
  sigaction(SIGSEGV, &action, 0);
  sigaction(SIGBUS, &action, 0);
  *arguments = argv;
  return argc;
}

int platform_open(const char *path, int for_writing) {
  return for_writing ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666)
                     : open(path, O_RDONLY);
}

size_t platform_read(int file, void *data, size_t bytes) {
  size_t done = 0;
  while (done < bytes) {
    ssize_t n = read(file, (char *)data + done, bytes - done);
    if (n <= 0)
      break;
    done += (size_t)n;
  }
  return done;
}

size_t platform_write(int file, const void *data, size_t bytes) {
  size_t done = 0;
  while (done < bytes) {
    ssize_t n = write(file, (const char *)data + done, bytes - done);
    if (n <= 0)
      break;
    done += (size_t)n;
  }
  return done;
}

int platform_close(int file) { return close(file); }

void *platform_allocate(size_t bytes) {
  void *memory = malloc(bytes ? bytes : 1);
  if (!memory)
    harness_fail("out of memory", (char *)0);
  return memory;
}

/* Pages between two unmapped ones. */
static unsigned char *map_pages(size_t bytes) {
  unsigned char *all =
      mmap(0, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED || mprotect(all + page, bytes, PROT_READ | PROT_WRITE))
    harness_fail("out of memory", (char *)0);
  return all + page;
}

void *platform_guarded(const char *what, size_t bytes, size_t align) {
  struct guarded *g = &guarded[num_guarded++];
  if (num_guarded > MAX_GUARDED)
    harness_fail("too many buffers", (char *)0);
  g->what = what;
  g->bytes = bytes;
  g->mapped = (bytes + align + page - 1) / page * page;
  g->start = map_pages(g->mapped);
  g->buffer =
      harness_place_low
          ? g->start
          : (unsigned char *)((uintptr_t)(g->start + g->mapped - bytes) &
                              ~(align - 1));
  memset(g->start, CANARY, g->mapped);
  return g->buffer;
}

void platform_protect(void *buffer, int read_only) {
  unsigned i;
  for (i = 0; i < num_guarded; i++)
    if (guarded[i].buffer == buffer)
      mprotect(guarded[i].start, guarded[i].mapped,
               read_only ? PROT_READ : PROT_READ | PROT_WRITE);
}

void platform_check_guards(void) {
  unsigned i;
  for (i = 0; i < num_guarded; i++) {
    const struct guarded *g = &guarded[i];
    const unsigned char *at;
    for (at = g->start; at < g->start + g->mapped; at++) {
      if (at == g->buffer)
        at += g->bytes;
      if (at < g->start + g->mapped && *at != CANARY)
        harness_fail("the model wrote beside ", g->what, (char *)0);
    }
  }
}

static struct {
  ucontext_t caller, callee;
  void (*body)(void *);
  void *context;
  unsigned char *top;
} call;

static void enter(void) {
  call.top = (unsigned char *)__builtin_frame_address(0);
  call.body(call.context);
}

size_t platform_call_on_stack(size_t bytes, void (*body)(void *),
                              void *context) {
  static unsigned char *stack;
  static size_t size;
  unsigned char *lowest;
  if (!stack) {
    /* Room to overrun the bound and be told by how much. */
    size = (bytes + 65536 + page - 1) / page * page;
    stack = map_pages(size);
  }
  memset(stack, PAINT, size);
  getcontext(&call.callee);
  call.callee.uc_stack.ss_sp = stack;
  call.callee.uc_stack.ss_size = size;
  call.callee.uc_link = &call.caller;
  call.body = body;
  call.context = context;
  makecontext(&call.callee, enter, 0);
  swapcontext(&call.caller, &call.callee);
  for (lowest = stack; lowest < call.top && *lowest == PAINT;)
    lowest++;
  return (size_t)(call.top - lowest);
}

const struct qcc_parallel *platform_parallel(uint32_t threads) {
  static struct qcc_pool pool;
  if (threads > QCC_POOL_MAX_THREADS)
    threads = QCC_POOL_MAX_THREADS;
  if (qcc_pool_start(&pool, threads))
    harness_fail("no threads can be started", (char *)0);
  return &pool.parallel;
}

uint64_t platform_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int main(int argc, char **argv) { return harness_main(argc, argv); }
