/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What semihosting.c wants of a bare machine.
 */
#ifndef QCC_HARNESS_SEMIHOSTING_H
#define QCC_HARNESS_SEMIHOSTING_H

#include "harness.h"

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

/* The trap: `argument` is a block of words, or what the operation says. */
int harness_semihost(int operation, const void *argument);

/* body(context) with the stack pointer at `top`. */
void harness_switch_stack(void *context, void (*body)(void *), void *top);

#endif /* QCC_HARNESS_SEMIHOSTING_H */
