/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

   What the program of run-emulated wants of a C library, for a Linux that has
   none here (RV32): included in front of it, in the place of <stdio.h>,
   <stdlib.h> and <string.h>. */

typedef __SIZE_TYPE__ size_t;
enum {
  stdout = 1,
  stderr = 2,
  _IONBF = 2,
  SYSCALL_WRITE = 64,
  SYSCALL_EXIT = 93
};

static long callLinux(long number, long a, long b, long c) {
  register long a0 __asm__("a0") = a, a1 __asm__("a1") = b,
                   a2 __asm__("a2") = c, a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

void *memcpy(void *to, const void *from, size_t n) {
  for (size_t i = 0; i < n; ++i)
    ((char *)to)[i] = ((const char *)from)[i];
  return to;
}

void *memmove(void *to, const void *from, size_t n) {
  if ((char *)to <= (const char *)from)
    return memcpy(to, from, n);
  while (n-- > 0)
    ((char *)to)[n] = ((const char *)from)[n];
  return to;
}

void *memset(void *to, int value, size_t n) {
  for (size_t i = 0; i < n; ++i)
    ((char *)to)[i] = (char)value;
  return to;
}

static int memcmp(const void *a, const void *b, size_t n) {
  for (size_t i = 0; i < n; ++i)
    if (((const char *)a)[i] != ((const char *)b)[i])
      return 1;
  return 0;
}

static unsigned long long strtoull(const char *text, char **end, int base) {
  unsigned value = 0;
  (void)end;
  for (; *text >= '0' && *text <= '9'; ++text)
    value = value * (unsigned)base + (unsigned)(*text - '0');
  return value;
}

/* %d and %llu of small numbers. */
static void fprintf(long file, const char *format, ...) {
  char line[256];
  size_t n = 0;
  __builtin_va_list arguments;
  __builtin_va_start(arguments, format);
  for (; *format && n < sizeof line - 12; ++format) {
    if (*format != '%') {
      line[n++] = *format;
      continue;
    }
    unsigned value =
        *++format == 'd'
            ? __builtin_va_arg(arguments, unsigned)
            : (unsigned)__builtin_va_arg(arguments, unsigned long long);
    format += *format == 'd' ? 0 : 2;
    char digits[12];
    int count = 0;
    do
      digits[count++] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    while (count > 0)
      line[n++] = digits[--count];
  }
  __builtin_va_end(arguments);
  callLinux(SYSCALL_WRITE, file, (long)line, (long)n);
}
#define printf(...) fprintf(stdout, __VA_ARGS__)
#define setvbuf(...) (void)0

int main(int argc, char **argv);
__attribute__((used)) static void start(long *stack) {
  callLinux(SYSCALL_EXIT, main((int)stack[0], (char **)(stack + 1)), 0, 0);
}
__asm__(
    ".global _start\n_start:\n mv a0, sp\n andi sp, sp, -16\n call start\n");
