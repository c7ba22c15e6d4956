#include "harness/data/file_bytes.hpp"

#include <fstream>
#include <string>

#include "harness/core/random.hpp"
#include "tests/catch.hpp"
#include "tests/harness/data/made_up_dataset.hpp"

#ifdef ASSAY_HAS_ZLIB
#include <zlib.h>
#endif

using namespace assay;
using namespace assay::data;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a file is read whole, up to what it may have") {
  const Folder folder;
  write(folder.path / "file", std::string(1000, 'x'));
  const auto all = read_file(folder.path / "file", 1000);
  REQUIRE(all);
  CHECK(*all == std::string(1000, 'x'));
  const auto longer = read_file(folder.path / "file", 999);
  REQUIRE_FALSE(longer);
  CHECK_THAT(longer.error().message, ContainsSubstring("has more than the 999 bytes"));
  const auto absent = read_file(folder.path / "absent", 10);
  REQUIRE_FALSE(absent);
  CHECK_THAT(absent.error().message, ContainsSubstring("cannot be read: No such file"));
  CHECK_FALSE(read_file(folder.path, 10));
}

TEST_CASE("a file is put in place whole, over what was there, or not at all") {
  const Folder folder;
  REQUIRE(write_file(folder.path / "file", "first"));
  REQUIRE(write_file(folder.path / "file", "second"));
  CHECK(read(folder.path / "file") == "second");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
  const auto nowhere = write_file(folder.path / "absent" / "file", "x");
  REQUIRE_FALSE(nowhere);
  CHECK_THAT(nowhere.error().message, ContainsSubstring("cannot be written"));
}

#ifdef ASSAY_HAS_ZLIB

namespace {

void pack(const std::filesystem::path& file, const std::string& bytes) {
  const gzFile out = gzopen(file.c_str(), "wb9");
  gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(out);
}

std::string error_of(const std::filesystem::path& file, std::int64_t most) {
  const auto bytes = read_file(file, most);
  return bytes ? "" : bytes.error().message;
}

}  // namespace

TEST_CASE("a packed file is unpacked, up to what it may have") {
  const Folder folder;
  const auto file = folder.path / "file.gz";
  pack(file, std::string(1'000'000, 'x'));
  const auto all = read_file(file, 1'000'000);
  REQUIRE(all);
  CHECK(*all == std::string(1'000'000, 'x'));
  CHECK_THAT(error_of(file, 999'999), ContainsSubstring("unpacks to more than the 999999 bytes"));
}

TEST_CASE("a gzip bomb is given up as soon as it is too long") {
  const Folder folder;
  const auto file = folder.path / "bomb.gz";
  const gzFile out = gzopen(file.c_str(), "wb9");
  const std::string zeros(1 << 20, '\0');
  for (int i = 0; i < 256; ++i) gzwrite(out, zeros.data(), static_cast<unsigned>(zeros.size()));
  gzclose(out);
  REQUIRE(std::filesystem::file_size(file) < 400'000);
  CHECK_THAT(error_of(file, 10'000), ContainsSubstring("unpacks to more than"));
}

TEST_CASE("a packed file that is cut short, damaged or not packed is said to be so") {
  const Folder folder;
  const auto file = folder.path / "file.gz";
  Random random(1);
  std::string noise(50'000, '\0');
  for (char& c : noise) c = static_cast<char>(random.next());
  pack(file, noise);
  const std::string packed = read(file);
  write(file, packed.substr(0, packed.size() / 2));
  CHECK_THAT(error_of(file, 50'000), ContainsSubstring("cut short"));
  std::string damaged = packed;
  damaged[damaged.size() / 2] = static_cast<char>(~damaged[damaged.size() / 2]);
  write(file, damaged);
  CHECK_THAT(error_of(file, 50'000), ContainsSubstring("is damaged"));
  write(file, "plain text");
  CHECK_THAT(error_of(file, 50'000), ContainsSubstring("isn't packed by gzip"));
  write(file, "");
  CHECK_FALSE(error_of(file, 50'000).empty());
}

TEST_CASE("no damage to a packed file gives other bytes than those packed, or more than allowed") {
  const Folder folder;
  const auto file = folder.path / "file.gz";
  const std::string text = idx_header("\3\2\2") + "abcdefghijkl";
  pack(file, text);
  const std::string packed = read(file);
  Random random(585);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = packed;
    for (std::uint64_t changes = random.below(3); changes > 0; --changes) bytes[10 + random.below(bytes.size() - 10)] = static_cast<char>(random.next());
    bytes.resize(random.below(3) ? bytes.size() : random.below(bytes.size()));
    write(file, bytes);
    const auto got = read_file(file, 100);
    if (got) REQUIRE(got->size() <= 100);
    if (got && !got->empty()) REQUIRE(*got == text);  // gzip's CRC
  }
}

#endif
