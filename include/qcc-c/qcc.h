/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The compiler from C: a model in memory in, code in memory out (libQCC-C).
 *
 *   QccCompiler *compiler = qccCreate();
 *   qccSetMessageHandler(compiler, print, NULL);
 *   qccSetOption(compiler, "target", "aarch64-linux-gnu");
 *   if (qccCompile(compiler, model, bytes, "kws.tflite") == QccStatusOk)
 *     ... qccGetOutput(compiler, &size), qccGetHeader(compiler) ...
 *   qccDestroy(compiler);
 *
 * Compilers share nothing: each thread may have its own, and they compile at
 * once. One compiler is used by one thread at a time. The same input gives the
 * same bytes, those that the command line writes.
 *
 * Stability: functions are only added; QccCompiler is opaque, and what it does
 * is said in keys and values, so that nothing that was built against this
 * header has to be built anew. (include/qcc-rt/qcc.h is another thing: it
 * describes compiled models at run time.)
 */
#ifndef QCC_C_QCC_H
#define QCC_C_QCC_H

#include <stddef.h>

#if defined(_WIN32)
#define QCC_C_EXPORT
#else
#define QCC_C_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when something is added. */
#define QCC_C_API_VERSION 1

/* A compiler with its options and the result of its last compilation. */
typedef struct QccCompiler QccCompiler;

typedef enum QccStatus {
  QccStatusOk = 0,
  /* The model cannot be compiled; the message handler was told why. */
  QccStatusFailed = 1,
  /* A null pointer, or an option that does not exist or has no such value; the
   * message handler was told. */
  QccStatusBadArgument = 2
} QccStatus;

typedef enum QccSeverity {
  QccSeverityNote = 0, /* explains the message before it */
  QccSeverityRemark = 1,
  QccSeverityWarning = 2,
  QccSeverityError = 3
} QccSeverity;

/* `text` is the line that the command line prints, without a line break; it
 * lives as long as the call. Called in the thread that calls the compiler. */
typedef void (*QccMessageHandler)(QccSeverity severity, const char *text,
                                  void *context);

/* "0.1.0", and the QCC_C_API_VERSION of the library that is loaded. */
QCC_C_EXPORT const char *qccGetVersion(void);
QCC_C_EXPORT int qccGetApiVersion(void);

/* Null when there is no memory. */
QCC_C_EXPORT QccCompiler *qccCreate(void);
/* Frees the compiler with its output; null is fine. */
QCC_C_EXPORT void qccDestroy(QccCompiler *compiler);

/* `context` is handed to `handler`; a null handler is for silence. */
QCC_C_EXPORT QccStatus qccSetMessageHandler(QccCompiler *compiler,
                                            QccMessageHandler handler,
                                            void *context);

/* Sets what the command line sets by --KEY=VALUE; the same key again replaces
 * the value, but for "input-shape", which adds one.
 *
 * - emit: obj (default), lib, asm, llvm-ir, bitcode, mlir
 * - stop-after: with emit=mlir: import, optimize, select, schedule, loops, llvm
 * - name: C prefix (default: model)
 * - target: LLVM triple (default: this machine)
 * - mcpu, mattr: CPU and features
 * - integer-only: auto (default), true, false
 * - io: caller (default), arena
 * - threads: 1 (default) to 32
 * - rounding: tflite (default), tflite-single, xnnpack
 * - section: of constants (default: .rodata)
 * - input-shape: NAME=N,N,...
 */
QCC_C_EXPORT QccStatus qccSetOption(QccCompiler *compiler, const char *key,
                                    const char *value);

/* Compiles `bytes` bytes at `model`: a .tflite file, or MLIR in text or
 * bytecode. `file_name` stands for it in messages and comments; null: "model".
 * What an earlier compilation made is gone, whether this one succeeds or not.
 */
QCC_C_EXPORT QccStatus qccCompile(QccCompiler *compiler, const void *model,
                                  size_t bytes, const char *file_name);

/* What the last compilation made, until the next or qccDestroy; `bytes`, if not
 * null, is set to its size. Followed by a NUL that does not count. Null when
 * there is none. */
QCC_C_EXPORT const char *qccGetOutput(const QccCompiler *compiler,
                                      size_t *bytes);
/* Text of the C header; null when there is none (bitcode, LLVM IR, MLIR). */
QCC_C_EXPORT const char *qccGetHeader(const QccCompiler *compiler);

#ifdef __cplusplus
}
#endif

#endif /* QCC_C_QCC_H */
