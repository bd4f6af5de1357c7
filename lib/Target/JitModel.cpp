// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads a generated object with LLVM's JIT linker.

#include "qcc/Target/JitModel.h"
#include "mlir/IR/Diagnostics.h"
#include "qcc-rt/qcc.h"
#include "qcc/Target/VerifyObject.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/TargetParser/Host.h"
#include <chrono>

using namespace llvm;

namespace qcc {

Error checkRunsOnHost(const TargetDescription &target) {
  auto makeError = [](const Twine &message) {
    return createStringError(inconvertibleErrorCode(), message);
  };
  if (target.facts.isa == IsaFamily::Generic)
    return makeError("target 'generic' is portable C, which does not run here: "
                     "use --emit=c");
  Triple host(sys::getDefaultTargetTriple());
  if (host.getArch() != target.triple.getArch() || target.isBareMetal)
    return makeError("code for '" + target.triple.str() +
                     "' cannot run on this machine (" + host.str() +
                     "): use --emit=exe and an emulator");
  std::string message;
  const Target *backend = TargetRegistry::lookupTarget(target.triple, message);
  if (!backend)
    return makeError(message);
  std::unique_ptr<MCSubtargetInfo> tables(backend->createMCSubtargetInfo(
      target.triple, target.cpu, target.features));
  SmallVector<std::string> missing;
  for (const auto &feature : sys::getHostCPUFeatures())
    if (!feature.second && tables->checkFeatures("+" + feature.first().str()))
      missing.push_back(feature.first().str());
  llvm::sort(missing);
  if (!missing.empty())
    return makeError("code for cpu '" + target.cpu +
                     "' cannot run on this machine, which lacks " +
                     join(missing, ", "));
  return Error::success();
}

Expected<ObjectSizes> measureObject(StringRef bytes) {
  auto file = object::ObjectFile::createObjectFile(
      MemoryBufferRef(bytes, "generated object"));
  if (!file)
    return file.takeError();
  auto *elf = dyn_cast<object::ELFObjectFileBase>(file->get());
  if (!elf)
    return createStringError(inconvertibleErrorCode(), "object is not ELF");
  ObjectSizes sizes;
  for (const object::ELFSectionRef section : elf->sections()) {
    if (!(section.getFlags() & ELF::SHF_ALLOC))
      continue;
    bool isCode = section.getFlags() & ELF::SHF_EXECINSTR;
    (isCode ? sizes.code : sizes.constants) += section.getSize();
  }
  return sizes;
}

struct JitModel::Engine {
  std::unique_ptr<orc::LLJIT> jit;

  template <typename Pointer>
  Error lookup(const std::string &name, Pointer &result) {
    auto address = jit->lookup(name);
    if (!address)
      return address.takeError();
    result = address->toPtr<Pointer>();
    return Error::success();
  }
};

JitModel::JitModel() = default;
JitModel::~JitModel() = default;

mlir::FailureOr<std::unique_ptr<JitModel>>
JitModel::create(mlir::ModuleOp module, const TargetDescription &target,
                 ModelABI &abi, CodeGenOptions options) {
  auto fail = [&](Error error) -> mlir::LogicalResult {
    return mlir::emitError(module.getLoc(), toString(std::move(error)));
  };
  if (Error error = checkRunsOnHost(target))
    return fail(std::move(error));
  options.jitEntries = true;
  auto llvmModule = translateToLLVM(module, target, abi, options);
  if (mlir::failed(llvmModule))
    return mlir::failure();
  if (Error error = optimizeModule(*llvmModule, target, options.optimization))
    return fail(std::move(error));
  auto bytes = generateCode(*llvmModule, target, EmitKind::Object, abi);
  if (!bytes)
    return fail(bytes.takeError());
  StringRef object(bytes->data(), bytes->size());
  if (Error error = verifyObject(object, target))
    return fail(std::move(error));
  auto sizes = measureObject(object);
  if (!sizes)
    return fail(sizes.takeError());

  std::unique_ptr<JitModel> model(new JitModel());
  model->engine = std::make_unique<Engine>();
  model->abi = abi;
  model->layers = llvmModule->layers;
  model->codeBytes = sizes->code;
  model->constantBytes = sizes->constants;
  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return fail(jit.takeError());
  model->engine->jit = std::move(*jit);
  orc::LLJIT &engine = *model->engine->jit;
  if (Error error = engine.addObjectFile(
          MemoryBuffer::getMemBufferCopy(object, abi.name + ".o")))
    return fail(std::move(error));
  if (Error error = model->engine->lookup(abi.name + ".call", model->call))
    return fail(std::move(error));
  if (Error error =
          model->engine->lookup(abi.name + ".call_timed", model->callTimed))
    return fail(std::move(error));
  if (Error error = model->engine->lookup(abi.name + "_info", model->info))
    return fail(std::move(error));
  if (abi.stateBytes)
    if (Error error =
            model->engine->lookup(abi.name + "_reset", model->resetState))
      return fail(std::move(error));
  return std::move(model);
}

int JitModel::run(ArrayRef<void *> arguments) const {
  return call(arguments.data());
}

int JitModel::reset(void *state) const {
  return resetState ? resetState(state) : QCC_OK;
}

namespace {
/// Where the time since the last layer goes.
struct LayerClock {
  using Clock = std::chrono::steady_clock;
  MutableArrayRef<uint64_t> nanoseconds;
  Clock::time_point last;

  static void tick(void *context, int32_t layer) {
    auto *self = static_cast<LayerClock *>(context);
    Clock::time_point now = Clock::now();
    self->nanoseconds[layer] +=
        std::chrono::duration_cast<std::chrono::nanoseconds>(now - self->last)
            .count();
    self->last = Clock::now();
  }
};
} // namespace

int JitModel::runTimed(ArrayRef<void *> arguments,
                       MutableArrayRef<uint64_t> nanoseconds) const {
  LayerClock clock{nanoseconds, LayerClock::Clock::now()};
  return callTimed(arguments.data(), LayerClock::tick, &clock);
}

int JitModel::runObserved(ArrayRef<void *> arguments,
                          function_ref<void(int32_t)> observe) const {
  auto tick = [](void *context, int32_t layer) {
    (*static_cast<function_ref<void(int32_t)> *>(context))(layer);
  };
  return callTimed(arguments.data(), tick, &observe);
}

} // namespace qcc
