// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The .npy reader and writer: files as NumPy writes them (bytes taken from
// numpy 1.26, not from our writer), every element type, and hostile headers.

#include "qcc/Support/Npy.h"
#include "gtest/gtest.h"
#include <cstring>

using namespace qcc;

/// A version 1.0 file around `header` and `data`, with no padding.
static std::string makeNpy(llvm::StringRef header, llvm::StringRef data) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  return file + header.str() + data.str();
}

static std::string errorOf(llvm::StringRef bytes) {
  llvm::Expected<NpyArray> array = parseNpy(bytes);
  return array ? "no error" : llvm::toString(array.takeError());
}

TEST(NpyTest, readsWhatNumPyWrites) {
  // numpy.save of np.array([[1, -2, 3]], np.int16)
  std::string header =
      "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 3), }";
  header.resize(117, ' ');
  header += '\n';
  std::string file =
      makeNpy(header, llvm::StringRef("\x01\x00\xfe\xff\x03\x00", 6));
  llvm::Expected<NpyArray> array = parseNpy(file);
  ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
  EXPECT_EQ(array->type, NpyType::Int16);
  EXPECT_EQ(array->shape, (llvm::SmallVector<int64_t, 4>{1, 3}));
  EXPECT_EQ(array->as<int16_t>(), (llvm::ArrayRef<int16_t>{1, -2, 3}));
  EXPECT_EQ(array->getInteger(1), -2);
  EXPECT_EQ(array->getFloat(2), 3.0);
  // Writing it again gives NumPy's bytes.
  EXPECT_EQ(serializeNpy(*array), file);
}

TEST(NpyTest, roundTripsEveryType) {
  for (NpyType type :
       {NpyType::Bool, NpyType::Int8, NpyType::UInt8, NpyType::Int16,
        NpyType::UInt16, NpyType::Int32, NpyType::UInt32, NpyType::Int64,
        NpyType::UInt64, NpyType::Float32, NpyType::Float64}) {
    NpyArray array(type, {2, 1});
    if (isFloatNpyType(type))
      array.setFloat(1, -0.5);
    else
      array.setInteger(1, 1);
    llvm::Expected<NpyArray> again = parseNpy(serializeNpy(array));
    ASSERT_TRUE(bool(again)) << getNpyTypeName(type).str();
    EXPECT_EQ(again->type, type);
    EXPECT_EQ(again->shape, array.shape);
    EXPECT_EQ(again->data, array.data);
    EXPECT_EQ(again->getFloat(1), isFloatNpyType(type) ? -0.5 : 1.0);
  }
}

TEST(NpyTest, readsVersions2And3) {
  std::string header =
      "{\"descr\":\"|u1\",\"shape\":(2,),\"fortran_order\":False}\n";
  for (char version : {'\x02', '\x03'}) {
    std::string file("\x93NUMPY", 6);
    file += version;
    file += std::string("\0", 1);
    file += static_cast<char>(header.size());
    file += std::string("\0\0\0", 3) + header + "\x05\xff";
    llvm::Expected<NpyArray> array = parseNpy(file);
    ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
    EXPECT_EQ(array->getInteger(0), 5);
    EXPECT_EQ(array->getInteger(1), 255);
  }
}

TEST(NpyTest, bringsFortranOrderIntoCOrder) {
  // [[0, 1, 2], [3, 4, 5]] column by column
  llvm::Expected<NpyArray> array = parseNpy(
      makeNpy("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }\n",
              llvm::StringRef("\0\3\1\4\2\5", 6)));
  ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
  EXPECT_EQ(array->as<int8_t>(), (llvm::ArrayRef<int8_t>{0, 1, 2, 3, 4, 5}));
}

TEST(NpyTest, takesScalarsAndEmptyArrays) {
  llvm::Expected<NpyArray> scalar = parseNpy(
      makeNpy("{'descr': '<i4', 'fortran_order': False, 'shape': (), }\n",
              llvm::StringRef("\x07\0\0\0", 4)));
  ASSERT_TRUE(bool(scalar)) << llvm::toString(scalar.takeError());
  EXPECT_EQ(scalar->getNumElements(), 1);
  EXPECT_EQ(scalar->getInteger(0), 7);
  llvm::Expected<NpyArray> empty = parseNpy(
      makeNpy("{'descr': '<f8', 'fortran_order': False, "
              "'shape': (9223372036854775807, 9223372036854775807, 0), }\n",
              ""));
  ASSERT_TRUE(bool(empty)) << llvm::toString(empty.takeError());
  EXPECT_EQ(empty->getNumElements(), 0);
}

TEST(NpyTest, refusesHostileFiles) {
  auto header = [](llvm::StringRef descr, llvm::StringRef shape) {
    return ("{'descr': " + descr +
            ", 'fortran_order': False, 'shape': " + shape + ", }\n")
        .str();
  };
  EXPECT_EQ(errorOf(""), "is not a .npy file; write it with numpy.save");
  EXPECT_EQ(errorOf("PK\x03\x04"),
            "is not a .npy file; write it with numpy.save");
  EXPECT_EQ(errorOf("\x93NUMPY\x01"), "is truncated in its header");
  EXPECT_EQ(errorOf(llvm::StringRef("\x93NUMPY\x01\x00\x10", 9)),
            "is truncated in its header");
  EXPECT_EQ(errorOf(llvm::StringRef("\x93NUMPY\x07\x00\x10\x00", 10)),
            "has .npy version 7, expected 1, 2 or 3");
  EXPECT_EQ(errorOf(llvm::StringRef("\x93NUMPY\x02\x00\xff\xff\xff\xff{", 13)),
            "is truncated: its header claims 4294967295 bytes, 1 are left");
  EXPECT_EQ(errorOf(makeNpy(header("'<i4'", "(3,)"), "12345678")),
            "is truncated: shape and type need 12 bytes of data, 8 are there");
  EXPECT_EQ(errorOf(makeNpy(header("'<i4'", "(1,)"), "12345678")),
            "has bytes to spare: shape and type need 4 bytes of data, 8 are "
            "there");
  EXPECT_EQ(errorOf(makeNpy(header("'<f8'", "(1152921504606846976, 2)"), "")),
            "claims a shape with more elements than can exist");
  EXPECT_EQ(errorOf(makeNpy(header("'|u1'", "(99999999999999999999,)"), "")),
            "has a malformed header: shape has something that is not a size");
  EXPECT_EQ(errorOf(makeNpy(header("'|u1'", "(-1,)"), "")),
            "has a malformed header: shape has something that is not a size");
  EXPECT_EQ(errorOf(makeNpy(header("'>i4'", "(1,)"), "1234")).substr(0, 14),
            "is big-endian;");
  EXPECT_EQ(errorOf(makeNpy(header("'<c8'", "(1,)"), "12345678")),
            "has elements of type '<c8', expected one of bool, int8, uint8, "
            "int16, uint16, int32, uint32, int64, uint64, float32, float64");
  EXPECT_EQ(errorOf(makeNpy(header("[('a', '<i4')]", "(1,)"), "1234")),
            "has structured elements, expected numbers");
  EXPECT_EQ(errorOf(makeNpy("", "")), "has a malformed header: expected '{'");
  EXPECT_EQ(errorOf(makeNpy("{'descr': '|u1'", "")),
            "has a malformed header: expected ',' or '}'");
  EXPECT_EQ(errorOf(makeNpy("{'descr': '|u1', 'shape': (1,)}", "1")),
            "has a malformed header: needs the keys descr, fortran_order and "
            "shape");
}

TEST(NpyTest, refusesEveryTruncation) {
  NpyArray array(NpyType::Float32, {3, 5});
  std::string file = serializeNpy(array);
  EXPECT_TRUE(bool(parseNpy(file)));
  for (size_t length = 0; length < file.size(); ++length)
    EXPECT_NE(errorOf(llvm::StringRef(file).take_front(length)), "no error")
        << length;
}
