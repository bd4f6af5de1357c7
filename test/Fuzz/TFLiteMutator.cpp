// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Maps a .tflite file by a table of the format's fields (the same numbers as in
// third_party/tflite/tflite.fbs) and changes what it found. The map is made of
// sound files only, so it reads without the importer's care.

#include "TFLiteMutator.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <tuple>

using namespace qcc::fuzz;
using llvm::ArrayRef;

namespace {

enum TableType : unsigned {
  None,
  Model,
  OperatorCode,
  SubGraph,
  Tensor,
  Quantization,
  Operator,
  Options,
  Buffer,
  Metadata,
  Signature,
  TensorMap
};

enum class Kind { Scalar, String, Table, Tables, Elements, Bytes };

struct Field {
  TableType owner;
  unsigned number;
  Kind kind;
  /// Bytes of a scalar or element.
  unsigned size;
  TableType target = None;
};

constexpr Field fields[] = {
    {Model, 0, Kind::Scalar, 4},
    {Model, 1, Kind::Tables, 4, OperatorCode},
    {Model, 2, Kind::Tables, 4, SubGraph},
    {Model, 3, Kind::String, 1},
    {Model, 4, Kind::Tables, 4, Buffer},
    {Model, 6, Kind::Tables, 4, Metadata},
    {Model, 7, Kind::Tables, 4, Signature},
    {OperatorCode, 0, Kind::Scalar, 1},
    {OperatorCode, 1, Kind::String, 1},
    {OperatorCode, 2, Kind::Scalar, 4},
    {OperatorCode, 3, Kind::Scalar, 4},
    {SubGraph, 0, Kind::Tables, 4, Tensor},
    {SubGraph, 1, Kind::Elements, 4},
    {SubGraph, 2, Kind::Elements, 4},
    {SubGraph, 3, Kind::Tables, 4, Operator},
    {SubGraph, 4, Kind::String, 1},
    {Tensor, 0, Kind::Elements, 4},
    {Tensor, 1, Kind::Scalar, 1},
    {Tensor, 2, Kind::Scalar, 4},
    {Tensor, 3, Kind::String, 1},
    {Tensor, 4, Kind::Table, 4, Quantization},
    {Tensor, 5, Kind::Scalar, 1},
    {Tensor, 7, Kind::Elements, 4},
    {Tensor, 8, Kind::Scalar, 1},
    {Quantization, 2, Kind::Elements, 4},
    {Quantization, 3, Kind::Elements, 8},
    {Quantization, 4, Kind::Scalar, 1},
    {Quantization, 6, Kind::Scalar, 4},
    {Operator, 0, Kind::Scalar, 4},
    {Operator, 1, Kind::Elements, 4},
    {Operator, 2, Kind::Elements, 4},
    {Operator, 3, Kind::Scalar, 1},
    {Operator, 4, Kind::Table, 4, Options},
    {Operator, 5, Kind::Bytes, 1},
    // Options of all kinds: scalars of one or four bytes, by their vtables.
    {Options, 0, Kind::Scalar, 1},
    {Options, 1, Kind::Scalar, 4},
    {Options, 2, Kind::Scalar, 4},
    {Options, 3, Kind::Scalar, 1},
    {Options, 4, Kind::Scalar, 4},
    {Options, 5, Kind::Scalar, 4},
    {Buffer, 0, Kind::Bytes, 1},
    {Buffer, 1, Kind::Scalar, 8},
    {Buffer, 2, Kind::Scalar, 8},
    {Metadata, 0, Kind::String, 1},
    {Metadata, 1, Kind::Scalar, 4},
    {Signature, 0, Kind::Tables, 4, TensorMap},
    {Signature, 1, Kind::Tables, 4, TensorMap},
    {Signature, 2, Kind::String, 1},
    {Signature, 4, Kind::Scalar, 4},
    {TensorMap, 0, Kind::String, 1},
    {TensorMap, 1, Kind::Scalar, 4},
};

template <typename T> T load(ArrayRef<uint8_t> bytes, size_t offset) {
  T value = 0;
  if (offset + sizeof(T) <= bytes.size())
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

llvm::StringRef nameOf(Role role) {
  switch (role) {
  case Role::TableOffset:
    return "offset";
  case Role::VTableOffset:
    return "vtable offset";
  case Role::VTableEntry:
    return "vtable entry";
  case Role::Length:
    return "length";
  case Role::Scalar:
    return "scalar";
  case Role::Element:
    return "element";
  case Role::Data:
    return "data";
  }
  return "";
}

} // namespace

TFLiteMutator::TFLiteMutator(ArrayRef<uint8_t> bytes) : Mutator(bytes) {
  add(0, 4, Role::TableOffset);
  walkTable(load<uint32_t>(file, 0), Model);
  // Tables may share what they point to: each place once.
  auto before = [](const Site &a, const Site &b) {
    return std::tie(a.offset, a.size) < std::tie(b.offset, b.size);
  };
  auto same = [](const Site &a, const Site &b) { return a.offset == b.offset; };
  for (std::vector<Site> *sites : {&structure, &data}) {
    llvm::sort(*sites, before);
    sites->erase(std::unique(sites->begin(), sites->end(), same), sites->end());
  }
  llvm::copy_if(structure, std::back_inserter(values), [](const Site &site) {
    return site.role == Role::Scalar || site.role == Role::Element;
  });
}

void TFLiteMutator::add(size_t offset, unsigned size, Role role) {
  if (offset + size > file.size())
    return;
  Site site{static_cast<uint32_t>(offset), static_cast<uint8_t>(size), role};
  (role == Role::Data ? data : structure).push_back(site);
}

void TFLiteMutator::walkTable(size_t table, unsigned type) {
  size_t vtable = table - load<int32_t>(file, table);
  unsigned vtableSize = load<uint16_t>(file, vtable);
  add(table, 4, Role::VTableOffset);
  for (unsigned i = 0; i + 1 < vtableSize; i += 2)
    add(vtable + i, 2, Role::VTableEntry);
  for (const auto &[i, field] : llvm::enumerate(fields)) {
    if (field.owner != type || 4 + 2 * field.number + 1 >= vtableSize)
      continue;
    unsigned position = load<uint16_t>(file, vtable + 4 + 2 * field.number);
    if (position == 0)
      continue;
    size_t at = table + position;
    if (field.kind == Kind::Scalar) {
      add(at, field.size, Role::Scalar);
      continue;
    }
    add(at, 4, Role::TableOffset);
    size_t target = at + load<uint32_t>(file, at);
    if (field.kind == Kind::Table)
      walkTable(target, field.target);
    else
      walkVector(target, i, type);
  }
}

void TFLiteMutator::walkVector(size_t vector, unsigned index, unsigned) {
  const Field &field = fields[index];
  uint32_t length = load<uint32_t>(file, vector);
  add(vector, 4, Role::Length);
  // A few places of each weight tensor and name stand for all.
  constexpr unsigned dataSites = 16;
  for (uint32_t i = 0; i < length; ++i) {
    size_t at = vector + 4 + size_t(i) * field.size;
    switch (field.kind) {
    case Kind::Tables:
      add(at, 4, Role::TableOffset);
      walkTable(at + load<uint32_t>(file, at), field.target);
      break;
    case Kind::Elements:
      add(at, field.size, Role::Element);
      break;
    default:
      if (i % (length / dataSites + 1) == 0)
        add(at, 1, Role::Data);
      break;
    }
  }
}

uint64_t TFLiteMutator::read(ArrayRef<uint8_t> bytes, const Site &site) const {
  uint64_t value = 0;
  if (site.offset + site.size <= bytes.size())
    std::memcpy(&value, bytes.data() + site.offset, site.size);
  return value;
}

void TFLiteMutator::changeSite(Mutant &mutant, const Site &site,
                               Random &random) const {
  if (site.offset + site.size > mutant.bytes.size())
    return;
  uint64_t old = read(mutant.bytes, site), value = old;
  unsigned bits = site.size * 8;
  switch (random.below(10)) {
  case 0:
    value = 0;
    break;
  case 1:
    value = ~uint64_t(0);
    break;
  case 2:
    value = (uint64_t(1) << (bits - 1)) - random.below(2);
    break;
  case 3:
    value = old + 1;
    break;
  case 4:
    value = old - 1;
    break;
  case 5:
    value = old ^ (uint64_t(1) << random.below(bits));
    break;
  case 6:
    value = random.next();
    break;
  case 7:
    value = random.below(256);
    break;
  case 8:
    value = old + (random.below(2) ? 4 : -4);
    break;
  default: {
    // What stands elsewhere in the file is plausible here too.
    const Site &other = structure[random.below(structure.size())];
    value = read(file, other);
    break;
  }
  }
  if (site.role == Role::Element && site.size == 4 && random.below(8) == 0) {
    // Floats that are no numbers, or too large or small to be scales.
    constexpr uint32_t odd[] = {0x7f800000, 0x7fc00000, 0xff800000, 0x00000001,
                                0x80000000, 0x7f7fffff, 0x00800000, 0xbf800000};
    value = odd[random.below(std::size(odd))];
  }
  std::memcpy(mutant.bytes.data() + site.offset, &value, site.size);
  ++mutant.changes;
  mutant.structural += site.role != Role::Data;
  llvm::raw_string_ostream(mutant.description)
      << (mutant.changes > 1 ? "; " : "") << nameOf(site.role) << " at "
      << site.offset << ": " << llvm::format_hex(old, 2 + bits / 4) << " -> "
      << llvm::format_hex(read(mutant.bytes, site), 2 + bits / 4);
}

Mutant TFLiteMutator::mutate(ArrayRef<uint8_t> original, Random &random) const {
  Mutant mutant;
  mutant.bytes = original.vec();
  unsigned changes = random.below(2) ? 1 : 2 + random.below(3);
  // Every other file keeps its layout, so that it comes past the check of
  // bounds: what is wrong with it are values.
  bool keepsLayout = random.below(2);
  for (unsigned i = 0; i < changes && !mutant.bytes.empty(); ++i) {
    uint64_t kind = random.below(10);
    if (kind < 8) {
      const std::vector<Site> &sites = keepsLayout ? values : structure;
      changeSite(mutant, sites[random.below(sites.size())], random);
    } else if ((kind == 8 || keepsLayout) && !data.empty()) {
      changeSite(mutant, data[random.below(data.size())], random);
    } else {
      changeBytes(mutant, random);
    }
  }
  return mutant;
}
