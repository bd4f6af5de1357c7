/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Compiles a model in two threads at once, and hands the compiler everything
 * that it must refuse.
 *   compile-in-c model.tflite first-triple second-triple out-directory */
#include "qcc-c/qcc.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                       \
  do                                                                           \
    if (!(condition)) {                                                        \
      fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__,         \
              #condition);                                                     \
      exit(1);                                                                 \
    }                                                                          \
  while (0)

static char *model;
static size_t model_bytes;

/* Keeps the last message. */
struct log {
  char text[400];
  QccSeverity severity;
  int count;
};

static void keep(QccSeverity severity, const char *text, void *context) {
  struct log *log = context;
  snprintf(log->text, sizeof log->text, "%s", text);
  log->severity = severity;
  log->count++;
}

static void write_file(const char *directory, const char *name,
                       const char *suffix, const void *data, size_t bytes) {
  char path[1000];
  snprintf(path, sizeof path, "%s/%s%s", directory, name, suffix);
  FILE *file = fopen(path, "wb");
  CHECK(file && fwrite(data, 1, bytes, file) == bytes && fclose(file) == 0);
}

struct job {
  const char *triple, *directory;
};

static void *compile(void *context) {
  const struct job *job = context;
  struct log log = {"", QccSeverityNote, 0};
  size_t bytes;
  QccCompiler *compiler = qccCreate();
  CHECK(compiler);
  CHECK(qccSetMessageHandler(compiler, keep, &log) == QccStatusOk);
  CHECK(qccSetOption(compiler, "target", job->triple) == QccStatusOk);
  CHECK(qccSetOption(compiler, "name", "net") == QccStatusOk);
  QccStatus status = qccCompile(compiler, model, model_bytes, "model.tflite");
  if (status != QccStatusOk)
    fprintf(stderr, "%s\n", log.text);
  /* The batch was left open in the file: that is remarked on, and all. */
  CHECK(status == QccStatusOk && log.count == 1);
  CHECK(log.severity == QccSeverityRemark && strstr(log.text, "free axes"));
  const char *object = qccGetOutput(compiler, &bytes);
  CHECK(object && bytes > 1000);
  write_file(job->directory, job->triple, ".o", object, bytes);
  const char *header = qccGetHeader(compiler);
  write_file(job->directory, job->triple, ".h", header, strlen(header));

  /* The same compiler again, for other things. */
  CHECK(qccSetOption(compiler, "emit", "mlir") == QccStatusOk);
  CHECK(qccSetOption(compiler, "stop-after", "optimize") == QccStatusOk);
  CHECK(qccCompile(compiler, model, model_bytes, NULL) == QccStatusOk);
  CHECK(strstr(qccGetOutput(compiler, NULL), "qnn.conv2d"));
  CHECK(qccGetHeader(compiler) == NULL);
  CHECK(qccSetOption(compiler, "emit", "asm") == QccStatusOk);
  CHECK(qccCompile(compiler, model, model_bytes, NULL) == QccStatusOk);
  CHECK(strstr(qccGetOutput(compiler, NULL), "net_run:"));

  /* A model that is cut short; what was made before is gone. */
  CHECK(qccCompile(compiler, model, model_bytes / 2, "cut.tflite") ==
        QccStatusFailed);
  CHECK(strstr(log.text, "cut.tflite: error: ") &&
        log.severity == QccSeverityError);
  CHECK(qccGetOutput(compiler, &bytes) == NULL && bytes == 0);
  qccDestroy(compiler);
  return NULL;
}

static void check_bad_arguments(void) {
  static const char *const bad[][2] = {
      {"emit", "exe"},        {"emit", ""},       {"stop-after", "never"},
      {"io", "nobody"},       {"rounding", "up"}, {"integer-only", "maybe"},
      {"name", "2nd"},        {"name", ""},       {"input-shape", "x"},
      {"input-shape", "x=0"}, {"Emit", "obj"},    {"", ""}};
  struct log log = {"", QccSeverityNote, 0};
  size_t i, bytes = 7;
  QccCompiler *compiler = qccCreate();
  CHECK(qccGetApiVersion() == QCC_C_API_VERSION);
  CHECK(qccGetVersion()[0] >= '0' && qccGetVersion()[0] <= '9');

  qccDestroy(NULL);
  CHECK(qccSetMessageHandler(NULL, keep, &log) == QccStatusBadArgument);
  CHECK(qccSetOption(NULL, "emit", "obj") == QccStatusBadArgument);
  CHECK(qccCompile(NULL, model, model_bytes, NULL) == QccStatusBadArgument);
  CHECK(qccGetOutput(NULL, &bytes) == NULL && bytes == 0);
  CHECK(qccGetOutput(NULL, NULL) == NULL && qccGetHeader(NULL) == NULL);

  /* Without a handler, in silence. */
  CHECK(qccSetOption(compiler, "emit", "exe") == QccStatusBadArgument);
  CHECK(qccCompile(compiler, "", 0, NULL) == QccStatusFailed);

  CHECK(qccSetMessageHandler(compiler, keep, &log) == QccStatusOk);
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    log.count = 0;
    CHECK(qccSetOption(compiler, bad[i][0], bad[i][1]) == QccStatusBadArgument);
    CHECK(log.count == 1 && strstr(log.text, "qcc: error: "));
  }
  CHECK(qccSetOption(compiler, NULL, "obj") == QccStatusBadArgument);
  CHECK(qccSetOption(compiler, "emit", NULL) == QccStatusBadArgument);
  CHECK(qccCompile(compiler, NULL, 100, NULL) == QccStatusBadArgument);
  CHECK(qccCompile(compiler, "junk", 4, "\x1b[31m") == QccStatusFailed);
  CHECK(!strchr(log.text, '\x1b'));
  CHECK(qccGetOutput(compiler, &bytes) == NULL && bytes == 0);
  CHECK(qccSetOption(compiler, "target", "nonsense") == QccStatusOk);
  CHECK(qccCompile(compiler, model, model_bytes, NULL) == QccStatusFailed);
  CHECK(strstr(log.text, "nonsense"));
  qccDestroy(compiler);
}

int main(int argc, char **argv) {
  pthread_t threads[2];
  CHECK(argc == 5);
  struct job jobs[2] = {{argv[2], argv[4]}, {argv[3], argv[4]}};
  FILE *file = fopen(argv[1], "rb");
  CHECK(file && fseek(file, 0, SEEK_END) == 0);
  model_bytes = (size_t)ftell(file);
  rewind(file);
  model = malloc(model_bytes);
  CHECK(model && fread(model, 1, model_bytes, file) == model_bytes);
  fclose(file);

  check_bad_arguments();
  for (int i = 0; i < 2; i++)
    CHECK(pthread_create(&threads[i], NULL, compile, &jobs[i]) == 0);
  for (int i = 0; i < 2; i++)
    CHECK(pthread_join(threads[i], NULL) == 0);
  free(model);
  return 0;
}
