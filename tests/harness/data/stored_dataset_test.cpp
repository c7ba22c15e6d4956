#include "harness/data/stored_dataset.hpp"

#include <cstdlib>
#include <string>

#include "tests/catch.hpp"
#include "tests/harness/data/made_up_dataset.hpp"

using namespace assay;
using namespace assay::data;
using Catch::Matchers::ContainsSubstring;

namespace {

/// Data stands in `folder` and nowhere else.
class OnlyIn {
 public:
  explicit OnlyIn(const std::filesystem::path& folder) { ::setenv("ASSAY_DATA", folder.c_str(), 1); }
  ~OnlyIn() { ::unsetenv("ASSAY_DATA"); }
};

}  // namespace

TEST_CASE("the sets that Assay knows are whole: four files, their hashes, their sizes") {
  REQUIRE(datasets().size() >= 2);
  for (const Dataset& set : datasets()) {
    CHECK(dataset_named(set.name) == &set);
    CHECK(set.train_images.bytes == 16 + 60'000 * set.rows * set.columns);
    CHECK(set.test_labels.bytes == 8 + 10'000);
    for (const File* file : set.files()) CHECK(file->sha256.size() == 64);
    for (const std::string& mirror : set.mirrors) CHECK_THAT(mirror, Catch::Matchers::StartsWith("https://") && Catch::Matchers::EndsWith("/"));
  }
  CHECK(dataset_named("mnist-3") == nullptr);
}

TEST_CASE("images and labels are those of the split that was asked for") {
  const Folder folder;
  const OnlyIn only(folder.path);
  const MadeUp made_up;
  for (const char* place : {"made-up", "MadeUp/raw", "."}) {
    made_up.put_into(folder.path / place);
    const auto train = load(made_up.set, Split::train), test = load(made_up.set, Split::test);
    REQUIRE(train);
    REQUIRE(test);
    CHECK(train->count == 3);
    CHECK(test->count == 2);
    CHECK(std::string(test->image(1).begin(), test->image(1).end()) == "qrst");
    CHECK(test->label(0) == 1);
    CHECK(test->labels_sha256 == made_up.set.test_labels.sha256);
    for (const auto& [name, bytes] : made_up.files) std::filesystem::remove(folder.path / place / name);
  }
}

TEST_CASE("an absent set is said to be so, with what brings it here") {
  const Folder folder;
  const OnlyIn only(folder.path);
  const MadeUp made_up;
  made_up.put_into(folder.path / "made-up");
  std::filesystem::remove(folder.path / "made-up" / "test-labels");
  CHECK_FALSE(find(made_up.set));
  const auto test = load(made_up.set, Split::test);
  REQUIRE_FALSE(test);
  CHECK(test.error().message == "made-up is not on this machine; run: assay data fetch made-up");
}

TEST_CASE("an altered file is refused with both hashes and how to fetch it again") {
  const Folder folder;
  const OnlyIn only(folder.path);
  const MadeUp made_up;
  made_up.put_into(folder.path / "made-up");
  std::string altered = made_up.files.at("test-images");
  altered.back() = 'X';
  write(folder.path / "made-up" / "test-images", altered);
  const auto test = load(made_up.set, Split::test);
  REQUIRE_FALSE(test);
  CHECK_THAT(test.error().message, ContainsSubstring(sha256_hex(altered)) && ContainsSubstring(made_up.set.test_images.sha256) &&
                                       ContainsSubstring("assay data fetch made-up"));
  CHECK(load(made_up.set, Split::train));  // whose files are right
  const auto wrong = verify(made_up.set, folder.path / "made-up");
  REQUIRE(wrong.size() == 4);
  CHECK_FALSE(wrong[0]);
  CHECK(wrong[2]);
}

TEST_CASE("a label beyond the classes, and labels for other images, are refused even with the right hash") {
  const Folder folder;
  const OnlyIn only(folder.path);
  MadeUp made_up;
  made_up.put_into(folder.path / "made-up");
  const auto replace = [&](const std::string& bytes) {
    write(folder.path / "made-up" / "test-labels", bytes);
    made_up.set.test_labels = {"test-labels", static_cast<std::int64_t>(bytes.size()), sha256_hex(bytes)};
    const auto test = load(made_up.set, Split::test);
    return test ? "" : test.error().message;
  };
  CHECK_THAT(replace(idx_header("\2") + std::string{1, 2}), ContainsSubstring("label 1 is 2; the classes are 0 to 1"));
  CHECK_THAT(replace(idx_header("\3") + std::string{1, 0, 1}), ContainsSubstring("3 labels for the 2 images"));
}
