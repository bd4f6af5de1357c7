// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whole-file reading with limits and atomic writing; see the header for why
// LLVM's helpers are not enough.

#include "qcc/Support/File.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

using namespace qcc;
namespace fs = llvm::sys::fs;

static llvm::Error fileError(llvm::StringRef path, const llvm::Twine &what) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 "'" + path + "' " + what);
}

static llvm::Error fileError(llvm::StringRef path, const llvm::Twine &what,
                             std::error_code code) {
  std::string message = code.message();
  if (!message.empty())
    message[0] = llvm::toLower(message[0]);
  return fileError(path, what + ": " + message);
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
qcc::readFile(llvm::StringRef path, uint64_t maxBytes) {
  fs::file_t file = fs::getStdinHandle();
  bool isStdin = path == "-";
  if (!isStdin) {
    llvm::Expected<fs::file_t> opened = fs::openNativeFileForRead(path);
    if (!opened)
      return fileError(path, "cannot be opened",
                       llvm::errorToErrorCode(opened.takeError()));
    file = *opened;
  }
  llvm::scope_exit close([&] {
    if (!isStdin)
      fs::closeFile(file);
  });

  fs::file_status status;
  if (std::error_code code = fs::status(file, status))
    return fileError(path, "cannot be examined", code);
  if (status.type() == fs::file_type::directory_file)
    return fileError(path, "is a directory, expected a file");
  auto tooLarge = [&] {
    return fileError(path, "has more than " + llvm::Twine(maxBytes) +
                               " bytes, the most that is accepted here");
  };

  // Pipes and devices carry what people generate, not archives of gigabytes;
  // some never end.
  if (status.type() != fs::file_type::regular_file)
    maxBytes = std::min(maxBytes, maxStreamBytes);

  // A device may say that it has 0 bytes and give them without end, and a file
  // may grow while it is read: the limit holds for what actually comes.
  size_t chunkBytes = size_t(1) << 16;
  if (status.type() == fs::file_type::regular_file) {
    if (status.getSize() > maxBytes)
      return tooLarge();
    chunkBytes = static_cast<size_t>(status.getSize()) + 1;
  }
  llvm::SmallVector<char, 0> bytes;
  for (;;) {
    size_t used = bytes.size();
    bytes.resize_for_overwrite(used + chunkBytes);
    llvm::Expected<size_t> got = fs::readNativeFile(
        file, llvm::MutableArrayRef<char>(bytes.data() + used, chunkBytes));
    if (!got)
      return fileError(path, "cannot be read",
                       llvm::errorToErrorCode(got.takeError()));
    bytes.truncate(used + *got);
    if (*got == 0)
      break;
    if (bytes.size() > maxBytes)
      return tooLarge();
    chunkBytes = std::max(size_t(1) << 16, std::min(chunkBytes, bytes.size()));
  }
  if (bytes.empty())
    return fileError(path, "is empty");
  return std::make_unique<llvm::SmallVectorMemoryBuffer>(
      std::move(bytes), path, /*RequiresNullTerminator=*/true);
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
qcc::readModelFile(llvm::StringRef path) {
  fs::file_status status;
  if (path == "-" || fs::status(path, status) ||
      status.type() != fs::file_type::regular_file ||
      status.getSize() <= defaultMaxFileBytes)
    return readFile(path);
  auto mapped = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!mapped)
    return fileError(path, "cannot be opened", mapped.getError());
  // Text would have to end in a NUL, and is never that long.
  if (!(*mapped)->getBuffer().substr(4).starts_with("TFL3"))
    return readFile(path);
  return std::move(*mapped);
}

/// Runs `writer` on `fd`, which stays open, and collects the stream's error: a
/// raw_fd_ostream that dies with one still set aborts the program.
static llvm::Error writeToDescriptor(
    llvm::StringRef path, int fd,
    llvm::function_ref<llvm::Error(llvm::raw_fd_ostream &)> writer) {
  llvm::raw_fd_ostream stream(fd, /*shouldClose=*/false);
  llvm::Error error = writer(stream);
  stream.flush();
  std::error_code code = stream.error();
  stream.clear_error();
  if (error)
    return error;
  if (code)
    return fileError(path, "cannot be written", code);
  return llvm::Error::success();
}

llvm::Error qcc::writeFileAtomically(
    llvm::StringRef path,
    llvm::function_ref<llvm::Error(llvm::raw_fd_ostream &)> writer,
    FileKind kind) {
  if (path == "-")
    return writeToDescriptor("<stdout>", 1, writer);

  llvm::SmallString<256> target(path);
  fs::file_status status;
  if (!fs::status(path, status)) {
    if (status.type() == fs::file_type::directory_file)
      return fileError(path, "is a directory, expected the name of a file");
    if (std::error_code code = fs::access(path, fs::AccessMode::Write))
      return fileError(path, "cannot be written", code);
    if (status.type() != fs::file_type::regular_file) {
      int fd = -1;
      if (std::error_code code =
              fs::openFileForWrite(path, fd, fs::CD_OpenExisting, fs::OF_None))
        return fileError(path, "cannot be written", code);
      fs::file_t file = fs::convertFDToNativeFile(fd);
      llvm::Error error = writeToDescriptor(path, fd, writer);
      fs::closeFile(file);
      return error;
    }
    if (std::error_code code = fs::real_path(path, target))
      return fileError(path, "cannot be resolved", code);
  }

  unsigned mode = fs::all_read | fs::all_write;
  if (kind == FileKind::Program)
    mode |= fs::all_exe;
  llvm::Expected<fs::TempFile> temp =
      fs::TempFile::create(target + ".tmp-%%%%%%%%", mode);
  if (!temp)
    return fileError(path, "cannot be created",
                     llvm::errorToErrorCode(temp.takeError()));
  if (llvm::Error error = writeToDescriptor(path, temp->FD, writer)) {
    llvm::consumeError(temp->discard());
    return error;
  }
  if (llvm::Error error = temp->keep(target))
    return fileError(path, "cannot be written",
                     llvm::errorToErrorCode(std::move(error)));
  return llvm::Error::success();
}

llvm::Error qcc::writeFileAtomically(llvm::StringRef path,
                                     llvm::StringRef contents, FileKind kind) {
  return writeFileAtomically(
      path,
      [&](llvm::raw_fd_ostream &os) {
        os << contents;
        return llvm::Error::success();
      },
      kind);
}
