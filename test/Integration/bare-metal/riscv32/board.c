/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Start-up of a RISC-V core, and printing by semihosting: the debugger, or the
 * emulator, prints for the program. Source: "RISC-V Semihosting", section 2.
 */
#include "../board.h"

/* From the linker script. */
extern unsigned char __bss_start[], __bss_end[];

void *memset(void *to, int value, size_t bytes);

/* The three instructions mark the trap: uncompressed, and within one page. */
__attribute__((naked, aligned(16), noinline)) static int
semihost(int operation, const void *argument) {
  __asm__ volatile(".option push\n"
                   ".option norvc\n"
                   "slli x0, x0, 0x1f\n"
                   "ebreak\n"
                   "srai x0, x0, 7\n"
                   ".option pop\n"
                   "ret\n");
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

__attribute__((aligned(4), used)) static void fault_handler(void) {
  board_print("the processor stopped on a fault\n");
  board_exit(3);
}

__attribute__((used)) static void start(void) {
  memset(__bss_start, 0, (size_t)(__bss_end - __bss_start));
  board_exit(main());
}

__attribute__((naked, section(".text.start"), used)) void _start(void) {
  __asm__ volatile("la sp, __stack_top\n"
                   "la t0, fault_handler\n"
                   "csrw mtvec, t0\n"
                   "j start\n");
}
