// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lays out `struct qcc_model_info`. The structs come from the public header
// itself, so that field order cannot drift.

#include "qcc/Target/ModelInfo.h"
#include "qcc-rt/qcc.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <cstddef>

using namespace llvm;

namespace qcc {
namespace {

static_assert(sizeof(qcc_tensor_info) == 40 &&
                  offsetof(qcc_model_info, data) == 48,
              "the public structs have no padding on any target");

/// Grows a byte image of which the first part is fixed-size records.
class InfoImage {
public:
  explicit InfoImage(size_t recordBytes) { image.resize(recordBytes); }

  struct Region {
    ModelInfoPart::Kind kind;
    size_t offset;
  };

  uint32_t addString(StringRef text) {
    uint32_t offset = image.size();
    startRegion(ModelInfoPart::Kind::Text);
    image.append(text.begin(), text.end());
    image.push_back('\0');
    return offset;
  }
  template <typename Word> uint32_t addWords(ArrayRef<Word> words) {
    static_assert(sizeof(Word) == 4);
    image.resize(alignTo(image.size(), 4));
    uint32_t offset = image.size();
    if (!words.empty())
      startRegion(std::is_same_v<Word, float> ? ModelInfoPart::Kind::Floats
                                              : ModelInfoPart::Kind::Words);
    for (Word word : words) {
      uint32_t bits;
      std::memcpy(&bits, &word, 4);
      image.resize(image.size() + 4);
      support::endian::write32le(image.end() - 4, bits);
    }
    return offset;
  }
  /// Every field of the records is a 32-bit word: stored one by one, they come
  /// out little-endian whatever this host is.
  template <typename Record> void putRecord(size_t offset, Record record) {
    uint32_t words[sizeof(Record) / 4];
    std::memcpy(words, &record, sizeof(words));
    for (auto [i, word] : llvm::enumerate(words))
      support::endian::write32le(image.data() + offset + 4 * i, word);
  }
  SmallVector<char, 0> take() {
    image.resize(alignTo(image.size(), modelInfoAlign));
    return std::move(image);
  }
  size_t size() const { return image.size(); }
  /// Where the type of the contents changes, in order.
  ArrayRef<Region> getRegions() const { return regions; }

private:
  void startRegion(ModelInfoPart::Kind kind) {
    if (regions.back().kind != kind)
      regions.push_back({kind, image.size()});
  }

  SmallVector<char, 0> image;
  SmallVector<Region> regions = {{ModelInfoPart::Kind::Words, 0}};
};

qcc_tensor_info makeTensorInfo(InfoImage &image, const TensorABI &tensor,
                               bool inArena) {
  qcc_tensor_info info = {};
  SmallVector<int32_t> shape(tensor.shape.begin(), tensor.shape.end());
  SmallVector<float> scales(tensor.scales.begin(), tensor.scales.end());
  SmallVector<int32_t> zeroPoints(tensor.zeroPoints.begin(),
                                  tensor.zeroPoints.end());
  // Same number of both, whatever the caller left out.
  zeroPoints.resize(scales.size(), 0);
  info.shape_offset = image.addWords(ArrayRef<int32_t>(shape));
  info.scales_offset = image.addWords(ArrayRef<float>(scales));
  info.zero_points_offset = image.addWords(ArrayRef<int32_t>(zeroPoints));
  info.name_offset = image.addString(tensor.name);
  info.type = static_cast<uint32_t>(tensor.type);
  info.rank = tensor.shape.size();
  info.bytes = tensor.bytes();
  info.arena_offset =
      inArena ? static_cast<uint32_t>(tensor.arenaOffset) : QCC_NOT_IN_ARENA;
  info.num_scales = scales.size();
  info.quantized_dimension = scales.size() > 1 ? tensor.quantizedDimension : -1;
  return info;
}

SmallVector<char, 0> serialize(const ModelABI &abi,
                               SmallVectorImpl<InfoImage::Region> &regions) {
  size_t header = offsetof(qcc_model_info, data);
  size_t numTensors = abi.inputs.size() + abi.outputs.size();
  InfoImage image(header + numTensors * sizeof(qcc_tensor_info));

  qcc_model_info info = {};
  info.abi_version = QCC_ABI_VERSION;
  info.flags = (abi.ioInArena ? QCC_FLAG_IO_IN_ARENA : 0) |
               (abi.isParallel() ? QCC_FLAG_PARALLEL : 0);
  info.num_inputs = abi.inputs.size();
  info.num_outputs = abi.outputs.size();
  info.tensors_offset = header;
  info.arena_bytes = abi.arenaBytes;
  info.arena_align = abi.arenaAlign;
  info.state_bytes = abi.stateBytes;
  info.state_align = abi.stateAlign;
  info.stack_bytes = abi.stackBytes;
  info.name_offset = image.addString(abi.name);
  size_t offset = header;
  for (const auto *list : {&abi.inputs, &abi.outputs})
    for (const TensorABI &tensor : *list) {
      image.putRecord(offset, makeTensorInfo(image, tensor, abi.ioInArena));
      offset += sizeof(qcc_tensor_info);
    }
  info.total_bytes = alignTo(image.size(), modelInfoAlign);
  image.putRecord(0, info);
  regions.assign(image.getRegions().begin(), image.getRegions().end());
  return image.take();
}

} // namespace

SmallVector<char, 0> serializeModelInfo(const ModelABI &abi) {
  SmallVector<InfoImage::Region> regions;
  return serialize(abi, regions);
}

SmallVector<ModelInfoPart> describeModelInfo(const ModelABI &abi) {
  SmallVector<InfoImage::Region> regions;
  SmallVector<char, 0> image = serialize(abi, regions);
  SmallVector<ModelInfoPart> parts;
  for (auto [i, region] : enumerate(regions)) {
    // What aligns the next part belongs to this one.
    size_t end = i + 1 < regions.size() ? regions[i + 1].offset : image.size();
    ModelInfoPart part;
    part.kind = region.kind;
    if (region.kind == ModelInfoPart::Kind::Text)
      part.text.assign(image.begin() + region.offset, image.begin() + end);
    else
      for (size_t at = region.offset; at + 4 <= end; at += 4) {
        uint32_t word = support::endian::read32le(image.data() + at);
        if (region.kind == ModelInfoPart::Kind::Words)
          part.words.push_back(word);
        else
          part.floats.push_back(llvm::bit_cast<float>(word));
      }
    parts.push_back(std::move(part));
  }
  return parts;
}

} // namespace qcc
