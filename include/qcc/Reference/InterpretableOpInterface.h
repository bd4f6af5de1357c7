// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The interface by which the reference interpreter evaluates an operation; see
// InterpretableOpInterface.td.
#ifndef QCC_REFERENCE_INTERPRETABLEOPINTERFACE_H
#define QCC_REFERENCE_INTERPRETABLEOPINTERFACE_H

#include "mlir/IR/OpDefinition.h"
#include "qcc/Reference/RefTensor.h"

#include "qcc/Reference/InterpretableOpInterface.h.inc"

#endif // QCC_REFERENCE_INTERPRETABLEOPINTERFACE_H
