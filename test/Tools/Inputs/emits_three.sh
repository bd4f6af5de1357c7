#!/bin/sh
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What qcc-fuzz-kernels --emit=DIR would leave of three models: the first is refused, the second is no C.
work=${1#--emit=}
mkdir -p "$work"
echo "seed 1 (way): expected what is not there" >&2
for option in "$@"; do
  [ "$option" = --nothing ] && exit 1
done
echo "int case_2_run(void) {" >"$work/case_2.c"
printf 'int case_3_run(void);\nint case_3_run(void) { return 0; }\n' >"$work/case_3.c"
cat >"$work/main.c" <<'END'
#include <stdio.h>
int case_2_run(void), case_3_run(void);
int main(void) {
  int failures = 0;
  if (case_3_run() == 0)
    puts("ran 3");
  if (case_2_run() != 0)
    failures += puts("seed 2 differs") >= 0;
  return failures != 0;
}
END
exit 1
