/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The harness on a bare machine with semihosting, as emulators and debuggers
 * offer it: memory, files and time. Nothing of a C library is linked, so memcpy
 * and its kin are here. The trap itself, start-up and the switch of stacks are
 * the platform's. Sources: "Semihosting for AArch32 and AArch64", Arm, sections
 * SYS_*; "RISC-V Semihosting", which takes over its numbers.
 */
#include "semihosting.h"

enum {
  SYS_OPEN = 0x01,
  SYS_CLOSE = 0x02,
  SYS_WRITE0 = 0x04,
  SYS_WRITE = 0x05,
  SYS_READ = 0x06,
  SYS_GET_CMDLINE = 0x15,
  SYS_EXIT_EXTENDED = 0x20,
  SYS_ELAPSED = 0x30,
  SYS_TICKFREQ = 0x31,
  ADP_Stopped_ApplicationExit = 0x20026
};

enum { CANARY_BYTES = 64, CANARY = 0xA7, PAINT = 0x5C, MAX_GUARDED = 80 };

/* From the linker script. */
extern unsigned char __heap_start[], __heap_end[];

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

void platform_exit(int status) {
  uintptr_t block[2];
  block[0] = ADP_Stopped_ApplicationExit;
  block[1] = (uintptr_t)status;
  harness_semihost(SYS_EXIT_EXTENDED, block);
  for (;;)
    ;
}

void platform_print_error(const char *text) {
  harness_semihost(SYS_WRITE0, text);
}

static uintptr_t length_of(const char *text) {
  uintptr_t n = 0;
  while (text[n])
    n++;
  return n;
}

int platform_start(int argc, char **argv, char ***arguments) {
  static char line[4096];
  static char *words[66];
  struct {
    char *text;
    uintptr_t bytes;
  } block;
  char *at = line;
  (void)argv;
  block.text = line;
  block.bytes = sizeof(line) - 1;
  if (harness_semihost(SYS_GET_CMDLINE, &block) != 0)
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
  uintptr_t block[3];
  block[0] = (uintptr_t)path;
  block[1] = for_writing ? 5 : 1; /* "wb", "rb" */
  block[2] = length_of(path);
  return harness_semihost(SYS_OPEN, block);
}

/* Semihosting answers with the bytes that were not moved. */
static size_t transfer(int operation, int file, const void *data,
                       size_t bytes) {
  uintptr_t block[3];
  int left;
  block[0] = (uintptr_t)file;
  block[1] = (uintptr_t)data;
  block[2] = bytes;
  left = bytes ? harness_semihost(operation, block) : 0;
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
  uintptr_t block[1];
  block[0] = (uintptr_t)file;
  return harness_semihost(SYS_CLOSE, block);
}

static unsigned char *heap = __heap_start;

static unsigned char *take(size_t bytes, size_t align) {
  unsigned char *start = (unsigned char *)(((uintptr_t)heap + align - 1) &
                                           ~(uintptr_t)(align - 1));
  if (start > __heap_end || bytes > (size_t)(__heap_end - start))
    harness_fail("out of memory", (char *)0);
  heap = start + bytes;
  return start;
}

static void run_serially(const struct qcc_parallel *self,
                         void (*body)(void *, uint32_t, uint32_t),
                         void *context, uint32_t count) {
  (void)self;
  body(context, 0, count);
}

const struct qcc_parallel *platform_parallel(uint32_t threads) {
  static const struct qcc_parallel serial = {run_serially, 1, 0};
  (void)threads;
  return &serial;
}

void *platform_allocate(size_t bytes) { return take(bytes, 16); }

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

size_t platform_call_on_stack(size_t bytes, void (*body)(void *),
                              void *context) {
  static unsigned char *stack;
  static size_t size;
  unsigned char *lowest;
  if (!stack) {
    size = (bytes + 65536 + 15) & ~(size_t)15;
    stack = take(size, 16);
  }
  memset(stack, PAINT, size);
  harness_switch_stack(context, body, stack + size);
  for (lowest = stack; lowest < stack + size && *lowest == PAINT;)
    lowest++;
  return (size_t)(stack + size - lowest);
}

/* Ticks of the host, in 64 bits whatever the machine's word. */
uint64_t platform_now(void) {
  uint64_t ticks = 0;
  int frequency = harness_semihost(SYS_TICKFREQ, (void *)0);
  harness_semihost(SYS_ELAPSED, &ticks);
  return frequency == 1000000000 || frequency <= 0
             ? ticks
             : harness_divide(ticks * 1000, (uint32_t)frequency / 1000000);
}
