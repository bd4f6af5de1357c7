/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What main.c wants of a machine. On real hardware, board_print would write to
 * a serial port.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

void board_print(const char *text);
/* Ends the program; the debugger or emulator hears the status. */
void board_exit(int status);

int main(void);

#endif /* BOARD_H */
