// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Embeds the whole compiler: a model in memory is compiled for two machines in
// two threads at once, to objects and headers in memory.
//   compile-twice model.tflite first-triple second-triple out-directory

#include "qcc/Driver/CompileModel.h"

#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

struct Job {
  std::string triple, messages;
  std::optional<qcc::CompiledModel> result;
};

static void compile(const std::string &model, Job &job) {
  qcc::CompileOptions options;
  options.name = "net";
  options.target.triple = job.triple;
  job.result = qcc::compileModel(llvm::MemoryBufferRef(model, "model.tflite"),
                                 options, [&](const qcc::Message &message) {
                                   job.messages += message.text + "\n";
                                 });
}

int main(int argc, char **argv) {
  if (argc != 5)
    return 2;
  std::stringstream model;
  model << std::ifstream(argv[1], std::ios::binary).rdbuf();
  const std::string bytes = model.str();
  Job jobs[2] = {{argv[2], "", {}}, {argv[3], "", {}}};
  std::thread first([&] { compile(bytes, jobs[0]); });
  std::thread second([&] { compile(bytes, jobs[1]); });
  first.join();
  second.join();
  int status = 0;
  for (Job &job : jobs) {
    std::cerr << job.messages;
    if (!job.result) {
      status = 1;
      continue;
    }
    const std::string stem = std::string(argv[4]) + "/" + job.triple;
    std::ofstream(stem + ".o", std::ios::binary) << job.result->output;
    std::ofstream(stem + ".h", std::ios::binary) << job.result->header;
    std::cout << job.triple << ": arena of " << job.result->abi.arenaBytes
              << " bytes\n";
  }
  return status;
}
