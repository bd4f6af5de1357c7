// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linkage, attributes and public entry points of generated code. This is done
// on LLVM IR, after all of MLIR's type conversions, because pointers can be
// tested there without a detour through memref descriptors.

#include "EntryPoints.h"
#include "qcc-rt/qcc.h"
#include "qcc/Support/Error.h"
#include "qcc/Target/ModelInfo.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

namespace qcc {
namespace {

/// Moves the body of the public function F to an internal one and gives F the
/// checks. The checks cannot stand in front of the body itself: its arguments
/// carry the very alignment that is tested, and LLVM would fold the test away.
Error wrapEntry(Function &entry, ArrayRef<ParameterABI> parameters,
                const ModelABI &abi) {
  std::string publicName = entry.getName().str();
  if (!entry.getReturnType()->isIntegerTy(32))
    return makeError("function '" + publicName + "' must return i32");
  if (entry.arg_size() != parameters.size())
    return makeError(
        "function '" + publicName + "' takes " + Twine(entry.arg_size()) +
        " arguments, but the interface has " + Twine(parameters.size()));
  LLVMContext &context = entry.getContext();
  uint64_t pointerAlign =
      entry.getParent()->getDataLayout().getPointerABIAlignment(0).value();
  auto alignOf = [&](const ParameterABI &parameter) {
    return parameter.align == ParameterABI::alignOfPointer ? pointerAlign
                                                           : parameter.align;
  };
  for (auto [argument, parameter] : zip(entry.args(), parameters)) {
    if (!argument.getType()->isPointerTy())
      return makeError("argument " + parameter.name + " of '" + publicName +
                       "' is not a pointer");
    uint64_t declared = argument.getParamAlign().valueOrOne().value();
    if (declared > alignOf(parameter))
      return makeError("argument " + parameter.name + " of '" + publicName +
                       "' claims alignment " + Twine(declared) +
                       ", but the interface promises " +
                       Twine(alignOf(parameter)));
  }

  StringRef suffix = StringRef(publicName).drop_front(abi.name.size() + 1);
  entry.setName(abi.name + "." + suffix);
  Function *wrapper =
      Function::Create(entry.getFunctionType(), GlobalValue::ExternalLinkage,
                       publicName, entry.getParent());
  wrapper->setDSOLocal(true);
  entry.setLinkage(GlobalValue::InternalLinkage);

  IRBuilder<> builder(BasicBlock::Create(context, "entry", wrapper));
  Type *word = entry.getParent()->getDataLayout().getIntPtrType(context);
  Value *anyNull = builder.getFalse();
  Value *lowBits = nullptr;
  SmallVector<Value *> arguments;
  for (auto [argument, own, parameter] :
       zip(wrapper->args(), entry.args(), parameters)) {
    argument.setName(parameter.name);
    arguments.push_back(&argument);
    anyNull = builder.CreateOr(anyNull, builder.CreateIsNull(&argument));
    if (uint64_t align = alignOf(parameter); align > 1) {
      Value *bits = builder.CreateAnd(builder.CreatePtrToInt(&argument, word),
                                      ConstantInt::get(word, align - 1));
      lowBits = lowBits ? builder.CreateOr(lowBits, bits) : bits;
      own.removeAttr(Attribute::Alignment);
      own.addAttr(Attribute::getWithAlignment(context, Align(align)));
    }
    own.addAttr(Attribute::NonNull);
    if (parameter.bytes)
      own.addAttr(
          Attribute::getWithDereferenceableBytes(context, parameter.bytes));
  }
  auto leaveIf = [&](Value *condition, int32_t code) {
    auto *fail = BasicBlock::Create(context, "fail", wrapper);
    auto *next = BasicBlock::Create(context, "next", wrapper);
    builder.CreateCondBr(condition, fail, next);
    builder.SetInsertPoint(fail);
    builder.CreateRet(builder.getInt32(static_cast<uint32_t>(code)));
    builder.SetInsertPoint(next);
  };
  leaveIf(anyNull, QCC_ERROR_NULL);
  if (lowBits)
    leaveIf(builder.CreateIsNotNull(lowBits), QCC_ERROR_ALIGNMENT);
  CallInst *call = builder.CreateCall(&entry, arguments);
  call->setTailCall();
  builder.CreateRet(call);
  return Error::success();
}

/// Loads the arguments of `types` from the array of pointers `packed`.
SmallVector<Value *> unpackArguments(IRBuilder<> &builder, Value *packed,
                                     size_t count) {
  SmallVector<Value *> arguments;
  for (size_t i = 0; i < count; ++i)
    arguments.push_back(builder.CreateLoad(
        builder.getPtrTy(),
        builder.CreateConstInBoundsGEP1_64(builder.getPtrTy(), packed, i)));
  return arguments;
}

/// Clones `<name>.run` with two more arguments, void (*tick)(void *, int32_t)
/// and void *, and a call of tick(context, i) after each call of layer i.
Function *cloneTimed(LLVMModule &llvmModule, Function *run) {
  LLVMContext &context = run->getContext();
  Type *pointer = PointerType::getUnqual(context);
  SmallVector<Type *> types(run->getFunctionType()->params());
  types.append({pointer, pointer});
  Function *timed =
      Function::Create(FunctionType::get(run->getReturnType(), types, false),
                       GlobalValue::InternalLinkage, run->getName() + "_timed",
                       run->getParent());
  ValueToValueMapTy map;
  for (auto [from, to] : zip(run->args(), timed->args()))
    map[&from] = &to;
  SmallVector<ReturnInst *> returns;
  CloneFunctionInto(timed, run, map, CloneFunctionChangeType::LocalChangesOnly,
                    returns);
  Value *tick = timed->getArg(run->arg_size());
  Value *tickContext = timed->getArg(run->arg_size() + 1);

  SmallVector<CallInst *> calls;
  for (Instruction &instruction : instructions(*timed))
    if (auto *call = dyn_cast<CallInst>(&instruction))
      if (Function *callee = call->getCalledFunction();
          callee && !callee->isDeclaration())
        calls.push_back(call);
  for (CallInst *call : calls) {
    std::string name = call->getCalledFunction()->getName().str();
    // Two calls of one function are one layer.
    auto found = find(llvmModule.layers, name);
    uint32_t index = found - llvmModule.layers.begin();
    if (found == llvmModule.layers.end())
      llvmModule.layers.push_back(name);
    IRBuilder<> builder(call->getNextNode());
    builder.CreateCall(FunctionType::get(builder.getVoidTy(),
                                         {pointer, builder.getInt32Ty()},
                                         false),
                       tick, {tickContext, builder.getInt32(index)});
  }
  return timed;
}

/// Adds `<name>.call(args)` around `<name>_run` and
/// `<name>.call_timed(args, tick, context)` around a timed clone: whatever the
/// number of tensors, the caller's side is one C type.
void addJitEntries(LLVMModule &llvmModule, const ModelABI &abi) {
  Module &module = *llvmModule.module;
  LLVMContext &context = module.getContext();
  Type *pointer = PointerType::getUnqual(context);
  Function *checked = module.getFunction(abi.name + "_run");
  Function *timed =
      cloneTimed(llvmModule, module.getFunction(abi.name + ".run"));
  auto addEntry = [&](const Twine &name, ArrayRef<Type *> types,
                      Function *callee) {
    Function *entry = Function::Create(
        FunctionType::get(callee->getReturnType(), types, false),
        GlobalValue::ExternalLinkage, name, module);
    IRBuilder<> builder(BasicBlock::Create(context, "entry", entry));
    SmallVector<Value *> arguments =
        unpackArguments(builder, entry->getArg(0), checked->arg_size());
    for (size_t i = 1; i < entry->arg_size(); ++i)
      arguments.push_back(entry->getArg(i));
    builder.CreateRet(builder.CreateCall(callee, arguments));
  };
  addEntry(abi.name + ".call", {pointer}, checked);
  addEntry(abi.name + ".call_timed", {pointer, pointer, pointer}, timed);
}

void setFunctionAttributes(Function &function,
                           const TargetDescription &target) {
  function.setDoesNotThrow();
  function.addFnAttr("target-cpu", target.cpu);
  if (!target.features.empty())
    function.addFnAttr("target-features", target.features);
  // Keeps LLVM from finding memset and the like in our loops.
  function.addFnAttr("no-builtins");
  function.addFnAttr("frame-pointer", "none");
  if (target.facts.integerOnly)
    function.addFnAttr(Attribute::NoImplicitFloat);
  if (target.facts.isa == IsaFamily::X86 && target.facts.vectorBits >= 512) {
    function.addFnAttr("prefer-vector-width", "512");
    function.addFnAttr("min-legal-vector-width", "512");
  }
}

} // namespace

Error finishModule(LLVMModule &llvmModule, const TargetDescription &target,
                   const ModelABI &abi, const CodeGenOptions &options) {
  Module &module = *llvmModule.module;
  std::string run = abi.name + "_run", reset = abi.name + "_reset";
  for (GlobalVariable &global : module.globals()) {
    if (global.isDeclaration())
      return makeError("global '" + global.getName() + "' has no value");
    if (!global.isConstant())
      return makeError("global '" + global.getName() +
                       "' is not constant: generated code has no .data");
    global.setLinkage(GlobalValue::InternalLinkage);
    global.setDSOLocal(true);
    if (!options.section.empty())
      global.setSection(options.section);
  }

  Function *runFunction = module.getFunction(run);
  if (!runFunction || runFunction->isDeclaration())
    return makeError("no function '" + run + "'");
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    bool isPublic = function.getName() == run || function.getName() == reset;
    if (!isPublic) {
      function.setLinkage(GlobalValue::InternalLinkage);
      // One symbol per layer: perf and debuggers speak the model's language.
      function.addFnAttr(Attribute::NoInline);
    }
    function.setDSOLocal(true);
  }

  if (Error error = wrapEntry(*runFunction, describeRunParameters(abi), abi))
    return error;
  if (abi.stateBytes) {
    Function *resetFunction = module.getFunction(reset);
    if (!resetFunction || resetFunction->isDeclaration())
      return makeError("no function '" + reset + "' for a model with state");
    if (Error error =
            wrapEntry(*resetFunction, describeResetParameters(abi), abi))
      return error;
  }
  if (options.jitEntries)
    addJitEntries(llvmModule, abi);
  for (Function &function : module)
    if (!function.isDeclaration())
      setFunctionAttributes(function, target);

  SmallVector<char, 0> info = serializeModelInfo(abi);
  Constant *bytes = ConstantDataArray::getRaw(
      StringRef(info.data(), info.size()), info.size(),
      Type::getInt8Ty(module.getContext()));
  auto *global = new GlobalVariable(
      module, bytes->getType(), /*isConstant=*/true,
      GlobalValue::ExternalLinkage, bytes, abi.name + "_info");
  global->setAlignment(Align(modelInfoAlign));
  global->setDSOLocal(true);
  return Error::success();
}

void setModelInfo(Module &module, const ModelABI &abi) {
  GlobalVariable *global = module.getNamedGlobal(abi.name + "_info");
  if (!global)
    return;
  SmallVector<char, 0> info = serializeModelInfo(abi);
  global->setInitializer(ConstantDataArray::getRaw(
      StringRef(info.data(), info.size()), info.size(),
      Type::getInt8Ty(module.getContext())));
}

void lowerMemoryIntrinsics(Module &module) {
  SmallVector<MemIntrinsic *> intrinsics;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (auto *intrinsic = dyn_cast<MemIntrinsic>(&instruction))
        intrinsics.push_back(intrinsic);
  LLVMContext &context = module.getContext();
  Type *pointer = PointerType::getUnqual(context);
  Type *size = module.getDataLayout().getIntPtrType(context);
  for (MemIntrinsic *intrinsic : intrinsics) {
    // The back end copies up to four words in line.
    auto *length = dyn_cast<ConstantInt>(intrinsic->getLength());
    if (length && length->getZExtValue() <= 16)
      continue;
    IRBuilder<> builder(intrinsic);
    auto *set = dyn_cast<MemSetInst>(intrinsic);
    StringRef name = set                           ? "memset"
                     : isa<MemMoveInst>(intrinsic) ? "memmove"
                                                   : "memcpy";
    Type *second = set ? builder.getInt32Ty() : pointer;
    FunctionCallee callee = module.getOrInsertFunction(
        name, FunctionType::get(pointer, {pointer, second, size}, false));
    Value *value =
        set ? builder.CreateZExt(set->getValue(), builder.getInt32Ty())
            : cast<MemTransferInst>(intrinsic)->getRawSource();
    CallInst *call = builder.CreateCall(
        callee, {intrinsic->getRawDest(), value,
                 builder.CreateZExtOrTrunc(intrinsic->getLength(), size)});
    call->addFnAttr(Attribute::NoBuiltin);
    call->setDoesNotThrow();
    intrinsic->eraseFromParent();
  }
}

} // namespace qcc
