/* Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A model on a bare machine, without operating system, C library or heap: runs
 * the image classifier on one picture and prints what it sees. All that is the
 * machine's own (start-up, memory, printing) lies in the directory beside this
 * file.
 */
#include "board.h"
#include "ic.h"
#include "image.h" /* made of a picture: image_pixels, IMAGE_LABEL */

/* Inputs and outputs lie in the arena too: qcc --io=arena. */
static _Alignas(IC_ARENA_ALIGN) unsigned char arena[IC_ARENA_BYTES];

static const char *const classes[IC_OUTPUT0_BYTES] = {
    "airplane", "automobile", "bird",  "cat",  "deer",
    "dog",      "frog",       "horse", "ship", "truck"};

static void print_number(int value) {
  char text[12], *at = text + sizeof(text) - 1;
  unsigned rest = value < 0 ? 0u - (unsigned)value : (unsigned)value;
  *at = 0;
  do
    *--at = (char)('0' + rest % 10);
  while (rest /= 10);
  if (value < 0)
    *--at = '-';
  board_print(at);
}

int main(void) {
  int8_t *input = (int8_t *)(arena + IC_INPUT0_OFFSET);
  const int8_t *scores = (const int8_t *)(arena + IC_OUTPUT0_OFFSET);
  unsigned i, best = 0;
  int error;
  /* The model takes pixels less 128. */
  for (i = 0; i < IC_INPUT0_BYTES; ++i)
    input[i] = (int8_t)(image_pixels[i] - 128);
  error = ic_run(arena);
  if (error) {
    board_print("ic_run failed with ");
    print_number(error);
    board_print("\n");
    return 1;
  }
  for (i = 0; i < IC_OUTPUT0_BYTES; ++i) {
    board_print(classes[i]);
    board_print(" ");
    print_number(scores[i]);
    board_print("\n");
    if (scores[i] > scores[best])
      best = i;
  }
  board_print("that is: ");
  board_print(classes[best]);
  board_print("\n");
  return best == IMAGE_LABEL ? 0 : 2;
}
