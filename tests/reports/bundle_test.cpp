// Bundles as somebody hostile makes them, and as we do: what is refused, what is found, and the same bytes every time.
#include "reports/bundle.hpp"

#include <sys/stat.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

#include "harness/core/hash.hpp"
#include "harness/core/random.hpp"
#include "tests/catch.hpp"

#ifdef ASSAY_HAVE_LIBARCHIVE
#include <archive.h>
#include <archive_entry.h>
#endif

namespace assay::reports {

namespace fs = std::filesystem;
using check::Finding;

namespace {

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::string bytes_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// A folder with two files and their bundle.json.
void make_bundle(const fs::path& folder) {
  write(folder / "report.md", "# A report\n");
  write(folder / "results/x/20261128T101500Z-1a2b3c4d/journal.jsonl", "{}\n");
  BundleList list;
  list.assay = "0.1.0, commit 0123456";
  list.created = "2026-11-28T20:00:00Z";
  list.report = "report.md";
  list.runs = {"results/x/20261128T101500Z-1a2b3c4d"};
  for (const char* path : {"report.md", "results/x/20261128T101500Z-1a2b3c4d/journal.jsonl"})
    list.files.push_back({path, fs::file_size(folder / path), *sha256_of_file((folder / path).string())});
  write(folder / kBundleFile, to_json(list).dump(2) + "\n");
}

std::string rules(const std::vector<Finding>& findings) {
  std::string all;
  for (const Finding& f : findings) all += (all.empty() ? "" : " ") + f.rule + ":" + f.file;
  return all;
}

std::string message_of(const Result<Bundle>& bundle) { return bundle ? "opened" : bundle.error().message; }

}  // namespace

TEST_CASE("an untouched bundle has no findings; a byte, a missing and an extra file are each found by name") {
  const TemporaryFolder folder("test");
  make_bundle(folder.path());
  CHECK(rules(verify_bundle(folder.path())).empty());
  const auto bundle = open_bundle(folder.path());
  REQUIRE(bundle);
  CHECK(bundle->list.report == "report.md");
  CHECK(bundle->list.files.size() == 2);

  write(folder.path() / "report.md", "# A repord\n");
  CHECK(rules(verify_bundle(folder.path())) == "bundle.changed:report.md");
  fs::remove(folder.path() / "report.md");
  CHECK(rules(verify_bundle(folder.path())) == "bundle.missing:report.md");
  write(folder.path() / "report.md", "# A report\n");
  write(folder.path() / "results/more.md", "");
  CHECK(rules(verify_bundle(folder.path())) == "bundle.extra:results/more.md");
}

TEST_CASE("what is no file in a bundle's folder is named and never opened") {
  const TemporaryFolder folder("test");
  make_bundle(folder.path());
  fs::create_symlink("/etc/passwd", folder.path() / "passwd");
  fs::create_directory_symlink("/", folder.path() / "all");
  REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);  // a reader would wait for ever
  CHECK(rules(verify_bundle(folder.path())) == "bundle.entry:all bundle.entry:passwd bundle.entry:pipe");
  // A file that is replaced by a link to the same bytes is none any more.
  fs::rename(folder.path() / "report.md", folder.path() / "../assay-test-elsewhere.md");
  fs::create_symlink("../assay-test-elsewhere.md", folder.path() / "report.md");
  CHECK(rules(verify_bundle(folder.path())).find("bundle.missing:report.md") != std::string::npos);
  fs::remove(folder.path() / "../assay-test-elsewhere.md");
}

TEST_CASE("a bundle.json that lies about places, hashes or types is refused before a file is looked at") {
  const auto mistake = [](const std::string& text) {
    const auto list = parse_bundle_list(text);
    return list ? std::string("read") : list.error().message;
  };
  const std::string hash(64, 'a');
  const auto with_files = [&](const std::string& files) { return mistake(R"({"schema":1,"files":[)" + files + "]}"); };
  const auto entry = [&](const std::string& path) { return R"({"path":")" + path + R"(","bytes":1,"sha256":")" + hash + "\"}"; };
  CHECK(with_files(entry("a") + "," + entry("b")) == "read");
  CHECK(with_files(entry("../a")).find("leads out of the folder") != std::string::npos);
  CHECK(with_files(entry("/etc/passwd")).find("absolute") != std::string::npos);
  CHECK(with_files(entry("b") + "," + entry("a")).find("out of order") != std::string::npos);
  CHECK(with_files(entry("a") + "," + entry("a")).find("twice") != std::string::npos);
  CHECK(with_files(R"({"path":"a","bytes":-1,"sha256":")" + hash + "\"}").find("lacks") != std::string::npos);
  CHECK(with_files(R"({"path":"a","bytes":1,"sha256":"zz"})").find("sha256") != std::string::npos);
  CHECK(mistake(R"({"schema":1,"runs":["../../x"],"files":[]})").find("leads out") != std::string::npos);
  CHECK(mistake(R"({"schema":2,"files":[]})").find("newer assay") != std::string::npos);
  CHECK(mistake("[" + std::string(100'000, '[')).find("bundle.json") == 0);
  CHECK(mistake("{}").find("no schema") != std::string::npos);
  CHECK(mistake(R"({"schema":1,"report":7,"files":[]})").find("no text") != std::string::npos);
}

TEST_CASE("a path is refused for what it could do on any system") {
  const ArchiveLimits limits;
  for (const std::string fine : {"a", "results/x/y.json", "Übung/größe.md", "a b/..c/d..", "…"}) CHECK_FALSE(path_problem(fine, limits));
  for (const std::string bad : {"", "/a", "..", "a/../b", "a//b", "a/./b", "a/", "C:/a", "c:a", "a\\b", "a\nb", "a\x1b[2J", "a\u202Eb", "a\u200Bb", "a\xff", "\xc0\xaf", "\xed\xa0\x80"})
    CHECK(path_problem(bad, limits));
  CHECK(path_problem(std::string("a\0b", 3), limits));
  CHECK(path_problem(std::string(300, 'a'), limits));
  CHECK(path_problem(std::string(2000, 'a'), limits));
  std::string deep = "a";
  for (int i = 0; i < 32; ++i) deep += "/a";
  CHECK_FALSE(path_problem(deep, limits));
  CHECK(path_problem(deep + "/a", limits));
}

#ifdef ASSAY_HAVE_LIBARCHIVE

namespace {

/// Writes whatever it is told into an archive.
class Forger {
public:
  explicit Forger(const fs::path& file, bool zip = false, const char* options = nullptr) : a_(::archive_write_new()) {
    if (zip) {
      ::archive_write_set_format_zip(a_);
    } else {
      ::archive_write_set_format_gnutar(a_);
      ::archive_write_add_filter_gzip(a_);
    }
    if (options) ::archive_write_set_options(a_, options);
    ::archive_write_set_passphrase(a_, "secret");
    ::archive_write_open_filename(a_, file.c_str());
  }
  ~Forger() { ::archive_write_free(a_); }
  Forger(const Forger&) = delete;
  Forger& operator=(const Forger&) = delete;

  Forger& file(const std::string& path, const std::string& text = "x") { return entry(path, AE_IFREG, text); }
  Forger& entry(const std::string& path, unsigned type, const std::string& text = "", const std::string& link = "", bool hard = false) {
    archive_entry* e = ::archive_entry_new();
    ::archive_entry_set_pathname(e, path.c_str());
    ::archive_entry_set_filetype(e, type);
    ::archive_entry_set_perm(e, 0644);
    ::archive_entry_set_size(e, static_cast<la_int64_t>(text.size()));
    if (!link.empty() && hard) ::archive_entry_set_hardlink(e, link.c_str());
    if (!link.empty() && !hard) ::archive_entry_set_symlink(e, link.c_str());
    ::archive_write_header(a_, e);
    ::archive_write_data(a_, text.data(), text.size());
    ::archive_entry_free(e);
    return *this;
  }
  void close() { ::archive_write_close(a_); }

private:
  archive* a_;
};

/// What unpacking says of an archive with `forge`'s entries after a harmless one; and that nothing got out.
template <class Forge>
std::string said_of(Forge forge, bool zip = false, const char* options = nullptr, const ArchiveLimits& limits = {}) {
  const TemporaryFolder outer("test");
  const fs::path file = outer.path() / (zip ? "x.zip" : "x.tar.gz"), folder = outer.path() / "deep" / "inside";
  fs::create_directories(folder);
  {
    Forger forger(file, zip, options);
    forger.file("submission/fine.md");
    forge(forger);
    forger.close();
  }
  const auto done = unpack(file, folder, limits);
  int around = 0;
  for ([[maybe_unused]] const auto& entry : fs::recursive_directory_iterator(outer.path())) ++around;
  int inside = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    ++inside;
    CHECK_FALSE(fs::is_symlink(entry.symlink_status()));
  }
  CHECK(around == inside + 3);  // the archive, deep, inside
  return done ? "unpacked" : done.error().message;
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an archive that reaches out of its folder is refused, and the entry is named") {
  for (const bool zip : {false, true}) {
    has(said_of([](Forger& f) { f.file("../evil.md"); }, zip), "'../evil.md' leads out of the folder by ..");
    has(said_of([](Forger& f) { f.file("submission/../../evil.md"); }, zip), "leads out");
    has(said_of([](Forger& f) { f.file("C:\\evil.md"); }, zip), zip ? "drive's letter" : "backslash");  // a zip's are read as slashes
    has(said_of([](Forger& f) { f.file("C:/evil.md"); }, zip), "drive's letter");
    has(said_of([](Forger& f) { f.entry("submission/link", AE_IFLNK, "", "/etc"); f.file("submission/link/evil"); }, zip), "'submission/link' is a symbolic link");
    has(said_of([](Forger& f) { f.file("submission/\x1b[2Jclear"); }, zip), "'submission/\\u{001B}[2Jclear' has control");
    has(said_of([](Forger& f) { f.file("submission/fine.md"); }, zip), "is there twice");
    has(said_of([](Forger& f) { f.file("submission/FINE.md"); }, zip), "only by the case of letters");
    has(said_of([](Forger& f) { f.file("Submission/other.md"); }, zip), "only by the case of letters");
    has(said_of([](Forger& f) { f.file("submission/fine.md/more"); }, zip), "is a file and a folder");
    has(said_of([](Forger& f) { f.file(std::string(300, 'n')); }, zip), "more than 255 bytes");
    has(said_of([](Forger& f) { f.file("submission//x"); }, zip), "empty folder");
    std::string deep;
    for (int i = 0; i < 40; ++i) deep += "d/";
    has(said_of([&](Forger& f) { f.file(deep + "x"); }, zip), "32 folders deep");
  }
  has(said_of([](Forger& f) { f.file("/etc/evil.md"); }), "absolute path");
  has(said_of([](Forger& f) { f.file("submission/\u202Egnp.md"); }), "\\u{202E}gnp.md' has control, bidirectional");
  has(said_of([](Forger& f) { f.file("submission/\xff"); }), "\\xFF");
  has(said_of([](Forger& f) { f.entry("submission/hard", AE_IFREG, "", "submission/fine.md", true); }), "hard link");
  has(said_of([](Forger& f) { f.entry("submission/pipe", AE_IFIFO); }), "'submission/pipe' is a device, a pipe or a socket");
  has(said_of([](Forger& f) { f.entry("submission/null", AE_IFCHR); }), "is a device");
  has(said_of([](Forger& f) { f.file("submission/secret", "words"); }, true, "zip:encryption=zipcrypt"), "is encrypted");
  CHECK(said_of([](Forger& f) { f.entry("./", AE_IFDIR); f.entry("./submission/", AE_IFDIR); f.file("./submission/more.md"); }) == "unpacked");
}

TEST_CASE("a bomb stops at its limits") {
  ArchiveLimits limits;
  limits.ratio_from_bytes = 1 << 20;
  const std::string zeros(8 << 20, '\0');
  for (const bool zip : {false, true}) {
    has(said_of([&](Forger& f) { f.file("submission/zeros", zeros); }, zip, nullptr, limits), "more than 200 times the archive's size");
    ArchiveLimits small;
    small.file_bytes = 1000;
    has(said_of([&](Forger& f) { f.file("submission/zeros", zeros); }, zip, nullptr, small), "'submission/zeros' has more than 1000 bytes");
    ArchiveLimits total;
    total.total_bytes = 5000;
    has(said_of([&](Forger& f) { for (int i = 0; i < 10; ++i) f.file(fmt::format("submission/{}", i), std::string(1000, 'x')); }, zip, nullptr, total), "holds more than 5000 bytes");
    ArchiveLimits few;
    few.entries = 5;
    has(said_of([&](Forger& f) { for (int i = 0; i < 10; ++i) f.file(fmt::format("submission/{}", i)); }, zip, nullptr, few), "more than 5 entries");
  }
}

TEST_CASE("the same files give the same archive, and it opens to what went in") {
  const TemporaryFolder folder("test");
  make_bundle(folder.path() / "made");
  write(folder.path() / "made/größe/run.sh", "#!/bin/sh\n");
  fs::permissions(folder.path() / "made/größe/run.sh", fs::perms::owner_all);
  std::vector<ArchivedFile> files;
  for (const char* path : {"report.md", "bundle.json", "größe/run.sh", "results/x/20261128T101500Z-1a2b3c4d/journal.jsonl"})
    files.push_back({std::string("submission/") + path, folder.path() / "made" / path});
  const fs::path one = folder.path() / "one.tar.gz", two = folder.path() / "two.tar.gz";
  REQUIRE(write_archive(one, files, 0));
  fs::last_write_time(folder.path() / "made/report.md", fs::file_time_type::clock::now() - std::chrono::hours(1000));
  std::reverse(files.begin(), files.end());
  REQUIRE(write_archive(two, files, 0));
  CHECK(bytes_of(one) == bytes_of(two));
  const auto bundle = open_bundle(one);
  INFO(message_of(bundle));
  REQUIRE(bundle);
  CHECK(bundle->folder.filename() == "submission");
  CHECK(bytes_of(bundle->folder / "größe/run.sh") == "#!/bin/sh\n");
  CHECK(rules(verify_bundle(bundle->folder)) == "bundle.extra:größe/run.sh");
  const fs::path unpacked = bundle->folder;
  CHECK(fs::exists(unpacked));
}

TEST_CASE("what is no archive, is cut off or holds no bundle is an error") {
  const TemporaryFolder folder("test");
  write(folder.path() / "text.tar.gz", "not an archive at all, just words");
  CHECK(message_of(open_bundle(folder.path() / "text.tar.gz")).find("text.tar.gz") != std::string::npos);
  write(folder.path() / "empty.tar.gz", "");
  CHECK(message_of(open_bundle(folder.path() / "empty.tar.gz")) != "opened");
  Forger(folder.path() / "plain.tar.gz").file("submission/a.md", std::string(100'000, 'a')).close();
  CHECK(message_of(open_bundle(folder.path() / "plain.tar.gz")).find("has no bundle.json") != std::string::npos);
  const std::string whole = bytes_of(folder.path() / "plain.tar.gz");
  for (std::size_t cut = 0; cut < whole.size(); cut += whole.size() / 20 + 1) {
    write(folder.path() / "cut.tar.gz", whole.substr(0, cut));
    CHECK(message_of(open_bundle(folder.path() / "cut.tar.gz")) != "opened");
  }
  CHECK(message_of(open_bundle(folder.path() / "nowhere")).find("neither a folder nor an archive") != std::string::npos);
}

TEST_CASE("an archive with any of its bytes changed is opened or refused, and stays within its folder") {
  const TemporaryFolder folder("test");
  make_bundle(folder.path() / "made");
  for (const bool zip : {false, true}) {
    const fs::path good = folder.path() / "good", bad = folder.path() / "bad";
    Forger forger(good, zip);
    forger.file("submission/report.md", "# A report\n").file("submission/bundle.json", bytes_of(folder.path() / "made/bundle.json")).entry("submission/deep", AE_IFDIR);
    forger.close();
    const std::string whole = bytes_of(good);
    Random random(585);
    for (int i = 0; i < 400; ++i) {
      std::string changed = whole;
      for (int k = 0; k <= i % 4; ++k) changed[static_cast<std::size_t>(random.uniform() * static_cast<double>(whole.size()))] = static_cast<char>(random.uniform() * 256);
      write(bad, changed);
      const auto bundle = open_bundle(bad);
      if (bundle) CHECK(verify_bundle(bundle->folder).size() < 10);
    }
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 3);
  }
}

#endif

}  // namespace assay::reports
