/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The harness on a bare Cortex-M with semihosting, as on qemu-system-arm's
 * machine mps2-an386: start-up, memory, files and time. Nothing of a C library
 * is linked, so memcpy and its kin are here. Source: "Semihosting for AArch32
 * and AArch64", Arm, sections SYS_*.
 */
#include "harness.h"

enum {
  SYS_OPEN = 0x01,
  SYS_CLOSE = 0x02,
  SYS_WRITE0 = 0x04,
  SYS_WRITE = 0x05,
  SYS_READ = 0x06,
  SYS_GET_CMDLINE = 0x15,
  SYS_EXIT_EXTENDED = 0x20,
  ADP_Stopped_ApplicationExit = 0x20026
};

enum { CANARY_BYTES = 64, CANARY = 0xA7, PAINT = 0x5C, MAX_GUARDED = 80 };

/* From the linker script. */
extern unsigned char __data_start[], __data_end[], __data_load[];
extern unsigned char __bss_start[], __bss_end[];
extern unsigned char __stack_top[], __heap_start[], __heap_end[];

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

static int semihost(int operation, const void *argument) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void platform_exit(int status) {
  uint32_t block[2];
  block[0] = ADP_Stopped_ApplicationExit;
  block[1] = (uint32_t)status;
  semihost(SYS_EXIT_EXTENDED, block);
  for (;;)
    ;
}

void platform_print_error(const char *text) { semihost(SYS_WRITE0, text); }

static uint32_t length_of(const char *text) {
  uint32_t n = 0;
  while (text[n])
    n++;
  return n;
}

int platform_start(int argc, char **argv, char ***arguments) {
  static char line[4096];
  static char *words[66];
  struct {
    char *text;
    uint32_t bytes;
  } block;
  char *at = line;
  (void)argv;
  block.text = line;
  block.bytes = sizeof(line) - 1;
  if (semihost(SYS_GET_CMDLINE, &block) != 0)
    harness_fail("no command line from semihosting", (char *)0);
  for (argc = 0; argc < 65;) {
    while (*at == ' ')
      at++;
    if (!*at)
      break;
    words[argc++] = at;
    while (*at && *at != ' ')
      at++;
    if (*at)
      *at++ = 0;
  }
  *arguments = words;
  return argc;
}

int platform_open(const char *path, int for_writing) {
  uint32_t block[3];
  block[0] = (uint32_t)path;
  block[1] = for_writing ? 5 : 1; /* "wb", "rb" */
  block[2] = length_of(path);
  return semihost(SYS_OPEN, block);
}

/* Semihosting answers with the bytes that were not moved. */
static size_t transfer(int operation, int file, const void *data,
                       size_t bytes) {
  uint32_t block[3];
  int left;
  block[0] = (uint32_t)file;
  block[1] = (uint32_t)data;
  block[2] = bytes;
  left = bytes ? semihost(operation, block) : 0;
  return left < 0 || (size_t)left > bytes ? 0 : bytes - (size_t)left;
}

size_t platform_read(int file, void *data, size_t bytes) {
  size_t done = 0, n;
  while (done < bytes &&
         (n = transfer(SYS_READ, file, (char *)data + done, bytes - done)))
    done += n;
  return done;
}

size_t platform_write(int file, const void *data, size_t bytes) {
  size_t done = 0, n;
  while (
      done < bytes &&
      (n = transfer(SYS_WRITE, file, (const char *)data + done, bytes - done)))
    done += n;
  return done;
}

int platform_close(int file) {
  uint32_t block[1];
  block[0] = (uint32_t)file;
  return semihost(SYS_CLOSE, block);
}

static unsigned char *heap = __heap_start;

static unsigned char *take(size_t bytes, size_t align) {
  unsigned char *start =
      (unsigned char *)(((uint32_t)heap + align - 1) & ~(uint32_t)(align - 1));
  if (start > __heap_end || bytes > (size_t)(__heap_end - start))
    harness_fail("out of memory", (char *)0);
  heap = start + bytes;
  return start;
}

void *platform_allocate(size_t bytes) { return take(bytes, 8); }

static struct {
  const char *what;
  unsigned char *buffer;
  size_t bytes;
} guarded[MAX_GUARDED];
static unsigned num_guarded;

void *platform_guarded(const char *what, size_t bytes, size_t align) {
  unsigned char *buffer;
  if (num_guarded == MAX_GUARDED)
    harness_fail("too many buffers", (char *)0);
  take(CANARY_BYTES, 1);
  buffer = take(bytes, align);
  take(CANARY_BYTES, 1);
  memset(buffer - CANARY_BYTES, CANARY, CANARY_BYTES);
  memset(buffer, CANARY, bytes + CANARY_BYTES);
  guarded[num_guarded].what = what;
  guarded[num_guarded].buffer = buffer;
  guarded[num_guarded++].bytes = bytes;
  return buffer;
}

void platform_protect(void *buffer, int read_only) {
  (void)buffer;
  (void)read_only;
}

void platform_check_guards(void) {
  unsigned i, k;
  for (i = 0; i < num_guarded; i++)
    for (k = 0; k < CANARY_BYTES; k++)
      if (guarded[i].buffer[-1 - (int)k] != CANARY ||
          guarded[i].buffer[guarded[i].bytes + k] != CANARY)
        harness_fail("the model wrote beside ", guarded[i].what, (char *)0);
}

/* body(context) with the stack pointer at `top`. */
__attribute__((naked)) static void
switch_stack(void *context, void (*body)(void *), void *top) {
  __asm__ volatile("push {r4, lr}\n"
                   "mov r4, sp\n"
                   "mov sp, r2\n"
                   "blx r1\n"
                   "mov sp, r4\n"
                   "pop {r4, pc}\n");
}

size_t platform_call_on_stack(size_t bytes, void (*body)(void *),
                              void *context) {
  static unsigned char *stack;
  static size_t size;
  unsigned char *lowest;
  if (!stack) {
    size = (bytes + 65536 + 7) & ~(size_t)7;
    stack = take(size, 8);
  }
  memset(stack, PAINT, size);
  switch_stack(context, body, stack + size);
  for (lowest = stack; lowest < stack + size && *lowest == PAINT;)
    lowest++;
  return (size_t)(stack + size - lowest);
}

/* CMSDK timer 0 counts down at 25 MHz; it is read often enough to see each wrap
 * of its 172 seconds. */
static volatile uint32_t *const timer = (volatile uint32_t *)0x40000000u;

uint64_t platform_now(void) {
  static uint64_t ticks;
  static uint32_t last = 0xffffffffu;
  uint32_t value;
  if (!timer[0]) {
    timer[2] = 0xffffffffu; /* RELOAD */
    timer[1] = 0xffffffffu; /* VALUE */
    timer[0] = 1;           /* CTRL: enable */
  }
  value = timer[1];
  ticks += last - value;
  last = value;
  return ticks * 40;
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
  __asm__ volatile("dsb\nisb" ::: "memory");
  memcpy(__data_start, __data_load, (size_t)(__data_end - __data_start));
  memset(__bss_start, 0, (size_t)(__bss_end - __bss_start));
  platform_exit(harness_main(0, 0));
}
