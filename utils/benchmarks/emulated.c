/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The smallest Linux program around a model: runs it as often as its argument,
 * one digit, says. No C library: what is counted is the model's code and a
 * loop. MODEL_PADDING bytes before all code shift where pages begin.
 */
#include "glue.h"

#if defined(__aarch64__)
__asm__(".text\n.space " MODEL_PADDING "\n.globl _start\n_start:\n"
        "  mov x0, sp\n  b start\n");
#elif defined(__riscv)
__asm__(".text\n.space " MODEL_PADDING "\n.globl _start\n_start:\n"
        "  mv a0, sp\n  j start\n");
#elif defined(__thumb__)
__asm__(".syntax unified\n.thumb\n.text\n.space " MODEL_PADDING
        "\n.globl _start\n.type _start, %function\n.thumb_func\n_start:\n"
        "  mov r0, sp\n  b start\n");
#else
#error "no start for this machine"
#endif

static void leave(long status) {
#if defined(__aarch64__)
  register long result __asm__("x0") = status;
  register long call __asm__("x8") = 94;
  __asm__ volatile("svc 0" : : "r"(result), "r"(call));
#elif defined(__riscv)
  register long result __asm__("a0") = status;
  register long call __asm__("a7") = 94;
  __asm__ volatile("ecall" : : "r"(result), "r"(call));
#else
  /* The frame pointer may be r7. */
  __asm__ volatile("mov r0, %0\n  movs r7, #248\n  svc 0"
                   :
                   : "r"(status)
                   : "r0", "r7");
#endif
  __builtin_unreachable();
}

/* Called with the stack as Linux leaves it: the count of arguments, then they.
 */
void start(void *const *stack) {
  const char *argument = stack[2];
  int runs = argument[0] - '0', status, i;
  bench_fill();
  status = bench_reset();
  for (i = 0; i < runs; i++)
    status |= bench_run(0);
  leave(status != QCC_OK);
}
