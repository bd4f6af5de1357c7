// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A line on the terminal that says what a long command is doing.

#ifndef QCC_LIB_DRIVER_PROGRESS_H
#define QCC_LIB_DRIVER_PROGRESS_H

#include "llvm/ADT/StringRef.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace qcc {

/// Shows nothing for the first second, and nothing at all when stderr is no
/// terminal; then one line, rewritten, that is gone when the object is.
class Progress {
public:
  explicit Progress(llvm::StringRef subject);
  ~Progress();

  /// What is being done from now on.
  void enter(llvm::StringRef step);
  /// Clears the line, so that something else may be printed.
  void pause();

private:
  void show();
  void clear();

  std::string subject, step;
  std::chrono::steady_clock::time_point start;
  std::mutex mutex;
  std::condition_variable wake;
  bool visible = false, finished = false;
  std::thread thread;
};

} // namespace qcc

#endif // QCC_LIB_DRIVER_PROGRESS_H
