// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --target=help, --mcpu=help and --mattr=help.

#include "Table.h"

#include "qcc/Driver/Commands.h"
#include "qcc/Driver/Diagnostics.h"

#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace qcc {

int listTargets() {
  outs() << "Targets that qcc is tested for; other LLVM triples of x86-64, "
            "AArch64, ARM and RISC-V work too.\n";
  Table table("lll", {"--target=", "what it promises", "tested by"});
  for (const KnownTarget &target : getKnownTargets())
    table.add({target.triple.str(), target.what.str(), target.testedBy.str()});
  table.add({"generic", "portable C99 (--emit=c)", "the host's gcc"});
  table.print(outs());
  outs() << "With --target=: --mcpu=help lists its CPUs, --mattr=help their "
            "features.\n";
  return 0;
}

/// Prints \p names in lines of at most 100 columns.
static void printNames(ArrayRef<std::string> names) {
  size_t column = 1;
  outs() << " ";
  for (const std::string &name : names) {
    if (column + 1 + name.size() > 100) {
      outs() << "\n ";
      column = 1;
    }
    outs() << " " << name;
    column += 1 + name.size();
  }
  outs() << "\n";
}

int listCPUs(const TargetRequest &request) {
  Expected<std::vector<std::string>> names = getUsableCPUs(request.triple);
  if (!names) {
    DiagnosticPrinter::print(errs(), names.takeError());
    return 1;
  }
  if (request.triple.empty())
    names->insert(names->begin(), "native");
  outs() << "CPUs of "
         << (request.triple.empty() ? "this machine's kind" : request.triple)
         << " (--mcpu=NAME):\n";
  printNames(*names);
  return 0;
}

int listFeatures(const TargetRequest &request) {
  Expected<std::vector<NamedFeature>> features =
      getKnownFeatures(request.triple);
  if (!features) {
    DiagnosticPrinter::print(errs(), features.takeError());
    return 1;
  }
  outs() << "Features of "
         << (request.triple.empty() ? "this machine's kind" : request.triple)
         << " (--mattr=+NAME,-NAME), in LLVM's words:\n";
  Table table("ll", {"name", "what it is"});
  for (const NamedFeature &feature : *features)
    table.add({feature.name, shorten(feature.description, 76)});
  table.print(outs());
  return 0;
}

} // namespace qcc
