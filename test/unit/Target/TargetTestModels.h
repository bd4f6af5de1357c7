// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hand-written loops-stage modules for the back end's tests, with what they
// compute as plain C++.

#ifndef QCC_TEST_UNIT_TARGET_TARGETTESTMODELS_H
#define QCC_TEST_UNIT_TARGET_TARGETTESTMODELS_H

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "qcc/Target/CodeGen.h"
#include "qcc/Target/LowerToLLVM.h"
#include "gtest/gtest.h"
#include <cmath>
#include <vector>

namespace qcc::test {

/// A module and its interface.
struct TestModel {
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  ModelABI abi;
};

inline TestModel parseModel(llvm::StringRef text, ModelABI abi) {
  TestModel model;
  mlir::DialectRegistry registry;
  registerTargetDialects(registry);
  model.context = std::make_unique<mlir::MLIRContext>(
      registry, mlir::MLIRContext::Threading::DISABLED);
  model.module =
      mlir::parseSourceString<mlir::ModuleOp>(text, model.context.get());
  model.abi = std::move(abi);
  EXPECT_TRUE(bool(model.module));
  return model;
}

/// Two layers on 64 int8: out[i] = clamp((in[i] + 3) * weight[i] >> 2), the
/// product taken in 32 bits, the first sum saturated to int8.
constexpr llvm::StringLiteral integerText = R"mlir(
memref.global "private" constant @tiny.weights : memref<64xi8> = dense<[
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
  -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -13, -14, -15, -16,
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
  -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -13, -14, -15, -128]>
  {alignment = 64}
func.func private @tiny.add_0(%in: memref<64xi8> {llvm.noalias},
    %out: memref<64xi8> {llvm.noalias, llvm.align = 16 : i64}) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %three = arith.constant dense<3> : vector<16xi16>
  %hi = arith.constant dense<127> : vector<16xi16>
  scf.for %i = %c0 to %c64 step %c16 {
    %x = vector.load %in[%i] : memref<64xi8>, vector<16xi8>
    %w = arith.extsi %x : vector<16xi8> to vector<16xi16>
    %s = arith.addi %w, %three : vector<16xi16>
    %m = arith.minsi %s, %hi : vector<16xi16>
    %r = arith.trunci %m : vector<16xi16> to vector<16xi8>
    vector.store %r, %out[%i] {alignment = 16 : i64}
      : memref<64xi8>, vector<16xi8>
  }
  return
}
func.func private @tiny.mul_1(%in: memref<64xi8> {llvm.noalias},
    %out: memref<64xi8> {llvm.noalias}) {
  %weights = memref.get_global @tiny.weights : memref<64xi8>
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant dense<2> : vector<16xi32>
  %lo = arith.constant dense<-128> : vector<16xi32>
  %hi = arith.constant dense<127> : vector<16xi32>
  scf.for %i = %c0 to %c64 step %c16 {
    %x = vector.load %in[%i] : memref<64xi8>, vector<16xi8>
    %k = vector.load %weights[%i] : memref<64xi8>, vector<16xi8>
    %xw = arith.extsi %x : vector<16xi8> to vector<16xi32>
    %kw = arith.extsi %k : vector<16xi8> to vector<16xi32>
    %p = arith.muli %xw, %kw : vector<16xi32>
    %s = arith.shrsi %p, %two : vector<16xi32>
    %a = arith.maxsi %s, %lo : vector<16xi32>
    %b = arith.minsi %a, %hi : vector<16xi32>
    %r = arith.trunci %b : vector<16xi32> to vector<16xi8>
    vector.store %r, %out[%i] : memref<64xi8>, vector<16xi8>
  }
  return
}
func.func @tiny_run(%in0: memref<64xi8>, %out0: memref<64xi8>,
                    %arena: memref<128xi8>) -> i32 {
  %c64 = arith.constant 64 : index
  %buffer = memref.view %arena[%c64][]
    : memref<128xi8> to memref<64xi8>
  func.call @tiny.add_0(%in0, %buffer)
    : (memref<64xi8>, memref<64xi8>) -> ()
  func.call @tiny.mul_1(%buffer, %out0)
    : (memref<64xi8>, memref<64xi8>) -> ()
  %ok = arith.constant 0 : i32
  return %ok : i32
}
)mlir";

inline TestModel integerModel() {
  ModelABI abi;
  abi.name = "tiny";
  TensorABI in;
  in.name = "x";
  in.shape = {1, 8, 8};
  in.scales = {0.5};
  in.zeroPoints = {-3};
  in.storageMin = -128;
  in.storageMax = 127;
  TensorABI out = in;
  out.name = "y";
  abi.inputs = {in};
  abi.outputs = {out};
  abi.arenaBytes = 128;
  abi.arenaAlign = 64;
  return parseModel(integerText, abi);
}

inline std::vector<int8_t> integerInput(int seed) {
  std::vector<int8_t> x(64);
  for (int i = 0; i < 64; ++i)
    x[i] = static_cast<int8_t>((i + seed) * 37 + seed);
  return x;
}

inline std::vector<int8_t> integerExpected(const std::vector<int8_t> &x) {
  std::vector<int8_t> y(64);
  for (int i = 0; i < 64; ++i) {
    int weight = i % 32 < 16 ? i % 16 + 1 : -(i % 16 + 1);
    if (i == 63)
      weight = -128;
    int sum = std::min(x[i] + 3, 127);
    int value = sum * weight;
    // Floor of the quotient by 4, without a shift of a negative number.
    int shifted = static_cast<int>(std::floor(value / 4.0));
    y[i] = static_cast<int8_t>(std::min(std::max(shifted, -128), 127));
  }
  return y;
}

/// out[i] = roundeven(in[i]) + tanh(in[i]) + exp(-|in[i]|) on 8 floats.
constexpr llvm::StringLiteral floatText = R"mlir(
func.func private @smooth.act_0(%in: memref<8xf32>, %out: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %x = vector.load %in[%c0] : memref<8xf32>, vector<8xf32>
  %r = math.roundeven %x : vector<8xf32>
  %t = math.tanh %x : vector<8xf32>
  %m = math.absf %x : vector<8xf32>
  %n = arith.negf %m : vector<8xf32>
  %e = math.exp %n : vector<8xf32>
  %a = arith.addf %r, %t : vector<8xf32>
  %b = arith.addf %a, %e : vector<8xf32>
  vector.store %b, %out[%c0] : memref<8xf32>, vector<8xf32>
  return
}
func.func @smooth_run(%in0: memref<8xf32>, %out0: memref<8xf32>,
                      %arena: memref<16xi8>) -> i32 {
  func.call @smooth.act_0(%in0, %out0) : (memref<8xf32>, memref<8xf32>) -> ()
  %ok = arith.constant 0 : i32
  return %ok : i32
}
)mlir";

inline TestModel floatModel() {
  ModelABI abi;
  abi.name = "smooth";
  TensorABI tensor;
  tensor.name = "x";
  tensor.type = ElementType::Float32;
  tensor.shape = {8};
  abi.inputs = {tensor};
  abi.outputs = {tensor};
  abi.arenaBytes = 16;
  abi.arenaAlign = 16;
  return parseModel(floatText, abi);
}

inline TargetDescription resolveOrFail(TargetRequest request) {
  auto target = resolveTarget(request);
  EXPECT_TRUE(bool(target)) << llvm::toString(target.takeError());
  return target ? *target : TargetDescription();
}

/// Every target of the tests, by a short name for failure messages.
inline std::vector<TargetRequest> allTargets() {
  return {{"", "", "", {}},
          {"x86_64-linux-gnu", "", "", {}},
          {"x86_64-linux-gnu", "x86-64-v2", "", {}},
          {"x86_64-linux-gnu", "x86-64-v3", "", {}},
          {"x86_64-linux-gnu", "x86-64-v4", "", {}},
          {"aarch64-linux-gnu", "", "", {}},
          {"aarch64-linux-gnu", "", "+dotprod", {}},
          {"riscv64-linux-gnu", "", "", {}},
          {"riscv64-linux-gnu", "", "+v", {}},
          {"riscv64-linux-gnu", "", "+v,+zvl256b", {}},
          {"thumbv7em-none-eabihf", "cortex-m4", "", {}},
          {"thumbv7em-none-eabi", "", "", {}},
          {"riscv32-unknown-elf", "", "+zbb", {}}};
}

} // namespace qcc::test

#endif // QCC_TEST_UNIT_TARGET_TARGETTESTMODELS_H
