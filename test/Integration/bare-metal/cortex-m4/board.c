/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Start-up of a Cortex-M4, and printing by semihosting: the debugger, or the
 * emulator, prints for the program. Source: "Semihosting for AArch32 and
 * AArch64", Arm, sections SYS_WRITE0 and SYS_EXIT_EXTENDED.
 */
#include "../board.h"

/* From the linker script. */
extern unsigned char __data_start[], __data_end[], __data_load[];
extern unsigned char __bss_start[], __bss_end[], __stack_top[];

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

static int semihost(int operation, const void *argument) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void board_print(const char *text) { semihost(0x04, text); }

void board_exit(int status) {
  uint32_t block[2];
  block[0] = 0x20026; /* the application ended by itself */
  block[1] = (uint32_t)status;
  semihost(0x20, block);
  for (;;)
    ;
}

void reset_handler(void) {
  /* The FPU, which code for eabihf may use: CPACR, coprocessors 10 and 11. */
  *(volatile uint32_t *)0xE000ED88u |= 0xfu << 20;
  __asm__ volatile("dsb\nisb" ::: "memory");
  memcpy(__data_start, __data_load, (size_t)(__data_end - __data_start));
  memset(__bss_start, 0, (size_t)(__bss_end - __bss_start));
  board_exit(main());
}

static void fault_handler(void) {
  board_print("the processor stopped on a fault\n");
  board_exit(3);
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    (void *)__stack_top,   (void *)reset_handler, (void *)fault_handler,
    (void *)fault_handler, (void *)fault_handler, (void *)fault_handler,
    (void *)fault_handler};
