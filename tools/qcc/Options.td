// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command line of qcc: every option with the subcommands that know it.

include "llvm/Option/OptParser.td"

def CompileVis : OptionVisibility;
def RunVis : OptionVisibility;
def BenchVis : OptionVisibility;
def InfoVis : OptionVisibility;
def DiffVis : OptionVisibility;

class InAll { list<OptionVisibility> Visibility = [CompileVis, RunVis, BenchVis, InfoVis, DiffVis]; }
class InCompile { list<OptionVisibility> Visibility = [CompileVis]; }
class InRun { list<OptionVisibility> Visibility = [RunVis]; }
class InBench { list<OptionVisibility> Visibility = [BenchVis]; }

def OutputGroup : OptionGroup<"<output>">, HelpText<"Output">;
def TargetGroup : OptionGroup<"<target>">, HelpText<"Target">;
def ModelGroup : OptionGroup<"<model>">, HelpText<"Model">;
def RunGroup : OptionGroup<"<run>">, HelpText<"Tensors">;
def LookGroup : OptionGroup<"<look>">, HelpText<"Looking inside">;

class F<string name, string help> : Flag<["--"], name>, HelpText<help>;
class J<string name, string value, string help> : Joined<["--"], name # "=">, HelpText<help>, MetaVarName<value>;

// Output
def output : JoinedOrSeparate<["-"], "o">, InCompile, Group<OutputGroup>, MetaVarName<"FILE">,
  HelpText<"Where to write; the suffix says what: .o .a .s .ll .bc .c .mlir. '-' is standard output">;
def emit : J<"emit", "KIND", "What to make: obj, lib, exe, asm, llvm-ir, bitcode, c (portable C99), mlir">, InCompile, Group<OutputGroup>;
def stop_after : J<"stop-after", "STAGE", "Make MLIR as it is after import, optimize, select, schedule, loops or llvm">,
  InCompile, Group<OutputGroup>;
def name : J<"name", "PREFIX", "C prefix of all symbols (default: the output's stem without 'lib')">, InCompile,
  Group<OutputGroup>;
def header : J<"header", "FILE", "Where to write the C header (default: beside the output)">, InCompile,
  Group<OutputGroup>;
def section : J<"section", "NAME", "ELF section for weights and tables (default: .rodata)">, InCompile,
  Group<OutputGroup>;

// Target
def target : J<"target", "TRIPLE", "Machine to generate code for, an LLVM triple, or generic for C (default: this one); 'help' lists">,
  InAll, Group<TargetGroup>;
def mcpu : J<"mcpu", "CPU", "CPU, or 'native' (default without --target); 'help' lists those of the target">, InAll,
  Group<TargetGroup>;
def mattr : J<"mattr", "LIST", "CPU features to add and to leave out: +dotprod,-neon; 'help' lists">, InAll, Group<TargetGroup>;
def integer_only_EQ : J<"integer-only", "BOOL",
  "Forbid floating-point instructions (default: true where the target's FPU is none or scalar single precision)">,
  InAll, Group<TargetGroup>;
def integer_only : F<"integer-only", "The same as --integer-only=true">, InAll, Group<TargetGroup>;
def io : J<"io", "WHO", "Who owns inputs and outputs: 'caller' (default), or 'arena', the least RAM">, InAll,
  Group<TargetGroup>;

def threads : J<"threads", "N", "Divide layers among up to N threads of the caller's (default 1: code that knows of none)">,
  InAll, Group<TargetGroup>;
def kernel : J<"kernel", "FAMILY",
  "Kernels to choose from where any of them fits a layer: int8, narrow (sums of 16 bits), container (weights packed in "
  "flash, even where that costs time), bitserial, lut (default: auto, whatever is fastest)">, InAll, Group<TargetGroup>;
def goal : J<"optimize", "GOAL",
  "What kernels are to make small: time (the default), or size (of weights in flash, for up to half as much time again, and of RAM as --pack-activations=always wherever that saves some)">,
  InAll, Group<TargetGroup>;
def pack_activations : J<"pack-activations", "WHEN",
  "Keep tensors of 1 to 7 bits packed in RAM, where kernels go by rows (machines without vectors): always, never (default: "
  "auto, where RAM gets less and it costs little time; with --optimize=size any)">, InAll, Group<TargetGroup>;

// Model
def rounding : J<"rounding", "RULE",
  "Requantize a .tflite model as tflite (reference kernels and TFLite Micro, the default), tflite-single, or xnnpack does">, InAll,
  Group<ModelGroup>;
def bind : J<"bind", "NAME=FILE", "Turn a graph input into a constant, read from a .npy file">, InAll,
  Group<ModelGroup>;
def strict : F<"strict", "Refuse an .onnx model of whose quantized layers some stay in floats (default: warn)">, InAll,
  Group<ModelGroup>;
def dynamic_activations : J<"dynamic-activations", "TYPE",
  "Of an .onnx model, round float activations that meet weights of at most 8 bits in a matrix product while the code runs: "
  "int8 (default: float, as ONNX means it, but where a MatMulNBits says accuracy_level = 4)">, InAll, Group<ModelGroup>;
def input_shape : J<"input-shape", "NAME=N,N,...", "Fix the free axes of an input">, InAll, Group<ModelGroup>;
def nhwc_io : F<"nhwc-io", "Inputs and outputs of an .onnx model that have four axes come as [N, H, W, C] (default: as the file "
  "has them, [N, C, H, W])">, InAll, Group<ModelGroup>;

// Tensors
def input : J<"input", "[NAME=]FILE", "A .npy file for each input, in order or by name; a first axis of N runs N samples">,
  Group<RunGroup> { let Visibility = [RunVis, DiffVis]; }
def run_output : J<"output", "[NAME=]FILE", "Where each output goes, as .npy (default: print it)">, InRun,
  Group<RunGroup>;
def interpret : F<"interpret", "Run in the reference interpreter, the definition of the arithmetic">, InRun,
  Group<RunGroup>;
def guard : F<"guard", "Run between pages that nobody may touch, twice: reports stray accesses and reads of garbage">,
  InRun, Group<RunGroup>;
def float_io : F<"float-io", "Take and give float32 where the model has integers: quantize and dequantize at the ends">,
  Group<RunGroup> { let Visibility = [RunVis, DiffVis]; }
def reset_each : F<"reset-each", "Reset the model's state before each sample, not only before the first">, InRun,
  Group<RunGroup>;
def dump_tensors : J<"dump-tensors", "DIR", "Write every layer's result to DIR, as NNN_name.npy">, InRun,
  Group<RunGroup>;
def runs : J<"runs", "N", "Runs to measure, at least 100 (default: a second's worth)">, InBench, Group<RunGroup>;
def layers : F<"layers", "Show the time of each layer">, InBench, Group<RunGroup>;
def json : F<"json", "Print JSON">, Group<RunGroup> { let Visibility = [BenchVis, InfoVis]; }

// Looking inside
def verbose : Flag<["-"], "v">, InAll, Group<LookGroup>, HelpText<"Say what is done, and for which machine">;
def remarks : F<"remarks", "Explain the compiler's choices: kernels, rounding forms, memory">, InAll, Group<LookGroup>;
def print_pipeline : F<"print-pipeline", "Print the passes of each stage, as qcc-opt --pass-pipeline takes them">,
  InAll, Group<LookGroup>;
def print_ir : F<"mlir-print-ir-after-all", "Print the module after each pass that changed it">, InAll,
  Group<LookGroup>;
def time_passes : F<"time-passes", "Print where the compile time went">, InAll, Group<LookGroup>;
def optimize : Joined<["-"], "O">, InAll, Group<LookGroup>, MetaVarName<"LEVEL">,
  HelpText<"What LLVM does to the code: 0 nothing, 1 cleans up (default), 2 its generic pipeline">;

def help : F<"help", "Show this">, InAll;
def help_h : Flag<["-"], "h">, InAll, Alias<help>, Flags<[HelpHidden]>;
def version : F<"version", "Show the version">, InAll;
