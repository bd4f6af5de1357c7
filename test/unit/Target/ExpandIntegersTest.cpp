// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer operations that small machines lack: the functions that stand in for
// them give what this machine's own instructions give.

#include "ExpandIntegers.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "gtest/gtest.h"
#include <random>

using namespace llvm;

namespace {

/// An operation on 64-bit words, as the body of a function of %x and %y that
/// names its result %r. `divides`: %y must not be 0 nor the quotient overflow.
struct Operation {
  std::string body;
  unsigned dividedBits = 0;
};

std::vector<Operation> makeOperations() {
  std::vector<Operation> all = {
      {"%r = mul i64 %x, %y"},
      {"%a = trunc i64 %x to i32\n%b = trunc i64 %y to i32\n"
       "%c = sext i32 %a to i64\n%d = sext i32 %b to i64\n"
       "%r = mul i64 %c, %d"},
      {"%a = trunc i64 %x to i32\n%b = trunc i64 %y to i32\n"
       "%c = zext i32 %a to i64\n%d = zext i32 %b to i64\n"
       "%r = mul i64 %c, %d"},
      {"%a = trunc i64 %x to i32\n%c = sext i32 %a to i64\n"
       "%r = mul i64 %c, -1987654321"},
      {"%a = trunc i64 %x to i40\n%b = trunc i64 %y to i40\n"
       "%c = mul i40 %a, %b\n%r = sext i40 %c to i64"}};
  for (StringRef shift : {"shl", "lshr", "ashr"})
    all.push_back(
        {("%a = and i64 %y, 63\n%r = " + shift + " i64 %x, %a").str()});
  for (unsigned bits : {8u, 16u, 32u, 64u}) {
    std::string type = "i" + std::to_string(bits);
    auto to = [&](const std::string &to, const std::string &from) {
      return to + " = " +
             (bits == 64 ? "add i64 " + from + ", 0"
                         : "trunc i64 " + from + " to " + type) +
             "\n";
    };
    auto back = [&](const std::string &value) {
      return bits == 64 ? "%r = add i64 " + value + ", 0"
                        : "%r = sext " + type + " " + value + " to i64";
    };
    for (const char *division : {"sdiv", "udiv", "srem", "urem"}) {
      std::string head = std::string("%q = ") + division + " " + type;
      all.push_back(
          {to("%a", "%x") + to("%b", "%y") + head + " %a, %b\n" + back("%q"),
           bits});
      for (int64_t divisor : {3, 7, 9, 49, 100, -5, 8, -128})
        all.push_back({to("%a", "%x") + head + " %a, " +
                       std::to_string(divisor) + "\n" + back("%q")});
      if (bits == 32)
        for (int64_t divisor : {641, 2147483647, -2147483647, 1000003})
          all.push_back({to("%a", "%x") + head + " %a, " +
                         std::to_string(divisor) + "\n" + back("%q")});
      // A value that is known to have no sign.
      all.push_back({to("%a", "%x") + "%n = lshr " + type + " %a, 1\n" + head +
                     " %n, 25\n" + back("%q")});
    }
    for (const char *count : {"ctlz", "cttz"})
      all.push_back({to("%a", "%x") + "%q = call " + type + " @llvm." + count +
                     "." + type + "(" + type + " %a, i1 false)\n" +
                     back("%q")});
  }
  all.push_back({"%a = trunc i64 %x to i32\n"
                 "%v = insertelement <2 x i32> <i32 1, i32 -70001>, i32 %a, "
                 "i32 0\n%w = sdiv <2 x i32> %v, <i32 9, i32 9>\n"
                 "%b = bitcast <2 x i32> %w to i64\n%r = add i64 %b, 0"});
  return all;
}

std::string makeModule(const std::vector<Operation> &operations) {
  std::string text;
  for (size_t i = 0; i < operations.size(); ++i)
    text += "define i64 @f" + std::to_string(i) + "(i64 %x, i64 %y) {\n" +
            operations[i].body + "\nret i64 %r\n}\n";
  return text;
}

/// Parses `text`, changes it by `change`, and makes code of it.
std::unique_ptr<orc::LLJIT> compile(const std::string &text,
                                    function_ref<void(Module &)> change) {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  auto context = std::make_unique<LLVMContext>();
  SMDiagnostic error;
  std::unique_ptr<Module> module = parseAssemblyString(text, error, *context);
  EXPECT_TRUE(module) << error.getMessage().str() << ": "
                      << error.getLineContents().str();
  if (!module)
    return nullptr;
  change(*module);
  EXPECT_FALSE(verifyModule(*module, &errs()));
  auto jit = cantFail(orc::LLJITBuilder().create());
  cantFail(jit->addIRModule(
      orc::ThreadSafeModule(std::move(module), std::move(context))));
  return jit;
}

std::vector<uint64_t> makeWords() {
  std::vector<uint64_t> words;
  for (uint64_t base :
       {uint64_t(0), uint64_t(0x7f), uint64_t(0x80), uint64_t(0xffff),
        uint64_t(0x10000), uint64_t(0x7fffffff), uint64_t(0x80000000),
        uint64_t(0xffffffff), uint64_t(1) << 32, uint64_t(0x7fffffffffffffff),
        uint64_t(1) << 63})
    for (uint64_t delta : {0, 1, -1})
      words.push_back(base + delta);
  std::mt19937_64 random(1);
  for (int i = 0; i < 60; ++i)
    words.push_back(random() >> (random() % 64));
  return words;
}

/// Division of x by y is defined in the low `bits` bits.
bool isDefined(uint64_t x, uint64_t y, unsigned bits) {
  if (bits == 0)
    return true;
  uint64_t mask = bits == 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1;
  bool overflows =
      (x & mask) == uint64_t(1) << (bits - 1) && (y & mask) == mask;
  return (y & mask) != 0 && !overflows;
}

TEST(ExpandIntegers, EqualsTheInstructions) {
  std::vector<Operation> operations = makeOperations();
  std::string text = makeModule(operations);
  qcc::TargetFacts small;
  small.isa = qcc::IsaFamily::Thumb;
  small.indexBits = 32;
  small.hasLongMultiply = small.hasDivide = small.hasCountLeadingZeros = false;
  auto plain = compile(text, [](Module &) {});
  auto expanded = compile(text, [&](Module &module) {
    qcc::expandIntegers(module, small);
    for (Function &function : module)
      for (Instruction &instruction : instructions(function)) {
        // Nothing is left that the machine lacks.
        if (instruction.getOpcode() == Instruction::Mul)
          EXPECT_LE(instruction.getType()->getScalarSizeInBits(), 32u);
        EXPECT_FALSE(isa<IntrinsicInst>(instruction));
        if (instruction.isIntDivRem())
          EXPECT_TRUE(isa<Constant>(instruction.getOperand(1)));
      }
  });
  ASSERT_TRUE(plain && expanded);
  std::vector<uint64_t> words = makeWords();
  size_t compared = 0;
  for (size_t i = 0; i < operations.size(); ++i) {
    using Function = uint64_t (*)(uint64_t, uint64_t);
    std::string name = "f" + std::to_string(i);
    auto *f = cantFail(plain->lookup(name)).toPtr<Function>();
    auto *g = cantFail(expanded->lookup(name)).toPtr<Function>();
    for (uint64_t x : words)
      for (uint64_t y : words) {
        if (!isDefined(x, y, operations[i].dividedBits))
          continue;
        ASSERT_EQ(f(x, y), g(x, y))
            << operations[i].body << "\nx " << x << " y " << y;
        ++compared;
      }
  }
  EXPECT_GT(compared, 500000u);
}

TEST(ExpandIntegers, LeavesWhatTheMachineHas) {
  LLVMContext context;
  SMDiagnostic error;
  const char *text =
      "define i64 @f(i64 %x, i64 %y) {\n%p = mul i64 %x, %y\n"
      "%a = trunc i64 %p to i32\n%b = sdiv i32 %a, 7\n%q = sext i32 %b to i64\n"
      "%r = sdiv i64 %q, 64\nret i64 %r\n}";
  auto module = parseAssemblyString(text, error, context);
  ASSERT_TRUE(module);
  qcc::TargetFacts facts;
  facts.indexBits = 32;
  qcc::expandIntegers(*module, facts);
  EXPECT_EQ(module->size(), 1u);
  // Without a division instruction, constants are left to a long multiply.
  facts.hasDivide = false;
  qcc::expandIntegers(*module, facts);
  EXPECT_EQ(module->size(), 1u);
  facts.hasLongMultiply = false;
  qcc::expandIntegers(*module, facts);
  EXPECT_GT(module->size(), 1u);
}

} // namespace
