/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The parts of a program that --emit=exe links around a model: what the
 * platform (an operating system, or a bare machine with semihosting) does for
 * the rest, and the .npy files. All of it is freestanding C99; only
 * platform_posix.c uses libc.
 */
#ifndef QCC_HARNESS_H
#define QCC_HARNESS_H

#include "qcc-rt/qcc.h"
#include <stddef.h>

/* The model: made by the linker of programs for each model. */
extern const struct qcc_model_info *const harness_model;
/* --threads, and for more than one what the model takes; set by harness.c. */
extern const uint32_t harness_threads;
extern const struct qcc_parallel *harness_parallel;
int harness_run(void *const *in, void *const *out, void *state, void *arena);
int harness_reset(void *state);

/* ---- platform ---- */

/* Command line; argv[0] is the program. Called once, before all else. */
int platform_start(int argc, char **argv, char ***arguments);
void platform_exit(int status);
void platform_print_error(const char *text);

/* Files. Open returns a handle >= 0 or -1; read and write return the bytes
 * moved. */
int platform_open(const char *path, int for_writing);
size_t platform_read(int file, void *data, size_t bytes);
size_t platform_write(int file, const void *data, size_t bytes);
int platform_close(int file); /* 0, or -1 when data could not be written */

/* Plain memory, never freed; exits with a message when there is none. */
void *platform_allocate(size_t bytes);
/* A buffer for the model that betrays accesses outside of it: on an operating
 * system by unmapped pages on both sides (the end lies flush against one, up to
 * alignment), everywhere by canaries. `what` names it in messages. */
void *platform_guarded(const char *what, size_t bytes, size_t align);
/* How often the model's buffers exist: 2 where the platform can put them
 * against the page behind them and against the page before them, which it does
 * while harness_place_low is 0 and 1. */
extern int harness_placements, harness_place_low;
/* Makes a guarded buffer read-only, or writable again; canaries do not do that.
 */
void platform_protect(void *buffer, int read_only);
/* Exits with a message when a canary of any guarded buffer has changed. */
void platform_check_guards(void);

/* Calls body(context) on a stack of its own and returns the bytes of it that
 * were written, body's own frame included. */
size_t platform_call_on_stack(size_t bytes, void (*body)(void *),
                              void *context);

/* A parallel-for of so many threads, or of one where there is no more. */
const struct qcc_parallel *platform_parallel(uint32_t threads);

/* Nanoseconds from some point in time. */
uint64_t platform_now(void);

/* ---- npy.c ---- */

enum { NPY_MAX_RANK = 8 };

struct npy_array {
  enum qcc_type type;
  uint32_t element_bytes;
  uint32_t rank;
  uint32_t shape[NPY_MAX_RANK];
  uint32_t elements;
};

/* Reads the header of an open file, which then stands at the first element.
 * Returns a message, or null if all is well. */
const char *npy_read_header(int file, struct npy_array *array);
/* Writes a whole .npy file. Returns a message or null. */
const char *npy_write(const char *path, const struct npy_array *array,
                      const void *data);
uint32_t npy_element_bytes(enum qcc_type type);
const char *npy_type_name(enum qcc_type type);

/* ---- harness.c ---- */

/* Prints the strings up to a null pointer and exits with status 1. */
void harness_fail(const char *first, ...);
/* Decimal digits of a number, in a buffer of at least 21 bytes. */
char *harness_number(uint64_t value, char *buffer);
uint64_t harness_divide(uint64_t dividend, uint32_t divisor);
int harness_main(int argc, char **argv);

#endif /* QCC_HARNESS_H */
