/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The harness on a bare RISC-V, as on the machine virt of qemu-system-riscv32
 * and qemu-system-riscv64: start-up, and the trap of semihosting. Source:
 * "RISC-V Semihosting", section 2.
 */
#include "semihosting.h"

/* From the linker script; everything is loaded where it runs. */
extern unsigned char __bss_start[], __bss_end[], __stack_top[];

/* The three instructions mark the trap: uncompressed, and within one page. */
__attribute__((naked, aligned(16))) int harness_semihost(int operation,
                                                         const void *argument) {
  __asm__ volatile(".option push\n"
                   ".option norvc\n"
                   "slli x0, x0, 0x1f\n"
                   "ebreak\n"
                   "srai x0, x0, 7\n"
                   ".option pop\n"
                   "ret\n");
}

#if __riscv_xlen == 64
#define STORE "sd"
#define LOAD "ld"
#else
#define STORE "sw"
#define LOAD "lw"
#endif

__attribute__((naked)) void
harness_switch_stack(void *context, void (*body)(void *), void *top) {
  __asm__ volatile("addi sp, sp, -16\n" STORE " ra, 0(sp)\n" STORE
                   " s0, 8(sp)\n"
                   "mv s0, sp\n"
                   "mv sp, a2\n"
                   "jalr a1\n"
                   "mv sp, s0\n" LOAD " ra, 0(sp)\n" LOAD " s0, 8(sp)\n"
                   "addi sp, sp, 16\n"
                   "ret\n");
}

__attribute__((aligned(4), used)) static void fault_handler(void) {
  harness_fail("the processor stopped on a fault", (char *)0);
}

__attribute__((used)) static void start(void) {
  memset(__bss_start, 0, (size_t)(__bss_end - __bss_start));
  platform_exit(harness_main(0, 0));
}

/* The FPU and the vector unit are switched on by mstatus.FS and VS, where there
 * are any. */
__attribute__((naked, section(".text.start"), used)) void _start(void) {
  __asm__ volatile("la sp, __stack_top\n"
                   "la t0, fault_handler\n"
                   "csrw mtvec, t0\n"
                   "li t0, 0x2200\n"
                   "csrs mstatus, t0\n"
                   "j start\n");
}
