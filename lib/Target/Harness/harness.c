/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The program around a model: reads inputs, runs the model on each sample
 * between guards, checks the stack bound, writes outputs. Usage: see `usage`.
 */
#include "harness.h"
#include <stdarg.h>

enum { MAX_TENSORS = 32 };

/* Between platform_call_on_stack and the model lie two small frames of ours. */
enum { HARNESS_FRAMES = 512, UNKNOWN_STACK = 1 << 18 };
/* What the parallel-for takes, which the bound leaves out. */
enum { PARALLEL_FRAMES = 2048 };

int harness_placements = 1, harness_place_low = 0;
const struct qcc_parallel *harness_parallel;

static const char usage[] =
    "usage: prog --input=x.npy [--input=...] --output=y.npy [--output=...]\n"
    "            [--repeat=N] [--reset-each]\n"
    "  one --input for each input of the model, one --output for each output, "
    "in\n"
    "  their order; --repeat runs each sample N times and prints the median "
    "time\n";

struct options {
  const char *inputs[MAX_TENSORS], *outputs[MAX_TENSORS];
  uint32_t num_inputs, num_outputs, repeat;
  int reset_each;
};

struct run {
  void *in[MAX_TENSORS], *out[MAX_TENSORS];
  void *state, *arena;
  int result;
};

void harness_fail(const char *first, ...) {
  const char *text;
  va_list rest;
  platform_print_error("error: ");
  va_start(rest, first);
  for (text = first; text; text = va_arg(rest, const char *))
    platform_print_error(text);
  va_end(rest);
  platform_print_error("\n");
  platform_exit(1);
}

/* No 64-bit division: on small machines that is a call into a library. */
uint64_t harness_divide(uint64_t dividend, uint32_t divisor) {
  uint64_t quotient = 0, rest = 0;
  int bit;
  for (bit = 63; bit >= 0; bit--) {
    rest = rest << 1 | (dividend >> bit & 1);
    if (rest >= divisor) {
      rest -= divisor;
      quotient |= (uint64_t)1 << bit;
    }
  }
  return quotient;
}

char *harness_number(uint64_t value, char *buffer) {
  char *at = buffer + 20;
  *at = 0;
  do {
    uint64_t next = harness_divide(value, 10);
    *--at = (char)('0' + (int)(value - next * 10));
    value = next;
  } while (value);
  return at;
}

/* The rest of `text` after `prefix`, or null. */
static const char *after(const char *text, const char *prefix) {
  while (*prefix)
    if (*text++ != *prefix++)
      return 0;
  return text;
}

static void parse_options(int argc, char **argv, struct options *options) {
  int i;
  options->num_inputs = options->num_outputs = 0;
  options->repeat = 1;
  options->reset_each = 0;
  for (i = 1; i < argc; i++) {
    const char *value;
    if ((value = after(argv[i], "--input="))) {
      if (options->num_inputs < MAX_TENSORS)
        options->inputs[options->num_inputs++] = value;
    } else if ((value = after(argv[i], "--output="))) {
      if (options->num_outputs < MAX_TENSORS)
        options->outputs[options->num_outputs++] = value;
    } else if ((value = after(argv[i], "--repeat="))) {
      uint32_t count = 0;
      const char *digit;
      for (digit = value; *digit >= '0' && *digit <= '9' && count < 10000000;
           digit++)
        count = count * 10 + (uint32_t)(*digit - '0');
      if (*digit || count == 0)
        harness_fail("--repeat takes a number from 1 on, not '", value, "'",
                     (char *)0);
      options->repeat = count;
    } else if (after(argv[i], "--reset-each")) {
      options->reset_each = 1;
    } else {
      int help = after(argv[i], "--help") != 0;
      if (!help) {
        platform_print_error("error: unknown argument '");
        platform_print_error(argv[i]);
        platform_print_error("'\n");
      }
      platform_print_error(usage);
      platform_exit(!help);
    }
  }
}

/* Exits unless as many files were named as the model has tensors. */
static void check_count(const char *kind, uint32_t given, uint32_t needed) {
  char a[21], b[21];
  if (given != needed)
    harness_fail("the model has ", harness_number(needed, a), " ", kind,
                 "(s), but ", harness_number(given, b), " --", kind,
                 "= were given", (char *)0);
}

/* Opens input k and returns how many samples it holds. If the element count is
 * one sample's, any shape will do; else the first axis has to be N times the
 * model's. */
static uint32_t open_input(uint32_t k, const char *path, int *file) {
  const struct qcc_tensor_info *tensor = qcc_input(harness_model, k);
  struct npy_array array;
  const char *message;
  uint32_t each, samples, batch;
  char a[21], b[21];
  *file = platform_open(path, 0);
  if (*file < 0)
    harness_fail(path, ": cannot be read", (char *)0);
  if ((message = npy_read_header(*file, &array)))
    harness_fail(path, ": ", message, (char *)0);
  if ((uint32_t)array.type != tensor->type)
    harness_fail(path, ": ", npy_type_name(array.type), " data, but input '",
                 qcc_tensor_name(harness_model, tensor), "' takes ",
                 npy_type_name((enum qcc_type)tensor->type), (char *)0);
  each = tensor->bytes / array.element_bytes;
  if (array.elements == each)
    return 1;
  batch =
      tensor->rank ? (uint32_t)qcc_tensor_shape(harness_model, tensor)[0] : 1;
  samples = each ? array.elements / each : 0;
  if (samples == 0 || array.elements % each || array.rank == 0 ||
      array.shape[0] != samples * batch)
    harness_fail(path, ": ", harness_number(array.elements, a),
                 " elements, but a sample of input '",
                 qcc_tensor_name(harness_model, tensor), "' has ",
                 harness_number(each, b),
                 " (several samples need N times the batch as first axis)",
                 (char *)0);
  return samples;
}

static void call_model(void *context) {
  struct run *run = (struct run *)context;
  run->result = harness_run(run->in, run->out, run->state, run->arena);
}

/* One run between guards, on a stack of the size the model claims to need. */
static void run_checked(struct run *run) {
  const struct qcc_model_info *model = harness_model;
  /* Of C source compiled by somebody else no bound is known. */
  size_t bound = model->stack_bytes ? model->stack_bytes : UNKNOWN_STACK;
  size_t frames = HARNESS_FRAMES + (harness_parallel ? PARALLEL_FRAMES : 0);
  size_t used;
  char a[21], b[21];
  used = platform_call_on_stack(bound + frames, call_model, run);
  platform_check_guards();
  if (run->result != QCC_OK)
    harness_fail("the model refused its arguments", (char *)0);
  if (used > bound + frames)
    harness_fail("the model used ", harness_number(used, a),
                 " bytes of stack, more than its bound of ",
                 harness_number(bound, b), (char *)0);
}

static void protect_inputs(struct run *run, int read_only) {
  uint32_t k;
  if (!(harness_model->flags & QCC_FLAG_IO_IN_ARENA))
    for (k = 0; k < harness_model->num_inputs; k++)
      platform_protect(run->in[k], read_only);
}

static void copy(void *to, const void *from, size_t bytes) {
  unsigned char *target = (unsigned char *)to;
  const unsigned char *source = (const unsigned char *)from;
  while (bytes--)
    *target++ = *source++;
}

/* Shell sort: few lines, no recursion, fast enough for a million. */
static void sort(uint64_t *values, uint32_t count) {
  uint32_t gap, i;
  for (gap = count / 2; gap; gap = gap == 2 ? 1 : gap * 5 / 11)
    for (i = gap; i < count; i++) {
      uint64_t value = values[i];
      uint32_t j = i;
      for (; j >= gap && values[j - gap] > value; j -= gap)
        values[j] = values[j - gap];
      values[j] = value;
    }
}

static void print_median(uint64_t *times, uint32_t count) {
  uint64_t median, whole;
  char a[21], b[21];
  const char *zeros = "";
  sort(times, count);
  median = times[count / 2];
  whole = harness_divide(median, 1000);
  median -= whole * 1000;
  zeros = median < 10 ? "00" : median < 100 ? "0" : "";
  platform_print_error("median of ");
  platform_print_error(harness_number(count, a));
  platform_print_error(" runs: ");
  platform_print_error(harness_number(whole, a));
  platform_print_error(".");
  platform_print_error(zeros);
  platform_print_error(harness_number(median, b));
  platform_print_error(" us\n");
}

/* One state for all: it lives from one sample to the next. */
static void prepare(struct run *run, void *state) {
  const struct qcc_model_info *model = harness_model;
  uint32_t k;
  int in_arena = (model->flags & QCC_FLAG_IO_IN_ARENA) != 0;
  run->arena =
      platform_guarded("arena", model->arena_bytes, model->arena_align);
  run->state = state;
  for (k = 0; k < model->num_inputs + model->num_outputs; k++) {
    const struct qcc_tensor_info *tensor = qcc_tensor(model, k);
    void *buffer =
        in_arena
            ? (void *)((char *)run->arena + tensor->arena_offset)
            : platform_guarded(qcc_tensor_name(model, tensor), tensor->bytes,
                               npy_element_bytes((enum qcc_type)tensor->type));
    if (k < model->num_inputs)
      run->in[k] = buffer;
    else
      run->out[k - model->num_inputs] = buffer;
  }
}

/* Reads sample `index` of every input; in the arena they may lie where outputs
 * of the run before were, so each run reads anew from `samples`. */
static void fill_inputs(struct run *run, void *const *samples) {
  uint32_t k;
  for (k = 0; k < harness_model->num_inputs; k++)
    copy(run->in[k], samples[k], qcc_input(harness_model, k)->bytes);
}

static void write_outputs(const struct options *options, void *const *results,
                          uint32_t samples) {
  uint32_t k, i;
  for (k = 0; k < options->num_outputs; k++) {
    const struct qcc_tensor_info *tensor = qcc_output(harness_model, k);
    struct npy_array array;
    const char *message;
    if (tensor->rank > NPY_MAX_RANK)
      harness_fail("an output of more than 8 dimensions", (char *)0);
    array.type = (enum qcc_type)tensor->type;
    array.element_bytes = npy_element_bytes(array.type);
    array.rank = tensor->rank;
    for (i = 0; i < tensor->rank; i++)
      array.shape[i] = (uint32_t)qcc_tensor_shape(harness_model, tensor)[i];
    array.elements = tensor->bytes / array.element_bytes * samples;
    if (samples > 1 && array.rank == 0) {
      array.rank = 1;
      array.shape[0] = 1;
    }
    if (array.rank)
      array.shape[0] *= samples;
    if ((message = npy_write(options->outputs[k], &array, results[k])))
      harness_fail(options->outputs[k], ": ", message, (char *)0);
  }
}

int harness_main(int argc, char **argv) {
  const struct qcc_model_info *model = harness_model;
  static struct options options;
  static struct run runs[2];
  void *state;
  static void *samples[MAX_TENSORS], *results[MAX_TENSORS];
  static int files[MAX_TENSORS];
  uint32_t k, sample, count = 1, repeat, num_times = 0;
  uint64_t *times = 0;
  argc = platform_start(argc, argv, &argv);
  parse_options(argc, argv, &options);
  if (harness_threads > 1)
    harness_parallel = platform_parallel(harness_threads);
  if (model->num_inputs > MAX_TENSORS || model->num_outputs > MAX_TENSORS)
    harness_fail("more than 32 inputs or outputs", (char *)0);
  check_count("input", options.num_inputs, model->num_inputs);
  check_count("output", options.num_outputs, model->num_outputs);
  for (k = 0; k < model->num_inputs; k++) {
    uint32_t held = open_input(k, options.inputs[k], &files[k]);
    if (k && held != count)
      harness_fail(options.inputs[k], ": another number of samples than ",
                   options.inputs[0], (char *)0);
    count = held;
  }
  state = platform_guarded("state", model->state_bytes, model->state_align);
  for (; harness_place_low < harness_placements; harness_place_low++)
    prepare(&runs[harness_place_low], state);
  for (k = 0; k < model->num_inputs; k++)
    samples[k] = platform_allocate(qcc_input(model, k)->bytes);
  for (k = 0; k < model->num_outputs; k++)
    results[k] = platform_allocate((size_t)qcc_output(model, k)->bytes * count);
  if (options.repeat > 1)
    times = (uint64_t *)platform_allocate((size_t)options.repeat * count *
                                          sizeof(uint64_t));

  if (model->state_bytes && harness_reset(state) != QCC_OK)
    harness_fail("the model refused its state", (char *)0);
  for (sample = 0; sample < count; sample++) {
    /* In turn, but always the same place when times are compared. */
    struct run *run =
        &runs[options.repeat > 1 ? 0
                                 : sample & (uint32_t)(harness_placements - 1)];
    for (k = 0; k < model->num_inputs; k++) {
      size_t bytes = qcc_input(model, k)->bytes;
      if (platform_read(files[k], samples[k], bytes) != bytes)
        harness_fail(options.inputs[k], ": a truncated .npy file", (char *)0);
    }
    fill_inputs(run, samples);
    if (sample && options.reset_each && model->state_bytes)
      harness_reset(state);
    protect_inputs(run, 1);
    run_checked(run);
    for (k = 0; k < model->num_outputs; k++) {
      size_t bytes = qcc_output(model, k)->bytes;
      copy((char *)results[k] + bytes * sample, run->out[k], bytes);
    }
    for (repeat = 0; options.repeat > 1 && repeat < options.repeat; repeat++) {
      uint64_t start;
      if (model->flags & QCC_FLAG_IO_IN_ARENA)
        fill_inputs(run, samples);
      start = platform_now();
      call_model(run);
      times[num_times++] = platform_now() - start;
    }
    protect_inputs(run, 0);
  }
  platform_check_guards();
  write_outputs(&options, results, count);
  if (num_times)
    print_median(times, num_times);
  return 0;
}
