// Part of the qcc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whole-file reading and atomic writing: contents, every refusal by its
// message, and that a failed write leaves what was there before.

#include "qcc/Support/File.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace qcc;
namespace fs = llvm::sys::fs;

namespace {

/// A directory that lives as long as the test.
class FileTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(fs::createUniqueDirectory("qcc-file-test", dir));
  }
  void TearDown() override { fs::remove_directories(dir); }

  std::string in(llvm::StringRef name) {
    llvm::SmallString<128> path(dir);
    llvm::sys::path::append(path, name);
    return std::string(path);
  }
  static std::string read(llvm::StringRef path,
                          uint64_t limit = defaultMaxFileBytes) {
    auto buffer = readFile(path, limit);
    return buffer ? (*buffer)->getBuffer().str()
                  : "error: " + llvm::toString(buffer.takeError());
  }
  static std::string write(llvm::StringRef path, llvm::StringRef contents) {
    llvm::Error error = writeFileAtomically(path, contents);
    return error ? llvm::toString(std::move(error)) : "written";
  }
  int countEntries() {
    std::error_code code;
    int count = 0;
    for (fs::directory_iterator it(dir, code), end; it != end && !code;
         it.increment(code))
      ++count;
    return count;
  }

  llvm::SmallString<128> dir;
};

} // namespace

TEST_F(FileTest, readsWhatWasWritten) {
  std::string path = in("a");
  std::string contents(100000, 'x');
  contents[5] = '\0';
  EXPECT_EQ(write(path, contents), "written");
  EXPECT_EQ(read(path), contents);
  EXPECT_EQ(write(path, "short"), "written");
  EXPECT_EQ(read(path), "short");
  EXPECT_EQ(countEntries(), 1);
}

TEST_F(FileTest, refusesToRead) {
  EXPECT_EQ(read(in("missing")), "error: '" + in("missing") +
                                     "' cannot be opened: no such file or "
                                     "directory");
  EXPECT_EQ(read(dir), "error: '" + std::string(dir) +
                           "' is a directory, expected a file");
  EXPECT_EQ(write(in("empty"), ""), "written");
  EXPECT_EQ(read(in("empty")), "error: '" + in("empty") + "' is empty");
  EXPECT_EQ(write(in("five"), "12345"), "written");
  EXPECT_EQ(read(in("five"), 5), "12345");
  EXPECT_EQ(read(in("five"), 4), "error: '" + in("five") +
                                     "' has more than 4 bytes, the most that "
                                     "is accepted here");
}

TEST_F(FileTest, readsNoMoreOfADeviceThanTheLimit) {
  EXPECT_EQ(read("/dev/zero", 1000), "error: '/dev/zero' has more than 1000 "
                                     "bytes, the most that is accepted here");
}

TEST_F(FileTest, keepsTheOldFileWhenTheWriterFails) {
  std::string path = in("a");
  EXPECT_EQ(write(path, "old"), "written");
  llvm::Error error =
      writeFileAtomically(path, [](llvm::raw_ostream &os) -> llvm::Error {
        os << "half of the new";
        return llvm::createStringError(llvm::inconvertibleErrorCode(), "no");
      });
  EXPECT_EQ(llvm::toString(std::move(error)), "no");
  EXPECT_EQ(read(path), "old");
  EXPECT_EQ(countEntries(), 1);
}

TEST_F(FileTest, refusesToWrite) {
  EXPECT_EQ(write(dir, "x"), "'" + std::string(dir) +
                                 "' is a directory, expected the name of a "
                                 "file");
  EXPECT_EQ(write(in("none/a"), "x"), "'" + in("none/a") +
                                          "' cannot be created: no such file "
                                          "or directory");
  EXPECT_EQ(write("/dev/full", "x"),
            "'/dev/full' cannot be written: no space left on device");
}

TEST_F(FileTest, writesThroughDevicesAndLinks) {
  EXPECT_EQ(write("/dev/null", "x"), "written");
  EXPECT_TRUE(fs::exists("/dev/null"));
  EXPECT_EQ(write(in("real"), "old"), "written");
  ASSERT_FALSE(fs::create_link(in("real"), in("link")));
  EXPECT_EQ(write(in("link"), "new"), "written");
  EXPECT_EQ(read(in("real")), "new");
  bool isLink = false;
  EXPECT_FALSE(fs::is_symlink_file(in("link"), isLink));
  EXPECT_TRUE(isLink);
}

TEST_F(FileTest, marksPrograms) {
  EXPECT_EQ(write(in("data"), "x"), "written");
  EXPECT_FALSE(fs::can_execute(in("data")));
  llvm::Error error = writeFileAtomically(in("prog"), "x", FileKind::Program);
  EXPECT_FALSE(bool(error));
  EXPECT_TRUE(fs::can_execute(in("prog")));
}
