// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reader and writer of .npy files. The header is a Python dict literal of three
// known keys; a small recursive-descent reader takes exactly what NumPy accepts
// of it and refuses the rest, and no size is believed before it is checked.

#include "qcc/Support/Npy.h"
#include "qcc/Support/File.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SwapByteOrder.h"
#include <cstring>
#include <optional>

using namespace qcc;

static_assert(llvm::sys::IsLittleEndianHost,
              "element data are copied without swapping bytes");

namespace {

struct TypeInfo {
  NpyType type;
  llvm::StringLiteral name;
  char kind;
  unsigned bytes;
};

constexpr TypeInfo typeInfos[] = {
    {NpyType::Bool, "bool", 'b', 1},
    {NpyType::Int8, "int8", 'i', 1},
    {NpyType::UInt8, "uint8", 'u', 1},
    {NpyType::Int16, "int16", 'i', 2},
    {NpyType::UInt16, "uint16", 'u', 2},
    {NpyType::Int32, "int32", 'i', 4},
    {NpyType::UInt32, "uint32", 'u', 4},
    {NpyType::Int64, "int64", 'i', 8},
    {NpyType::UInt64, "uint64", 'u', 8},
    {NpyType::Float32, "float32", 'f', 4},
    {NpyType::Float64, "float64", 'f', 8},
};

constexpr llvm::StringLiteral magic("\x93NUMPY");

/// NumPy itself stops at 64 axes.
constexpr size_t maxRank = 64;

llvm::Error npyError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

const TypeInfo &getInfo(NpyType type) {
  return typeInfos[static_cast<unsigned>(type)];
}

/// Header text as read: what the dict says, nothing checked against the data.
struct Header {
  std::optional<NpyType> type;
  std::optional<bool> fortranOrder;
  std::optional<llvm::SmallVector<int64_t, 4>> shape;
};

/// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
class HeaderParser {
public:
  explicit HeaderParser(llvm::StringRef text) : rest(text) {}

  llvm::Expected<Header> parse() {
    if (!consume('{'))
      return malformed("expected '{'");
    while (!consume('}')) {
      std::optional<llvm::StringRef> key = parseString();
      if (!key || !consume(':'))
        return malformed("expected a key and ':'");
      if (llvm::Error error = parseValue(*key))
        return std::move(error);
      if (!consume(',')) {
        if (consume('}'))
          break;
        return malformed("expected ',' or '}'");
      }
    }
    skipSpace();
    if (!rest.empty())
      return malformed("unexpected text after '}'");
    if (!header.type || !header.fortranOrder || !header.shape)
      return malformed("needs the keys descr, fortran_order and shape");
    return std::move(header);
  }

private:
  llvm::Error malformed(llvm::StringRef what) {
    return npyError("has a malformed header: " + what);
  }
  void skipSpace() { rest = rest.ltrim(" \t\n\r"); }
  bool consume(char c) {
    skipSpace();
    return rest.consume_front(llvm::StringRef(&c, 1));
  }
  std::optional<llvm::StringRef> parseString() {
    skipSpace();
    if (rest.empty() || (rest.front() != '\'' && rest.front() != '"'))
      return std::nullopt;
    size_t end = rest.find(rest.front(), 1);
    if (end == llvm::StringRef::npos)
      return std::nullopt;
    llvm::StringRef text = rest.slice(1, end);
    rest = rest.drop_front(end + 1);
    return text;
  }

  llvm::Error parseValue(llvm::StringRef key) {
    if (key == "descr") {
      std::optional<llvm::StringRef> descr = parseString();
      if (!descr)
        return npyError("has structured elements, expected numbers");
      return parseDescr(*descr);
    }
    if (key == "fortran_order") {
      skipSpace();
      if (rest.consume_front("True"))
        header.fortranOrder = true;
      else if (rest.consume_front("False"))
        header.fortranOrder = false;
      else
        return malformed("fortran_order is neither True nor False");
      return llvm::Error::success();
    }
    if (key == "shape")
      return parseShape();
    return malformed("unknown key");
  }

  llvm::Error parseDescr(llvm::StringRef descr) {
    char order = descr.empty() ? 0 : descr.front();
    llvm::StringRef body = descr;
    if (order == '<' || order == '>' || order == '|' || order == '=')
      body = descr.drop_front();
    unsigned bytes = 0;
    if (body.size() >= 2 && !body.drop_front().getAsInteger(10, bytes)) {
      for (const TypeInfo &info : typeInfos) {
        if (info.kind != body.front() || info.bytes != bytes)
          continue;
        if (order == '>' && bytes > 1)
          return npyError("is big-endian; convert it with "
                          "array.astype(array.dtype.newbyteorder('<'))");
        header.type = info.type;
        return llvm::Error::success();
      }
    }
    std::string known;
    for (const TypeInfo &info : typeInfos)
      known += (known.empty() ? "" : ", ") + info.name.str();
    return npyError(
        "has elements of type '" +
        llvm::toStringRef(llvm::arrayRefFromStringRef(descr.take_front(32))) +
        "', expected one of " + known);
  }

  llvm::Error parseShape() {
    if (!consume('('))
      return malformed("shape is not a tuple");
    llvm::SmallVector<int64_t, 4> shape;
    while (!consume(')')) {
      skipSpace();
      llvm::StringRef digits = rest.take_while(llvm::isDigit);
      int64_t dim;
      if (digits.empty() || digits.getAsInteger(10, dim))
        return malformed("shape has something that is not a size");
      rest = rest.drop_front(digits.size());
      rest.consume_front("L"); // written by Python 2
      shape.push_back(dim);
      if (shape.size() > maxRank)
        return malformed("shape has more than 64 axes");
      if (!consume(',')) {
        if (consume(')'))
          break;
        return malformed("shape is not a tuple");
      }
    }
    header.shape = std::move(shape);
    return llvm::Error::success();
  }

  llvm::StringRef rest;
  Header header;
};

/// Bytes of an array, or nullopt when they do not fit into 63 bits.
std::optional<uint64_t> countBytes(llvm::ArrayRef<int64_t> shape,
                                   unsigned elementBytes) {
  // An axis of size 0 makes the array empty however large the others are.
  if (llvm::is_contained(shape, 0))
    return 0;
  int64_t bytes = elementBytes;
  for (int64_t dim : shape)
    if (dim < 0 || llvm::MulOverflow(bytes, dim, bytes))
      return std::nullopt;
  return static_cast<uint64_t>(bytes);
}

/// Copies `source`, whose first axis varies fastest, into C order.
void copyFromFortranOrder(const char *source, NpyArray &array) {
  unsigned bytes = getNpyTypeBytes(array.type);
  size_t rank = array.shape.size();
  llvm::SmallVector<int64_t, 8> strides(rank), index(rank, 0);
  int64_t stride = bytes;
  for (size_t axis = 0; axis < rank; ++axis) {
    strides[axis] = stride;
    stride *= array.shape[axis];
  }
  const char *from = source;
  for (size_t to = 0, end = array.data.size(); to < end; to += bytes) {
    std::memcpy(array.data.data() + to, from, bytes);
    for (size_t axis = rank; axis-- > 0;) {
      from += strides[axis];
      if (++index[axis] < array.shape[axis])
        break;
      from -= strides[axis] * index[axis];
      index[axis] = 0;
    }
  }
}

template <typename Function> auto visit(NpyType type, Function function) {
  switch (type) {
  case NpyType::Bool:
  case NpyType::UInt8:
    return function(uint8_t());
  case NpyType::Int8:
    return function(int8_t());
  case NpyType::Int16:
    return function(int16_t());
  case NpyType::UInt16:
    return function(uint16_t());
  case NpyType::Int32:
    return function(int32_t());
  case NpyType::UInt32:
    return function(uint32_t());
  case NpyType::Int64:
    return function(int64_t());
  case NpyType::UInt64:
    return function(uint64_t());
  case NpyType::Float32:
    return function(float());
  case NpyType::Float64:
    return function(double());
  }
  llvm_unreachable("unknown NpyType");
}

} // namespace

unsigned qcc::getNpyTypeBytes(NpyType type) { return getInfo(type).bytes; }
llvm::StringRef qcc::getNpyTypeName(NpyType type) { return getInfo(type).name; }
bool qcc::isFloatNpyType(NpyType type) { return getInfo(type).kind == 'f'; }

NpyArray::NpyArray(NpyType elementType, llvm::ArrayRef<int64_t> dims)
    : type(elementType), shape(dims.begin(), dims.end()) {
  std::optional<uint64_t> bytes = countBytes(dims, getNpyTypeBytes(type));
  assert(bytes && "array larger than the address space");
  data.resize(bytes.value_or(0));
}

int64_t NpyArray::getNumElements() const {
  return static_cast<int64_t>(data.size() / getNpyTypeBytes(type));
}

int64_t NpyArray::getInteger(int64_t index) const {
  assert(!isFloatNpyType(type));
  return visit(type, [&](auto tag) {
    return static_cast<int64_t>(as<decltype(tag)>()[index]);
  });
}

double NpyArray::getFloat(int64_t index) const {
  return visit(type, [&](auto tag) {
    return static_cast<double>(as<decltype(tag)>()[index]);
  });
}

void NpyArray::setInteger(int64_t index, int64_t value) {
  assert(!isFloatNpyType(type));
  visit(type, [&](auto tag) {
    as<decltype(tag)>()[index] = static_cast<decltype(tag)>(value);
  });
}

void NpyArray::setFloat(int64_t index, double value) {
  assert(isFloatNpyType(type));
  visit(type, [&](auto tag) {
    as<decltype(tag)>()[index] = static_cast<decltype(tag)>(value);
  });
}

llvm::Expected<NpyArray> qcc::parseNpy(llvm::StringRef bytes) {
  llvm::StringRef rest = bytes;
  if (!rest.consume_front(magic))
    return npyError("is not a .npy file; write it with numpy.save");
  if (rest.size() < 2)
    return npyError("is truncated in its header");
  unsigned major = static_cast<uint8_t>(rest[0]);
  rest = rest.drop_front(2);
  if (major < 1 || major > 3)
    return npyError("has .npy version " + llvm::Twine(major) +
                    ", expected 1, 2 or 3");
  size_t lengthBytes = major == 1 ? 2 : 4;
  if (rest.size() < lengthBytes)
    return npyError("is truncated in its header");
  uint64_t headerBytes = major == 1
                             ? llvm::support::endian::read16le(rest.data())
                             : llvm::support::endian::read32le(rest.data());
  rest = rest.drop_front(lengthBytes);
  if (headerBytes > rest.size())
    return npyError("is truncated: its header claims " +
                    llvm::Twine(headerBytes) + " bytes, " +
                    llvm::Twine(rest.size()) + " are left");

  llvm::Expected<Header> header =
      HeaderParser(rest.take_front(headerBytes)).parse();
  if (!header)
    return header.takeError();
  rest = rest.drop_front(headerBytes);

  std::optional<uint64_t> dataBytes =
      countBytes(*header->shape, getNpyTypeBytes(*header->type));
  if (!dataBytes)
    return npyError("claims a shape with more elements than can exist");
  if (*dataBytes != rest.size())
    return npyError(
        (*dataBytes > rest.size() ? "is truncated: " : "has bytes to spare: ") +
        llvm::Twine("shape and type need ") + llvm::Twine(*dataBytes) +
        " bytes of data, " + llvm::Twine(rest.size()) + " are there");

  NpyArray array(*header->type, *header->shape);
  if (*header->fortranOrder && array.shape.size() > 1)
    copyFromFortranOrder(rest.data(), array);
  else if (!rest.empty())
    std::memcpy(array.data.data(), rest.data(), rest.size());
  return array;
}

llvm::Expected<NpyArray> qcc::readNpy(llvm::StringRef path) {
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  llvm::Expected<NpyArray> array = parseNpy((*buffer)->getBuffer());
  if (!array)
    return npyError("'" + path + "' " + llvm::toString(array.takeError()));
  return array;
}

std::string qcc::serializeNpy(const NpyArray &array) {
  const TypeInfo &info = getInfo(array.type);
  std::string header = "{'descr': '";
  header += info.bytes == 1 ? '|' : '<';
  header += info.kind;
  header += llvm::utostr(info.bytes) + "', 'fortran_order': False, 'shape': (";
  for (auto [axis, dim] : llvm::enumerate(array.shape))
    header += (axis ? ", " : "") + llvm::itostr(dim);
  header += array.shape.size() == 1 ? ",), }" : "), }";

  // The data start at a multiple of 64, as NumPy writes them. Version 1.0 holds
  // headers of 64 kB, far more than any shape needs.
  size_t prefixBytes = magic.size() + 4;
  header.resize(llvm::alignTo(prefixBytes + header.size() + 1, 64) -
                    prefixBytes - 1,
                ' ');
  header += '\n';
  assert(header.size() <= 0xffff && "too many axes");
  std::string file = magic.str();
  file += {'\x01', '\x00', static_cast<char>(header.size() & 0xff),
           static_cast<char>(header.size() >> 8)};
  file += header;
  file.append(array.data.data(), array.data.size());
  return file;
}

llvm::Error qcc::writeNpy(llvm::StringRef path, const NpyArray &array) {
  return writeFileAtomically(path, serializeNpy(array));
}
