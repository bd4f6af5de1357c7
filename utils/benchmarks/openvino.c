/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * openvino LIBRARY MODEL THREADS: measures a model in OpenVINO, through its C
 * interface. The few declarations that it needs are made here.
 */
#include "measure.h"
#include <dlfcn.h>
#include <stdint.h>

static void *library;
static void *request;
static int (*infer)(void *);

static void *need(const char *name) {
  void *symbol = dlsym(library, name);
  if (!symbol) {
    fprintf(stderr, "openvino: no %s\n", name);
    exit(1);
  }
  return symbol;
}

static void check(int status, const char *what) {
  if (!status)
    return;
  fprintf(stderr, "openvino: %s: %s\n", what,
          ((const char *(*)(void))need("ov_get_last_err_msg"))());
  exit(1);
}

static void run(void) { check(infer(request), "infer"); }

int main(int argc, char **argv) {
  void *core, *model, *tensor, *data;
  size_t bytes, i, k, inputs;
  uint32_t state = 12345;
  if (argc != 4 || !(library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL))) {
    fprintf(stderr, "openvino: %s\n", argc == 4 ? dlerror() : "3 arguments");
    return 2;
  }
  if (atoi(argv[3]) > 1)
    measuringClock = CLOCK_MONOTONIC;
  check(((int (*)(void **))need("ov_core_create"))(&core), "core");
  check(((int (*)(void *, const char *, const char *, size_t, void **,
                  ...))need("ov_core_compile_model_from_file"))(
            core, argv[2], "CPU", 4, &model, "INFERENCE_NUM_THREADS", argv[3],
            "PERFORMANCE_HINT", "LATENCY"),
        "compile");
  check(((int (*)(void *, size_t *))need("ov_compiled_model_inputs_size"))(
            model, &inputs),
        "inputs");
  check(((int (*)(void *, void **))need(
            "ov_compiled_model_create_infer_request"))(model, &request),
        "request");
  for (k = 0; k < inputs; k++) {
    check(
        ((int (*)(void *, size_t, void **))need(
            "ov_infer_request_get_input_tensor_by_index"))(request, k, &tensor),
        "tensor");
    check(((int (*)(void *, size_t *))need("ov_tensor_get_byte_size"))(tensor,
                                                                       &bytes),
          "bytes");
    check(((int (*)(void *, void **))need("ov_tensor_data"))(tensor, &data),
          "data");
    for (i = 0; i < bytes; i++) {
      state = state * 1664525u + 1013904223u;
      ((uint8_t *)data)[i] = (uint8_t)(state >> 24);
    }
  }
  infer = (int (*)(void *))need("ov_infer_request_infer");
  return serveMeasurements(run);
}
