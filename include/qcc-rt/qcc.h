/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What programs may know about code that qcc generated: error codes, the
 * description of a model that each object carries, and the parallel-for that
 * `--threads` code asks for. Freestanding C99, also valid C++. The headers that
 * qcc writes do not need this one; include it to read `<name>_info` or to pass
 * a `struct qcc_parallel`. The whole interface is described in docs/ABI.md.
 */
#ifndef QCC_RT_QCC_H
#define QCC_RT_QCC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of everything in this file; `abi_version` of each model says which
 * one it was compiled for. It grows when a field changes its place or meaning.
 */
#define QCC_ABI_VERSION 1

/* What `<name>_run` and `<name>_reset` return. */
#define QCC_OK 0
#define QCC_ERROR_NULL (-1)      /* a pointer argument is null */
#define QCC_ERROR_ALIGNMENT (-2) /* a pointer argument is not aligned */

/* Element types of inputs and outputs. Quantized types below 8 bits travel one
 * per byte. */
enum qcc_type {
  QCC_INT8 = 1,
  QCC_UINT8 = 2,
  QCC_INT16 = 3,
  QCC_UINT16 = 4,
  QCC_INT32 = 5,
  QCC_UINT32 = 6,
  QCC_INT64 = 7,
  QCC_FLOAT32 = 8,
  QCC_BOOL = 9 /* one byte, 0 or 1 */
};

/* `flags` of a model. */
#define QCC_FLAG_IO_IN_ARENA 1u /* inputs and outputs lie in the arena */
#define QCC_FLAG_PARALLEL 2u    /* `<name>_run` takes a struct qcc_parallel */

/* `arena_offset` of a tensor that the caller owns. */
#define QCC_NOT_IN_ARENA 0xffffffffu

/* One input or output. Offsets are in bytes from the start of the enclosing
 * struct qcc_model_info, so that the whole is constant data without a single
 * relocation: it can stay in flash, and position-independent code has no
 * .data.rel.ro for it. */
struct qcc_tensor_info {
  uint32_t name_offset;  /* NUL-terminated UTF-8, as in the model file */
  uint32_t type;         /* enum qcc_type */
  uint32_t rank;         /* number of dimensions, 0 for a scalar */
  uint32_t shape_offset; /* `rank` int32_t */
  uint32_t bytes;        /* of the whole tensor */
  uint32_t arena_offset; /* or QCC_NOT_IN_ARENA */
  /* real = scale * (stored - zero_point); 0 scales: not quantized, 1: one for
   * the tensor, more: one per slice along `quantized_dimension`. */
  uint32_t num_scales;
  uint32_t scales_offset;      /* `num_scales` float */
  uint32_t zero_points_offset; /* `num_scales` int32_t */
  int32_t quantized_dimension; /* -1: per tensor */
};

/* One model: the constant `<name>_info`. C++ compilers know flexible array
 * members but do not like to say so. */
#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
struct qcc_model_info {
  uint32_t abi_version; /* QCC_ABI_VERSION */
  uint32_t total_bytes; /* of this constant, data included */
  uint32_t flags;
  uint32_t name_offset; /* NUL-terminated: the C prefix */
  uint32_t num_inputs, num_outputs;
  uint32_t tensors_offset; /* struct qcc_tensor_info: inputs, then outputs */
  uint32_t arena_bytes, arena_align;
  uint32_t state_bytes, state_align; /* 0 bytes: no state, no `<name>_reset` */
  uint32_t stack_bytes;              /* upper bound for one `<name>_run` */
  unsigned char data[];              /* what the offsets point into */
};
#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/* Input `k` (0 … num_inputs-1) or, from num_inputs on, output k - num_inputs.
 */
static inline const struct qcc_tensor_info *
qcc_tensor(const struct qcc_model_info *model, uint32_t k) {
  return (const struct qcc_tensor_info *)(const void *)((const unsigned char *)
                                                            model +
                                                        model->tensors_offset) +
         k;
}
static inline const struct qcc_tensor_info *
qcc_input(const struct qcc_model_info *model, uint32_t k) {
  return qcc_tensor(model, k);
}
static inline const struct qcc_tensor_info *
qcc_output(const struct qcc_model_info *model, uint32_t k) {
  return qcc_tensor(model, model->num_inputs + k);
}
static inline const char *qcc_name(const struct qcc_model_info *model) {
  return (const char *)model + model->name_offset;
}
static inline const char *
qcc_tensor_name(const struct qcc_model_info *model,
                const struct qcc_tensor_info *tensor) {
  return (const char *)model + tensor->name_offset;
}
static inline const int32_t *
qcc_tensor_shape(const struct qcc_model_info *model,
                 const struct qcc_tensor_info *tensor) {
  return (const int32_t *)(const void *)((const char *)model +
                                         tensor->shape_offset);
}
static inline const float *
qcc_tensor_scales(const struct qcc_model_info *model,
                  const struct qcc_tensor_info *tensor) {
  return (const float *)(const void *)((const char *)model +
                                       tensor->scales_offset);
}
static inline const int32_t *
qcc_tensor_zero_points(const struct qcc_model_info *model,
                       const struct qcc_tensor_info *tensor) {
  return (const int32_t *)(const void *)((const char *)model +
                                         tensor->zero_points_offset);
}

/* A parallel-for, supplied by the caller of `--threads` code. `run` divides
 * [0, count) into ranges as it likes, calls body(context, first, end) exactly
 * once for each, in any order and on any threads, and returns when all calls
 * have. Few large ranges that touch are best; body(context, 0, count) is
 * correct. `count` is at most QCC_MAX_SHARES; `user` is the caller's. */
#define QCC_MAX_SHARES 1024u
struct qcc_parallel {
  void (*run)(const struct qcc_parallel *self,
              void (*body)(void *context, uint32_t first, uint32_t end),
              void *context, uint32_t count);
  uint32_t num_threads;
  void *user;
};

#ifdef __cplusplus
}
#endif

#endif /* QCC_RT_QCC_H */
