# Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The operators that are drawn, by the names of the schema.

from families import elementwise, mac, move, pool, state, unary

OPERATORS = {}
for family in (elementwise, mac, move, pool, state, unary):
    OPERATORS.update(family.OPERATORS)
OPERATORS = dict(sorted(OPERATORS.items()))

# Keep to these where a network is drawn with ordinary operators in it.
FREQUENT = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "CONCATENATION", "PAD", "RESHAPE", "MAX_POOL_2D",
            "AVERAGE_POOL_2D", "MEAN", "RELU", "LOGISTIC", "QUANTIZE", "DEQUANTIZE", "SOFTMAX", "MUL")
