// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// qcc's `run` and `compile` for thousands of small models: loading LLVM's
// libraries takes longer than compiling one, so each request is done by a copy
// of this process, which may crash or hang for itself.
//
// Requests are lines of JSON on standard input:
//
//   {"command": "run", "model": "x.tflite", "inputs": ["a.npy"],
//    "outputs": ["b.npy"], "interpret": true, "log": "x.log"}
//   {"command": "run", …, "mcpu": "x86-64-v3", "guard": true,
//    "rounding": "xnnpack"}
//   {"command": "compile", "model": "x.tflite", "output": "x.o", "name": "x",
//    "triple": "aarch64-linux-gnu", "mcpu": "", "mattr": "", "log": "x.log"}
//
// and each is answered by a line: "exit <status>" or "signal <number>".

#include "qcc/Driver/Commands.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <fcntl.h>
#include <iostream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace qcc;
namespace json = llvm::json;

namespace {

constexpr unsigned seconds = 30;

std::string text(const json::Object &request, llvm::StringRef key) {
  return request.getString(key).value_or("").str();
}

std::vector<std::string> texts(const json::Object &request,
                               llvm::StringRef key) {
  std::vector<std::string> values;
  if (const json::Array *array = request.getArray(key))
    for (const json::Value &value : *array)
      values.push_back(value.getAsString().value_or("").str());
  return values;
}

bool flag(const json::Object &request, llvm::StringRef key) {
  return request.getBoolean(key).value_or(false);
}

void readCommon(CommonOptions &options, const json::Object &request) {
  options.model = text(request, "model");
  options.request.triple = text(request, "triple");
  options.request.cpu = text(request, "mcpu");
  if (options.request.triple.empty() && options.request.cpu.empty())
    options.request.cpu = "native";
  options.request.features = text(request, "mattr");
  if (auto integerOnly = request.getBoolean("integerOnly"))
    options.request.integerOnly = *integerOnly;
  options.ioInArena = flag(request, "ioInArena");
  if (std::optional<qnn::Rounding> rounding =
          parseRounding(text(request, "rounding")))
    options.rounding = *rounding;
}

int perform(const json::Object &request) {
  if (text(request, "command") == "run") {
    RunCommand command;
    readCommon(command, request);
    command.inputs = texts(request, "inputs");
    command.outputs = texts(request, "outputs");
    command.interpret = flag(request, "interpret");
    command.resetEach = flag(request, "resetEach");
    command.guard = flag(request, "guard");
    return runModel(command);
  }
  CompileCommand command;
  readCommon(command, request);
  command.output = text(request, "output");
  command.name = text(request, "name");
  return runCompile(command);
}

std::string serve(const json::Object &request) {
  pid_t child = fork();
  if (child == 0) {
    int log =
        open(text(request, "log").c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0666);
    int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    dup2(log, 1);
    dup2(log, 2);
    rlimit limit{seconds, seconds};
    setrlimit(RLIMIT_CPU, &limit);
    rlimit memory{8ul << 30, 8ul << 30};
    setrlimit(RLIMIT_AS, &memory);
    rlimit noCore{0, 0};
    setrlimit(RLIMIT_CORE, &noCore);
    alarm(4 * seconds);
    int status = perform(request);
    llvm::outs().flush();
    _exit(status);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child)
    return "signal 0";
  if (WIFSIGNALED(status))
    return "signal " + std::to_string(WTERMSIG(status));
  return "exit " + std::to_string(WEXITSTATUS(status));
}

} // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    llvm::Expected<json::Value> value = json::parse(line);
    const json::Object *request = value ? value->getAsObject() : nullptr;
    if (!request) {
      llvm::errs() << "qcc-serve: not a request: " << line << "\n";
      llvm::consumeError(value.takeError());
      return 1;
    }
    std::cout << serve(*request) << std::endl;
  }
  return 0;
}
