// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Temporary directories and commands for tests that use a compiler or an
// emulator.

#ifndef QCC_TEST_UNIT_TARGET_COMMANDRUNNER_H
#define QCC_TEST_UNIT_TARGET_COMMANDRUNNER_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include <cstdio>
#include <string>
#include <sys/wait.h>

namespace qcc::test {

inline bool hasProgram(llvm::StringRef name) {
  return bool(llvm::sys::findProgramByName(name));
}

struct CommandResult {
  int status;
  std::string output; // stdout and stderr
};

/// Runs a shell command.
inline CommandResult runCommand(const std::string &command) {
  CommandResult result{-1, ""};
  FILE *pipe = popen(("{ " + command + "; } 2>&1").c_str(), "r");
  if (!pipe)
    return result;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;)
    result.output.append(buffer, n);
  int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return result;
}

class WorkDirectory {
public:
  WorkDirectory() { llvm::sys::fs::createUniqueDirectory("qcc-test", root); }
  WorkDirectory(const WorkDirectory &) = delete;
  ~WorkDirectory() { llvm::sys::fs::remove_directories(root); }
  std::string path() const { return root.str().str(); }
  std::string file(llvm::StringRef name) const {
    return path() + "/" + name.str();
  }

private:
  llvm::SmallString<128> root;
};

} // namespace qcc::test

#endif // QCC_TEST_UNIT_TARGET_COMMANDRUNNER_H
