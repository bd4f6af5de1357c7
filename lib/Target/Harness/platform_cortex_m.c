/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The harness on a bare Cortex-M, as on qemu-system-arm's machines mps2-an385,
 * an386, an500, an505 and mps3-an547: start-up, and the trap of semihosting.
 */
#include "semihosting.h"

/* From the linker script. */
extern unsigned char __data_start[], __data_end[], __data_load[];
extern unsigned char __bss_start[], __bss_end[];
extern unsigned char __stack_top[];

/* What compilers may call instead on this ABI; note the order of arguments. */
void __aeabi_memcpy(void *to, const void *from, size_t n) {
  memcpy(to, from, n);
}
void __aeabi_memcpy4(void *to, const void *from, size_t n) {
  memcpy(to, from, n);
}
void __aeabi_memcpy8(void *to, const void *from, size_t n) {
  memcpy(to, from, n);
}
void __aeabi_memclr(void *to, size_t n) { memset(to, 0, n); }
void __aeabi_memclr4(void *to, size_t n) { memset(to, 0, n); }
void __aeabi_memclr8(void *to, size_t n) { memset(to, 0, n); }

int harness_semihost(int operation, const void *argument) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

__attribute__((naked)) void
harness_switch_stack(void *context, void (*body)(void *), void *top) {
  __asm__ volatile("push {r4, lr}\n"
                   "mov r4, sp\n"
                   "mov sp, r2\n"
                   "blx r1\n"
                   "mov sp, r4\n"
                   "pop {r4, pc}\n");
}

void reset_handler(void);
static void fault_handler(void) {
  harness_fail("the processor stopped on a fault", (char *)0);
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    (void *)__stack_top,   (void *)reset_handler, (void *)fault_handler,
    (void *)fault_handler, (void *)fault_handler, (void *)fault_handler,
    (void *)fault_handler};

void reset_handler(void) {
  /* The FPU, for code that uses it: CPACR, coprocessors 10 and 11. */
  *(volatile uint32_t *)0xE000ED88u |= 0xfu << 20;
#ifdef HARNESS_STRICT_ALIGN
  /* The model is for a core without unaligned accesses: CCR.UNALIGN_TRP makes
   * this one fault on them too. */
  *(volatile uint32_t *)0xE000ED14u |= 1u << 3;
#endif
  __asm__ volatile("dsb\nisb" ::: "memory");
  memcpy(__data_start, __data_load, (size_t)(__data_end - __data_start));
  memset(__bss_start, 0, (size_t)(__bss_end - __bss_start));
  platform_exit(harness_main(0, 0));
}
