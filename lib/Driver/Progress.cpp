// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One thread of its own that sleeps; nothing is started unless a person
// watches.

#include "Progress.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace qcc;

Progress::Progress(llvm::StringRef what)
    : subject(what), start(std::chrono::steady_clock::now()) {
  if (!llvm::sys::Process::StandardErrIsDisplayed())
    return;
  thread = std::thread([this] {
    std::unique_lock<std::mutex> lock(mutex);
    wake.wait_for(lock, std::chrono::seconds(1), [&] { return finished; });
    while (!finished) {
      show();
      wake.wait_for(lock, std::chrono::milliseconds(200),
                    [&] { return finished; });
    }
    clear();
  });
}

Progress::~Progress() {
  if (!thread.joinable())
    return;
  {
    std::lock_guard<std::mutex> lock(mutex);
    finished = true;
  }
  wake.notify_one();
  thread.join();
}

void Progress::enter(llvm::StringRef name) {
  std::lock_guard<std::mutex> lock(mutex);
  step = name.str();
}

void Progress::pause() {
  std::lock_guard<std::mutex> lock(mutex);
  clear();
}

void Progress::show() {
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  llvm::errs() << "\r\x1b[K" << subject << ": " << step
               << llvm::format(" … %.1f s", seconds);
  visible = true;
}

void Progress::clear() {
  if (visible)
    llvm::errs() << "\r\x1b[K";
  visible = false;
}
