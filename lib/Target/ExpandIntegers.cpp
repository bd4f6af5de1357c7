// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels compute in 64 bits and divide where the definition does, whatever the
// machine. Where a machine has no code for that, LLVM's back ends call the
// compiler's run-time library (__aeabi_lmul, __divdi3, …), which generated code
// must not need. This file is the one place that knows: on LLVM IR, behind all
// optimizations, such operations become calls of functions private to the
// module, each made once and only where it is used. Multiplications are built
// from 16-bit halves, divisions by constants from high multiplications.

#include "ExpandIntegers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Support/DivisionByConstantInfo.h"
#include "llvm/Transforms/Utils/IntegerDivision.h"

using namespace llvm;

namespace qcc {
namespace {

class IntegerExpander {
public:
  IntegerExpander(Module &irModule, const TargetFacts &targetFacts)
      : module(irModule), facts(targetFacts) {}

  void run() {
    // Helpers are appended, and may need others: they are met later.
    for (Function &function : module) {
      SmallVector<Instruction *> wanted;
      for (Instruction &instruction : instructions(function))
        if (needsHelp(instruction))
          wanted.push_back(&instruction);
      for (Instruction *instruction : wanted)
        replace(*instruction);
    }
  }

private:
  /// Bits of an integer operation once it is promoted: 32 or 64; 0 for what is
  /// none or wider.
  static unsigned promotedBits(const Type *type) {
    if (!type->isIntOrIntVectorTy() || type->getScalarSizeInBits() > 64)
      return 0;
    return type->getScalarSizeInBits() > 32 ? 64 : 32;
  }

  bool needsHelp(const Instruction &instruction) const {
    unsigned bits = promotedBits(instruction.getType());
    if (bits == 0 || isa<ScalableVectorType>(instruction.getType()))
      return false;
    switch (instruction.getOpcode()) {
    case Instruction::Mul:
      return bits == 64 && !facts.hasLongMultiply;
    case Instruction::Shl:
    case Instruction::LShr:
    case Instruction::AShr:
      return bits == 64 && !facts.hasLongMultiply &&
             !isa<Constant>(instruction.getOperand(1));
    case Instruction::SDiv:
    case Instruction::UDiv:
    case Instruction::SRem:
    case Instruction::URem:
      return divisionNeedsHelp(instruction, bits);
    case Instruction::Call: {
      auto *intrinsic = dyn_cast<IntrinsicInst>(&instruction);
      return intrinsic && !facts.hasCountLeadingZeros &&
             (intrinsic->getIntrinsicID() == Intrinsic::ctlz ||
              intrinsic->getIntrinsicID() == Intrinsic::cttz);
    }
    default:
      return false;
    }
  }

  bool divisionNeedsHelp(const Instruction &division, unsigned bits) const {
    const APInt *divisor = constantOf(division.getOperand(1));
    // Powers of two are shifts.
    if (divisor && (divisor->isPowerOf2() || divisor->isNegatedPowerOf2()))
      return false;
    if (bits == 64)
      return true;
    return !facts.hasDivide && !(divisor && facts.hasLongMultiply);
  }

  /// The constant that `value` is, or a vector's splat of it; else null.
  static const APInt *constantOf(const Value *value) {
    auto *constant = dyn_cast<Constant>(value);
    if (constant && constant->getType()->isVectorTy())
      constant = constant->getSplatValue();
    auto *integer = dyn_cast_or_null<ConstantInt>(constant);
    return integer ? &integer->getValue() : nullptr;
  }

  void replace(Instruction &instruction) {
    IRBuilder<> builder(&instruction);
    Value *result = nullptr;
    if (auto *vector = dyn_cast<FixedVectorType>(instruction.getType())) {
      result = PoisonValue::get(vector);
      for (unsigned lane = 0; lane < vector->getNumElements(); ++lane)
        result = builder.CreateInsertElement(
            result,
            emit(builder, instruction,
                 builder.CreateExtractElement(instruction.getOperand(0), lane),
                 isa<BinaryOperator>(instruction)
                     ? builder.CreateExtractElement(instruction.getOperand(1),
                                                    lane)
                     : nullptr),
            lane);
    } else {
      result = emit(builder, instruction, instruction.getOperand(0),
                    isa<BinaryOperator>(instruction) ? instruction.getOperand(1)
                                                     : nullptr);
    }
    instruction.replaceAllUsesWith(result);
    instruction.eraseFromParent();
  }

  /// `like` applied to scalars.
  Value *emit(IRBuilder<> &b, Instruction &like, Value *x, Value *y) {
    Type *type = x->getType();
    unsigned bits = promotedBits(type);
    Type *wide = b.getIntNTy(bits);
    unsigned opcode = like.getOpcode();
    bool isSigned = opcode == Instruction::SDiv ||
                    opcode == Instruction::SRem || opcode == Instruction::AShr;
    auto promote = [&](Value *v) {
      return isSigned ? b.CreateSExt(v, wide) : b.CreateZExt(v, wide);
    };
    Value *result = nullptr;
    if (opcode == Instruction::Mul)
      result = emitMultiply(b, like, promote(x), promote(y));
    else if (opcode == Instruction::Call)
      result = emitCount(b, cast<IntrinsicInst>(like), x);
    else if (isa<BinaryOperator>(like) && like.isShift())
      result = call(b, getShift(like, opcode), {promote(x), promote(y)});
    else
      result = emitDivision(b, like, opcode, promote(x), promote(y));
    return b.CreateTrunc(result, type);
  }

  //===--- multiplication -------------------------------------------------===//

  /// x · y modulo 2^64.
  Value *emitMultiply(IRBuilder<> &b, Instruction &like, Value *x, Value *y) {
    const DataLayout &layout = module.getDataLayout();
    Type *i32 = b.getInt32Ty(), *i64 = b.getInt64Ty();
    auto low = [&](Value *v) { return b.CreateTrunc(v, i32); };
    auto fits = [&](Value *v, bool isSigned) {
      return isSigned
                 ? ComputeNumSignBits(v, layout) > 32
                 : computeKnownBits(v, layout).countMinLeadingZeros() >= 32;
    };
    for (bool isSigned : {true, false})
      if (fits(x, isSigned) && fits(y, isSigned))
        return call(b, getLongMultiply(like, isSigned), {low(x), low(y)});
    auto high = [&](Value *v) { return low(b.CreateLShr(v, 32)); };
    Value *product = call(b, getLongMultiply(like, false), {low(x), low(y)});
    Value *cross =
        b.CreateAdd(b.CreateMul(high(x), low(y)), b.CreateMul(low(x), high(y)));
    return b.CreateAdd(product, b.CreateShl(b.CreateZExt(cross, i64), 32));
  }

  /// i32 × i32 → i64 by the products of 16-bit halves; no sum of them leaves 32
  /// bits: for signed operands the cross products are at most (2^16 − 1) · 2^15
  /// in magnitude, for unsigned ones (2^16 − 1)^2, and each takes in one half
  /// more.
  Function *getLongMultiply(Instruction &like, bool isSigned) {
    return getHelper(
        like, isSigned ? "multiply_signed" : "multiply_unsigned", 32, 64,
        [&](IRBuilder<> &b, Value *x, Value *y) {
          auto low = [&](Value *v) { return b.CreateAnd(v, 0xffff); };
          auto high = [&](Value *v) {
            return isSigned ? b.CreateAShr(v, 16) : b.CreateLShr(v, 16);
          };
          Value *lowLow = b.CreateMul(low(x), low(y));
          Value *middle = b.CreateAdd(b.CreateMul(low(x), high(y)),
                                      b.CreateLShr(lowLow, 16));
          Value *middle2 =
              b.CreateAdd(b.CreateMul(high(x), low(y)), low(middle));
          Value *top = b.CreateAdd(
              b.CreateAdd(b.CreateMul(high(x), high(y)), high(middle)),
              high(middle2));
          Value *bottom = b.CreateMul(x, y);
          Type *i64 = b.getInt64Ty();
          return b.CreateOr(b.CreateShl(b.CreateZExt(top, i64), 32),
                            b.CreateZExt(bottom, i64));
        });
  }

  //===--- shifts ---------------------------------------------------------===//

  /// Shifts of 64 bits by less than 64, in halves. Both arms of each choice
  /// shift by less than 32.
  Function *getShift(Instruction &like, unsigned opcode) {
    StringRef name = opcode == Instruction::Shl    ? "shift_left"
                     : opcode == Instruction::LShr ? "shift_right"
                                                   : "shift_right_signed";
    return getHelper(
        like, name, 64, 64, [&](IRBuilder<> &b, Value *x, Value *y) {
          Type *i32 = b.getInt32Ty(), *i64 = b.getInt64Ty();
          Value *low = b.CreateTrunc(x, i32);
          Value *high = b.CreateTrunc(b.CreateLShr(x, 32), i32);
          Value *amount = b.CreateTrunc(y, i32);
          Value *isFar = b.CreateICmpUGE(amount, b.getInt32(32));
          Value *near = b.CreateAnd(amount, 31);
          Value *back = b.CreateXor(near, 31); // 31 − near
          Value *newLow = nullptr, *newHigh = nullptr;
          if (opcode == Instruction::Shl) {
            Value *moved = b.CreateShl(low, near);
            Value *joined =
                b.CreateOr(b.CreateShl(high, near),
                           b.CreateLShr(b.CreateLShr(low, 1), back));
            newLow = b.CreateSelect(isFar, b.getInt32(0), moved);
            newHigh = b.CreateSelect(isFar, moved, joined);
          } else {
            bool isSigned = opcode == Instruction::AShr;
            Value *moved =
                isSigned ? b.CreateAShr(high, near) : b.CreateLShr(high, near);
            Value *joined = b.CreateOr(b.CreateLShr(low, near),
                                       b.CreateShl(b.CreateShl(high, 1), back));
            Value *fill = isSigned ? b.CreateAShr(high, 31)
                                   : static_cast<Value *>(b.getInt32(0));
            newLow = b.CreateSelect(isFar, moved, joined);
            newHigh = b.CreateSelect(isFar, fill, moved);
          }
          return b.CreateOr(b.CreateShl(b.CreateZExt(newHigh, i64), 32),
                            b.CreateZExt(newLow, i64));
        });
  }

  //===--- leading and trailing zeros -------------------------------------===//

  Value *emitCount(IRBuilder<> &b, IntrinsicInst &like, Value *x) {
    unsigned bits = x->getType()->getScalarSizeInBits();
    unsigned promoted = promotedBits(x->getType());
    Type *wide = b.getIntNTy(promoted);
    Value *v = b.CreateZExt(x, wide);
    if (like.getIntrinsicID() == Intrinsic::cttz) {
      // The bits below the lowest one: promoted bits less their leading zeros.
      if (bits < promoted)
        v = b.CreateOr(v, ConstantInt::get(wide, uint64_t(1) << bits));
      v = b.CreateAnd(b.CreateNot(v),
                      b.CreateSub(v, ConstantInt::get(wide, 1)));
      return b.CreateSub(ConstantInt::get(wide, promoted),
                         leadingZeros(b, like, v, promoted));
    }
    Value *count = leadingZeros(b, like, v, promoted);
    return b.CreateSub(count, ConstantInt::get(wide, promoted - bits));
  }

  Value *leadingZeros(IRBuilder<> &b, Instruction &like, Value *v,
                      unsigned bits) {
    Type *i32 = b.getInt32Ty();
    Function *helper = getLeadingZeros(like);
    if (bits == 32)
      return call(b, helper, {v, b.getInt32(0)});
    Value *high = b.CreateTrunc(b.CreateLShr(v, 32), i32);
    Value *low = b.CreateTrunc(v, i32);
    Value *isZero = b.CreateICmpEQ(high, b.getInt32(0));
    Value *count =
        call(b, helper, {b.CreateSelect(isZero, low, high), b.getInt32(0)});
    count = b.CreateAdd(count,
                        b.CreateSelect(isZero, b.getInt32(32), b.getInt32(0)));
    return b.CreateZExt(count, b.getInt64Ty());
  }

  /// Leading zeros of 32 bits, by halving: 32 for 0.
  Function *getLeadingZeros(Instruction &like) {
    return getHelper(
        like, "leading_zeros", 32, 32, [&](IRBuilder<> &b, Value *x, Value *) {
          Value *count = b.getInt32(0);
          for (unsigned step : {16u, 8u, 4u, 2u, 1u}) {
            Value *isSmall =
                b.CreateICmpULT(x, b.getInt32(uint32_t(1) << (32 - step)));
            x = b.CreateSelect(isSmall, b.CreateShl(x, step), x);
            count = b.CreateSelect(isSmall,
                                   b.CreateAdd(count, b.getInt32(step)), count);
          }
          // The last bit: one more when nothing is left.
          Value *isZero = b.CreateICmpEQ(x, b.getInt32(0));
          return b.CreateAdd(count, b.CreateZExt(isZero, b.getInt32Ty()));
        });
  }

  //===--- division -------------------------------------------------------===//

  Value *emitDivision(IRBuilder<> &b, Instruction &like, unsigned opcode,
                      Value *x, Value *y) {
    const APInt *divisor = constantOf(y);
    bool isRemainder =
        opcode == Instruction::SRem || opcode == Instruction::URem;
    if (divisor && divisor->getBitWidth() == 32 && !divisor->isZero()) {
      // Values without a sign divide alike either way.
      const DataLayout &layout = module.getDataLayout();
      bool fitsSigned = opcode == Instruction::SDiv ||
                        opcode == Instruction::SRem ||
                        (computeKnownBits(x, layout).isNonNegative() &&
                         !divisor->isNegative());
      if (fitsSigned) {
        Value *quotient = emitDivisionByMultiply(b, like, x, *divisor);
        return isRemainder ? b.CreateSub(x, b.CreateMul(quotient, y))
                           : quotient;
      }
    }
    return call(b, getDivision(like, opcode, x->getType()), {x, y});
  }

  /// x / d for 32-bit x and a constant d that is no power of two: the high half
  /// of a product (Warren, Hacker's Delight, 10-1).
  Value *emitDivisionByMultiply(IRBuilder<> &b, Instruction &like, Value *x,
                                const APInt &d) {
    auto magic = SignedDivisionByConstantInfo::get(d);
    Value *product =
        call(b, getLongMultiply(like, true), {x, b.getInt(magic.Magic)});
    Value *q = b.CreateTrunc(b.CreateLShr(product, 32), b.getInt32Ty());
    if (d.isStrictlyPositive() && magic.Magic.isNegative())
      q = b.CreateAdd(q, x);
    if (d.isNegative() && magic.Magic.isStrictlyPositive())
      q = b.CreateSub(q, x);
    q = b.CreateAShr(q, magic.ShiftAmount);
    return b.CreateAdd(q, b.CreateLShr(q, 31));
  }

  /// Division bit by bit.
  Function *getDivision(Instruction &like, unsigned opcode, Type *type) {
    unsigned bits = type->getIntegerBitWidth();
    StringRef name = Instruction::getOpcodeName(opcode);
    BinaryOperator *operation = nullptr;
    Function *helper =
        getHelper(like, (name + Twine(bits)).str(), bits, bits,
                  [&](IRBuilder<> &b, Value *x, Value *y) {
                    operation = BinaryOperator::Create(
                        static_cast<Instruction::BinaryOps>(opcode), x, y);
                    return b.Insert(operation);
                  });
    if (operation) {
      if (opcode == Instruction::SDiv || opcode == Instruction::UDiv)
        expandDivision(operation);
      else
        expandRemainder(operation);
    }
    return helper;
  }

  //===--- helpers --------------------------------------------------------===//

  Value *call(IRBuilder<> &b, Function *helper, ArrayRef<Value *> arguments) {
    CallInst *result = b.CreateCall(helper, arguments);
    result->setDoesNotThrow();
    return result;
  }

  /// The private function `name` of two integers, made when first asked for,
  /// with the attributes of the code that calls it.
  Function *
  getHelper(Instruction &like, const Twine &name, unsigned argumentBits,
            unsigned resultBits,
            function_ref<Value *(IRBuilder<> &, Value *, Value *)> body) {
    std::string full = ("qcc." + name).str();
    if (Function *known = module.getFunction(full))
      return known;
    LLVMContext &context = module.getContext();
    Type *argument = Type::getIntNTy(context, argumentBits);
    Function *helper =
        Function::Create(FunctionType::get(Type::getIntNTy(context, resultBits),
                                           {argument, argument}, false),
                         GlobalValue::InternalLinkage, full, module);
    helper->addFnAttrs(
        AttrBuilder(context, like.getFunction()->getAttributes().getFnAttrs()));
    helper->addFnAttr(Attribute::NoInline);
    helper->setDSOLocal(true);
    helper->setMemoryEffects(MemoryEffects::none());
    IRBuilder<> builder(BasicBlock::Create(context, "entry", helper));
    builder.CreateRet(body(builder, helper->getArg(0), helper->getArg(1)));
    return helper;
  }

  Module &module;
  const TargetFacts &facts;
};

} // namespace

void expandIntegers(Module &module, const TargetFacts &facts) {
  // Machines of 64 bits have it all.
  if (facts.indexBits >= 64)
    return;
  IntegerExpander(module, facts).run();
}

} // namespace qcc
