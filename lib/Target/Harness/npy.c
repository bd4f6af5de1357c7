/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * .npy files, versions 1.0, 2.0 and 3.0, C order, little-endian. The header is
 * a Python literal; what NumPy writes is understood, and so are other orders of
 * keys and spaces. Source: the documentation of numpy.lib.format.
 */
#include "harness.h"

struct type_name {
  enum qcc_type type;
  const char *code; /* without byte order */
  const char *name;
  uint32_t bytes;
};

static const struct type_name type_names[] = {
    {QCC_INT8, "i1", "int8", 1},   {QCC_UINT8, "u1", "uint8", 1},
    {QCC_INT16, "i2", "int16", 2}, {QCC_UINT16, "u2", "uint16", 2},
    {QCC_INT32, "i4", "int32", 4}, {QCC_UINT32, "u4", "uint32", 4},
    {QCC_INT64, "i8", "int64", 8}, {QCC_FLOAT32, "f4", "float32", 4},
    {QCC_BOOL, "b1", "bool", 1},
};
enum { NUM_TYPES = sizeof(type_names) / sizeof(type_names[0]) };

static const struct type_name *find_type(enum qcc_type type) {
  int i;
  for (i = 0; i < NUM_TYPES; i++)
    if (type_names[i].type == type)
      return &type_names[i];
  return &type_names[0];
}

uint32_t npy_element_bytes(enum qcc_type type) {
  return find_type(type)->bytes;
}
const char *npy_type_name(enum qcc_type type) { return find_type(type)->name; }

/* The value after 'key': in the header, or null. */
static const char *find_key(const char *header, const char *key) {
  const char *at;
  for (at = header; *at; at++) {
    size_t n = 0;
    if (*at != '\'' && *at != '"')
      continue;
    while (key[n] && at[1 + n] == key[n])
      n++;
    if (key[n] || at[1 + n] != *at)
      continue;
    at += n + 2;
    while (*at == ' ')
      at++;
    if (*at != ':')
      return 0;
    at++;
    while (*at == ' ')
      at++;
    return at;
  }
  return 0;
}

static const char *parse_type(const char *at, struct npy_array *array) {
  int i;
  char quote = *at++;
  if (quote != '\'' && quote != '"')
    return "a structured element type";
  if (*at == '>')
    return "big-endian data";
  if (*at == '<' || *at == '|' || *at == '=')
    at++;
  for (i = 0; i < NUM_TYPES; i++)
    if (at[0] == type_names[i].code[0] && at[1] == type_names[i].code[1] &&
        at[2] == quote) {
      array->type = type_names[i].type;
      array->element_bytes = type_names[i].bytes;
      return 0;
    }
  return "an element type that models do not use";
}

static const char *parse_shape(const char *at, struct npy_array *array) {
  uint64_t elements = 1;
  array->rank = 0;
  if (*at++ != '(')
    return "a damaged .npy header (shape)";
  for (;;) {
    uint64_t extent = 0;
    while (*at == ' ' || *at == ',')
      at++;
    if (*at == ')')
      break;
    if (*at < '0' || *at > '9')
      return "a damaged .npy header (shape)";
    while (*at >= '0' && *at <= '9') {
      extent = extent * 10 + (uint64_t)(*at++ - '0');
      if (extent > 0x7fffffffu)
        return "an array too large";
    }
    if (array->rank == NPY_MAX_RANK)
      return "an array of more than 8 dimensions";
    array->shape[array->rank++] = (uint32_t)extent;
    elements *= extent;
    if (elements > 0x7fffffffu)
      return "an array too large";
  }
  array->elements = (uint32_t)elements;
  return 0;
}

const char *npy_read_header(int file, struct npy_array *array) {
  static char header[4096];
  unsigned char start[12];
  const char *value, *message;
  uint32_t length;
  if (platform_read(file, start, 10) != 10 || start[0] != 0x93 ||
      start[1] != 'N' || start[2] != 'U' || start[3] != 'M' ||
      start[4] != 'P' || start[5] != 'Y')
    return "not a .npy file";
  if (start[6] < 1 || start[6] > 3)
    return "an unknown version of .npy";
  length = (uint32_t)start[8] | (uint32_t)start[9] << 8;
  if (start[6] > 1) {
    if (platform_read(file, start + 10, 2) != 2)
      return "a truncated .npy file";
    length |= (uint32_t)start[10] << 16 | (uint32_t)start[11] << 24;
  }
  if (length >= sizeof(header))
    return "a .npy header too long";
  if (platform_read(file, header, length) != length)
    return "a truncated .npy file";
  header[length] = 0;
  if (!(value = find_key(header, "descr")))
    return "a damaged .npy header (descr)";
  if ((message = parse_type(value, array)))
    return message;
  if (!(value = find_key(header, "fortran_order")))
    return "a damaged .npy header (fortran_order)";
  if (*value != 'F')
    return "Fortran order; save it as numpy.ascontiguousarray(x)";
  if (!(value = find_key(header, "shape")))
    return "a damaged .npy header (shape)";
  return parse_shape(value, array);
}

/* Appends `text` at `*end`. */
static void append(char **end, const char *text) {
  while (*text)
    *(*end)++ = *text++;
}

const char *npy_write(const char *path, const struct npy_array *array,
                      const void *data) {
  char header[320], digits[21];
  char *end = header;
  const struct type_name *type = find_type(array->type);
  size_t length, bytes = (size_t)array->elements * array->element_bytes;
  uint32_t i;
  int file, failed;
  append(&end, "\x93NUMPY\x01");
  *end++ = 0;
  end += 2; /* length, below */
  append(&end, "{'descr': '");
  *end++ = type->bytes == 1 ? '|' : '<';
  append(&end, type->code);
  append(&end, "', 'fortran_order': False, 'shape': (");
  for (i = 0; i < array->rank; i++) {
    if (i)
      append(&end, " ");
    append(&end, harness_number(array->shape[i], digits));
    if (i + 1 < array->rank || array->rank == 1)
      append(&end, ",");
  }
  append(&end, "), }");
  while ((end - header + 1) % 64)
    *end++ = ' ';
  *end++ = '\n';
  length = (size_t)(end - header) - 10;
  header[8] = (char)(length & 255);
  header[9] = (char)(length >> 8);
  file = platform_open(path, 1);
  if (file < 0)
    return "cannot be written";
  failed = platform_write(file, header, length + 10) != length + 10 ||
           platform_write(file, data, bytes) != bytes;
  if (platform_close(file) || failed)
    return "cannot be written to the end";
  return 0;
}
