// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a program for any Linux needs to read inputs and write outputs, without
// a C library: system calls, and the three functions that generated code may
// call.

#include <stddef.h>
#include <stdint.h>

#if defined(__aarch64__)
enum { READ = 63, WRITE = 64, EXIT = 93 };
static long call(long number, long a, long b, long c) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a,
                   x1 __asm__("x1") = b, x2 __asm__("x2") = c;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}
#elif defined(__arm__)
enum { READ = 3, WRITE = 4, EXIT = 1 };
static long call(long number, long a, long b, long c) {
  register long r7 __asm__("r7") = number, r0 __asm__("r0") = a,
                   r1 __asm__("r1") = b, r2 __asm__("r2") = c;
  __asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2) : "memory");
  return r0;
}
#elif defined(__riscv)
enum { READ = 63, WRITE = 64, EXIT = 93 };
static long call(long number, long a, long b, long c) {
  register long a7 __asm__("a7") = number, a0 __asm__("a0") = a,
                   a1 __asm__("a1") = b, a2 __asm__("a2") = c;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
  return a0;
}
#elif defined(__x86_64__)
enum { READ = 0, WRITE = 1, EXIT = 60 };
static long call(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c)
                   : "rcx", "r11", "memory");
  return result;
}
#endif

void *memcpy(void *to, const void *from, size_t size) {
  for (size_t i = 0; i < size; i++)
    ((volatile char *)to)[i] = ((const char *)from)[i];
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  if ((uintptr_t)to <= (uintptr_t)from)
    return memcpy(to, from, size);
  while (size--)
    ((volatile char *)to)[size] = ((const char *)from)[size];
  return to;
}

void *memset(void *to, int value, size_t size) {
  for (size_t i = 0; i < size; i++)
    ((volatile char *)to)[i] = (char)value;
  return to;
}

#if defined(__arm__)
void __aeabi_memcpy(void *to, const void *from, size_t size) {
  memcpy(to, from, size);
}
void __aeabi_memcpy4(void *to, const void *from, size_t size) {
  memcpy(to, from, size);
}
void __aeabi_memset(void *to, size_t size, int value) {
  memset(to, value, size);
}
void __aeabi_memclr(void *to, size_t size) { memset(to, 0, size); }
void __aeabi_memclr8(void *to, size_t size) { memset(to, 0, size); }
#endif

static void finish(int status) {
  call(EXIT, status, 0, 0);
  for (;;)
    ;
}

// All of it, or the program ends with the number of the model that it was
// about.
static void take(int model, void *to, long size) {
  for (long done = 0, got; done < size; done += got)
    if ((got = call(READ, 0, (long)to + done, size - done)) <= 0)
      finish(100 + model);
}

static void give(int model, void *from, long size) {
  for (long done = 0, got; done < size; done += got)
    if ((got = call(WRITE, 1, (long)from + done, size - done)) <= 0)
      finish(100 + model);
}

static void fill(void *to, long size) { memset(to, 0xa5, (size_t)size); }

int run(void);

__attribute__((used)) void start(void) { finish(run()); }

#if defined(__riscv)
__asm__(".globl _start\n_start:\n.option push\n.option norelax\nla gp, "
        "__global_pointer$\n.option pop\ncall start\n");
#elif defined(__x86_64__)
__asm__(".globl _start\n_start:\nandq $-16, %rsp\ncall start\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\nbl start\n");
#else
__asm__(".globl _start\n.type _start,%function\n_start:\nbl start\n");
#endif
