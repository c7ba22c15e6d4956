// A disk that is really full: a file system of 64 KiB in a mount namespace of its own.
#include <sched.h>
#include <sys/mount.h>

#include <fstream>
#include <iostream>

#include "harness/record/journal.hpp"
#include "tests/catch.hpp"
#include "tests/harness/record/child.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace assay::record {
namespace {

namespace fs = std::filesystem;

/// What happened on a file system of 64 KiB; "SKIPPED: …" where none can be mounted.
std::string fill(const fs::path& folder) {
  // A user namespace of its own lets anyone mount, where the kernel allows it; root needs none.
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return "SKIPPED: no mount namespace";
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=65536") != 0) {
    return "SKIPPED: no tmpfs can be mounted";
  }
  const fs::path file = folder / "journal.jsonl";
  std::ofstream(folder / "experiment.toml") << "[experiment]\n";
  auto journal = Journal::create(file);
  if (!journal) return journal.error().message;
  std::string refused;
  while (refused.empty()) {
    const auto written = journal->append({{"type", "note"}, {"text", std::string(1000, 'x')}});
    if (!written) refused = written.error().message;
    if (journal->next_seq() > 1000) return "never full";
  }
  const auto lines = journal->next_seq();
  if (const auto whole = check_chain(file); !whole) return whole.error().message;

  // A smaller experiment.toml would change its hash; room comes from making the file system larger.
  if (::mount("tmpfs", folder.c_str(), "tmpfs", MS_REMOUNT, "size=131072") != 0) return "SKIPPED: no remount";
  auto again = Journal::reopen(file);
  if (!again) return again.error().message;
  if (again->bytes_cut() != 0) return "a part of a line was left";
  if (const auto written = again->append({{"type", "resume"}}); !written) return written.error().message;
  if (const auto whole = check_chain(file); !whole) return whole.error().message;
  return fmt::format("{} after {}: {}", again->next_seq(), lines, refused);
}

TEST_CASE("on a full disk the journal stays whole, says so, and goes on once there is room") {
  fake::TemporaryFolder folder;
  const std::string said = fake::in_child([&] { return fill(folder.path()); });
  if (said.starts_with("SKIPPED: ")) {
    std::cout << said << "\n";
    SUCCEED(said);
    return;
  }
  CHECK_THAT(said, Catch::Matchers::ContainsSubstring("no space left on the device; free some and go on with --resume"));
  int now = 0;
  int before = 0;
  REQUIRE(std::sscanf(said.c_str(), "%d after %d", &now, &before) == 2);
  CHECK(before > 10);
  CHECK(now == before + 1);
}

}  // namespace
}  // namespace assay::record
