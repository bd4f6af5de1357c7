#!/usr/bin/python3
# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# at_most.py HEADER MACRO LIMIT: fails unless HEADER defines MACRO as a number of at most LIMIT.

import re
import sys

header, macro, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(header) as file:
    found = re.search(rf"^#define {macro} (\d+)$", file.read(), re.MULTILINE)
if not found:
    sys.exit(f"{header} does not define {macro}")
if int(found.group(1)) > limit:
    sys.exit(f"{macro} is {found.group(1)}, more than {limit}")
