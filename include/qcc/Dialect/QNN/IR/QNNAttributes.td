// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Attributes of the `qnn` dialect: rounding rules, clamps, filter layouts, buffers.

#ifndef QCC_DIALECT_QNN_IR_QNNATTRIBUTES_TD
#define QCC_DIALECT_QNN_IR_QNNATTRIBUTES_TD

include "qcc/Dialect/QNN/IR/QNNDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

class QNN_Attr<string name, string attrMnemonic> : AttrDef<QNN_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def QNN_Rounding : I32EnumAttr<"Rounding", "how an accumulator is requantized", [
  I32EnumAttrCase<"TfliteDouble", 0, "tflite_double">,
  I32EnumAttrCase<"TfliteSingle", 1, "tflite_single">,
  I32EnumAttrCase<"HalfEvenFloat", 2, "half_even_float">,
  I32EnumAttrCase<"Onnx", 3, "onnx">
]> {
  let cppNamespace = "::qcc::qnn";
  let genSpecializedAttr = 0;
  let description = [{
    `tflite_double`: saturating rounding doubling high multiply, then rounding right shift (TFLite's reference
    kernels and TFLite Micro). `tflite_single`: one 64-bit product, one rounding (TFLITE_SINGLE_ROUNDING).
    `half_even_float`: rint(float(acc) * scale) + zero point (XNNPACK). `onnx`: the exact product of the
    accumulator and the float32 scales, rounded once, half to even.
  }];
}
def QNN_RoundingAttr : EnumAttr<QNN_Dialect, QNN_Rounding, "rounding"> {
  let assemblyFormat = "`<` $value `>`";
}

def QNN_FilterLayout : I32EnumAttr<"FilterLayout", "order of a filter's axes in memory", [
  I32EnumAttrCase<"OHWI", 0, "ohwi">,
  I32EnumAttrCase<"HWIO", 1, "hwio">,
  I32EnumAttrCase<"OIHW", 2, "oihw">,
  I32EnumAttrCase<"IHWO", 3, "ihwo">,
  I32EnumAttrCase<"OI", 4, "oi">,
  I32EnumAttrCase<"IO", 5, "io">
]> {
  let cppNamespace = "::qcc::qnn";
  let genSpecializedAttr = 0;
}
def QNN_FilterLayoutAttr : EnumAttr<QNN_Dialect, QNN_FilterLayout, "filter_layout"> {
  let assemblyFormat = "`<` $value `>`";
}

def QNN_ClampAttr : QNN_Attr<"Clamp", "clamp"> {
  let summary = "bounds that a result is clamped to";
  let description = [{
    For a quantized or integer result the bounds are stored integers, for a float result they are real values;
    `-inf` and `inf` are open ends. Example: `#qnn.clamp<-128, 127>`, `#qnn.clamp<0.0, inf>`.
  }];
  let parameters = (ins APFloatParameter<"lower bound">:$lower, APFloatParameter<"upper bound">:$upper);
  let builders = [AttrBuilder<(ins "double":$lo, "double":$hi), [{
    return $_get($_ctxt, ::llvm::APFloat(lo), ::llvm::APFloat(hi));
  }]>];
  let extraClassDeclaration = [{
    double getLo() const { return getLower().convertToDouble(); }
    double getHi() const { return getUpper().convertToDouble(); }
  }];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def QNN_MemorySpace : I32EnumAttr<"MemorySpace", "where a tensor lives at run time", [
  I32EnumAttrCase<"Arena", 0, "arena">,
  I32EnumAttrCase<"Input", 1, "input">,
  I32EnumAttrCase<"Output", 2, "output">,
  I32EnumAttrCase<"State", 3, "state">
]> {
  let cppNamespace = "::qcc::qnn";
  let genSpecializedAttr = 0;
}
def QNN_MemorySpaceAttr : EnumAttr<QNN_Dialect, QNN_MemorySpace, "space"> {
  let assemblyFormat = "`<` $value `>`";
}

def QNN_BufferAttr : QNN_Attr<"Buffer", "buffer"> {
  let summary = "where and how a tensor is laid out in memory";
  let description = [{
    `space`: arena, a caller's input or output, or the persistent state. `index`: which input or output (0 in the arena).
    `offset`: bytes from the start of that space to the first byte of the (padded) buffer. `pad`: spare elements
    [top, bottom, left, right] around the H and W axes of an NHWC tensor, kept at the zero point, so that consumers
    need no bounds checks; empty for a dense tensor. `planes`: elements lie as bits (see `bitCodeOf` in Quantization.h): a
    pixel, which is all indices but the last, takes ⌈channels / 32⌉ × `planes` words of 32 bits, each word of 32 channels
    followed by the same channels' next plane; bits without a channel, and those of spare pixels, are 0. 0: elements lie
    as bytes. `row_bits`: the elements of each row (axis 1 of four, one batch) lie packed at so many bits (see `RowCode` in
    Quantization.h), one row after the other. 0: they do not.
    Examples: `#qnn.buffer<arena, 0, 1024, [1, 1, 1, 1]>`, `#qnn.buffer<arena, 0, 0 planes 2>`,
    `#qnn.buffer<arena, 0, 64 row_bits 4>`.
  }];
  let parameters = (ins "MemorySpace":$space, "int64_t":$index, "int64_t":$offset,
                        OptionalArrayRefParameter<"int64_t">:$pad, DefaultValuedParameter<"int64_t", "0">:$planes,
                        DefaultValuedParameter<"int64_t", "0">:$rowBits);
  let builders = [AttrBuilder<(ins "MemorySpace":$space, "int64_t":$index, "int64_t":$offset,
                                   "::llvm::ArrayRef<int64_t>":$pad), [{
    return $_get($_ctxt, space, index, offset, pad, 0, 0);
  }]>];
  let assemblyFormat = "`<` $space `,` $index `,` $offset (`,` `[` $pad^ `]`)? (`planes` $planes^)? (`row_bits` $rowBits^)? `>`";
}

def QNN_KernelAttr : QNN_Attr<"Kernel", "kernel"> {
  let summary = "the kernel chosen for a layer, with its parameters";
  let description = [{
    Written by kernel selection, read by the lowering to loops.
    Example: `#qnn.kernel<"conv2d.gemm", {mr = 6 : i64, nv = 2 : i64}>`.
  }];
  let parameters = (ins "::mlir::StringAttr":$kernelName, "::mlir::DictionaryAttr":$config);
  let assemblyFormat = "`<` $kernelName `,` $config `>`";
}

#endif
