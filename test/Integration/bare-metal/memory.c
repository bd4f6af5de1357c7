/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The three functions of a C library that compilers, and code that qcc
 * generates, may call. Leave this file out where there is a C library.
 */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t bytes) {
  unsigned char *target = (unsigned char *)to;
  const unsigned char *source = (const unsigned char *)from;
  while (bytes--)
    *target++ = *source++;
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  unsigned char *target = (unsigned char *)to;
  const unsigned char *source = (const unsigned char *)from;
  if (target <= source)
    return memcpy(to, from, bytes);
  while (bytes--)
    target[bytes] = source[bytes];
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  unsigned char *target = (unsigned char *)to;
  while (bytes--)
    *target++ = (unsigned char)value;
  return to;
}
