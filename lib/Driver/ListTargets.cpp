// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --target=help and --mcpu=help.

#include "Table.h"

#include "qcc/Driver/Commands.h"
#include "qcc/Driver/Diagnostics.h"

#include "llvm/MC/MCSubtargetInfo.h"

using namespace llvm;

namespace qcc {

int listTargets() {
  SmallVector<StringRef> triples;
  getKnownTriples().split(triples, ", ");
  outs() << "Targets that qcc is tested for; other LLVM triples of x86-64, "
            "AArch64, ARM and RISC-V work too:\n";
  for (StringRef triple : triples)
    outs() << "  " << triple << "\n";
  outs() << "See --mcpu=help with one of them for its CPUs.\n";
  return 0;
}

int listCPUs(const TargetRequest &request) {
  Expected<TargetDescription> target = resolveTarget(request);
  if (!target) {
    DiagnosticPrinter::print(errs(), target.takeError());
    return 1;
  }
  auto machine = target->createTargetMachine();
  if (!machine) {
    DiagnosticPrinter::print(errs(), machine.takeError());
    return 1;
  }
  outs() << "CPUs of " << target->triple.str() << ":\n ";
  if (request.triple.empty())
    outs() << " native";
  size_t column = 0;
  for (const SubtargetSubTypeKV &cpu :
       (*machine)->getMCSubtargetInfo()->getAllProcessorDescriptions()) {
    StringRef name = cpu.Key;
    column += name.size() + 1;
    if (column > 100) {
      outs() << "\n ";
      column = name.size() + 1;
    }
    outs() << " " << name;
  }
  outs() << "\n";
  return 0;
}

} // namespace qcc
