/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * Runs the compiled model on the numbers that `compile-own --interpret` takes.
 */
#include "own.h"
#include <stdio.h>

static _Alignas(OWN_ARENA_ALIGN) unsigned char arena[OWN_ARENA_BYTES + 1];

int main(void) {
  int8_t in[OWN_INPUT0_BYTES], out[OWN_OUTPUT0_BYTES];
  for (int i = 0; i < (int)sizeof in; ++i)
    in[i] = (int8_t)(i * 7 - 128);
  if (own_run(in, out, arena) != 0)
    return 1;
  for (int i = 0; i < (int)sizeof out; ++i)
    printf("%d\n", out[i]);
  return 0;
}
