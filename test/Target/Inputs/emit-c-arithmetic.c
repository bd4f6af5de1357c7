/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Calls the functions of emit-c-arithmetic.mlir. */
#include "net.c"
#include <math.h>
#include <stdio.h>
#include <string.h>

static int failures;

static void expect(const char *what, int32_t actual, int32_t expected) {
  if (actual != expected) {
    printf("%s: %ld, expected %ld\n", what, (long)actual, (long)expected);
    failures++;
  }
}

static uint32_t bits(float x) {
  uint32_t u;
  memcpy(&u, &x, 4);
  return u;
}

int main(void) {
  int32_t out[16], flags[8];
  float y[8], x;
  int32_t a[2];
  uint32_t u;
  a[0] = INT32_MIN, a[1] = -1;
  net_i32(a, out);
  expect("add wraps", out[0], INT32_MAX);
  expect("sub", out[1], -INT32_MAX);
  expect("mul wraps", out[2], INT32_MIN);
  expect("shl", out[3], 0);
  expect("shrs", out[4], -67108864);
  expect("shru", out[5], 67108864);
  expect("minu", out[6], INT32_MIN);
  expect("maxs", out[7], -1);
  expect("ult", out[8], INT32_MIN);
  expect("slt", out[9], -1);
  expect("divu", out[10], 429496729);
  expect("rems", out[11], -3);
  expect("high product", out[12], 0);
  expect("ctlz", out[13], 0);
  expect("low byte", out[14], 0);
  /* 2 (2^31 - 1)^2 / 2^33 = 2^30 - 1 and a fraction. */
  expect("64 bits", out[15], 1073741823);
  a[0] = -77, a[1] = 1 << 20;
  net_i32(a, out);
  expect("shl of a negative", out[3], -2464);
  expect("mul", out[2], -80740352);
  expect("ctlz of 2^20", out[13], 11);
  expect("byte of -77", out[14], 179);
  expect("high product of a negative", out[12], -1);

  {
    float in[2];
    in[0] = NAN, in[1] = 2.0f;
    net_f32(in, y, flags);
    expect("maxnum of NaN", y[0] == 2.0f, 1);
    expect("minimum of NaN", y[1] != y[1], 1);
    expect("ult of NaN", flags[0], 1);
    expect("one of NaN", flags[1], 0);
    expect("uno of NaN", flags[2], 1);
    expect("ueq of NaN", flags[3], 1);
    in[0] = -0.0f, in[1] = INFINITY;
    net_f32(in, y, flags);
    expect("sqrt of infinity", y[2] == INFINITY, 1);
    expect("copysign of -0", y[3] == -INFINITY, 1);
    expect("abs of -0", (int32_t)bits(y[4]), 0);
    expect("bits of -0", flags[4], INT32_MIN);
    expect("one", flags[1], 1);
  }
  /* The square root is the hardware's, from denormals to the largest. */
  for (u = 0; u < 0x7f800000u; u += 9973) {
    float in[2];
    memcpy(&x, &u, 4);
    in[0] = 0, in[1] = x;
    net_f32(in, y, flags);
    if (bits(y[2]) != bits(sqrtf(x))) {
      printf("sqrt(%a): %a, expected %a\n", (double)x, (double)y[2],
             (double)sqrtf(x));
      failures++;
      break;
    }
  }
  return failures != 0;
}
