// Reading a repository whose configuration would start programs: none does. And signatures, good and bad.
#include "reports/git.hpp"

#include <fstream>
#include <iostream>

#include "reports/program.hpp"
#include "reports/signature.hpp"
#include "reports/temporary_folder.hpp"
#include "tests/catch.hpp"

namespace assay::reports {

namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary | std::ios::app) << text;
}

/// Runs a shell script in `folder`, as the person who makes a test repository would.
std::string shell(const fs::path& folder, const std::string& script) {
  ProgramCall call{.words = {"/bin/sh", "-ec", script}, .folder = folder};
  call.environment = environment_without({"GIT_", "HOME="});
  for (const char* more : {"HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.org",
                           "GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.org"})
    call.environment->emplace_back(more);
  const auto answer = call_program(call);
  REQUIRE(answer);
  INFO(answer->messages);
  REQUIRE(answer->ok());
  return answer->output;
}

bool has_program(const char* name) {
  return static_cast<bool>(call_program({.words = {name, "--version"}}));
}

std::string text_of(const Result<std::string>& result) { return result ? *result : "ERROR " + result.error().message; }

}  // namespace

TEST_CASE("history, tags and files are read, and nothing that the repository names is executed") {
  if (!has_program("git")) {
    std::cout << "SKIPPED: git is not installed\n";
    return;
  }
  const TemporaryFolder folder("test");
  const fs::path repository = folder.path() / "team";
  fs::create_directories(repository);
  shell(repository,
        "git init -q -b main\n"
        "printf '* diff=evil filter=evil merge=evil\\n' > .gitattributes\n"
        "echo one > a.txt; git add .; git commit -qm 'first'\n"
        "echo two > a.txt; git commit -qam 'second'; git tag -a final -m 'handed in'\n"
        "git tag light; git pack-refs --all; git branch later\n");
  const fs::path pwned = folder.path() / "PWNED";
  const std::string touch = "touch " + pwned.string();
  write(repository / ".git/hook.sh", "#!/bin/sh\n" + touch + "\n");
  fs::permissions(repository / ".git/hook.sh", fs::perms::owner_all);
  const std::string hook = (repository / ".git/hook.sh").string();
  write(repository / ".git/config",
        "[core]\n\tfsmonitor = " + hook + "\n\thooksPath = .git\n\tpager = " + touch + "\n\teditor = " + touch + "\n\tsshCommand = " + touch +
            "\n\taskPass = " + hook + "\n\tgitProxy = " + hook + "\n\talternateRefsCommand = " + hook +
            "\n[diff]\n\texternal = " + hook + "\n[diff \"evil\"]\n\ttextconv = " + hook + "\n\tcommand = " + hook +
            "\n[filter \"evil\"]\n\tclean = " + touch + "\n\tsmudge = " + touch + "\n\tprocess = " + touch + "\n\trequired = true\n[merge \"evil\"]\n\tdriver = " + touch +
            "\n[alias]\n\tlog = !" + touch + "\n\tshow = !" + touch + "\n[log]\n\tshowSignature = true\n[gpg]\n\tprogram = " + hook +
            "\n[pager]\n\tlog = " + touch + "\n\tshow = " + touch + "\n[protocol]\n\tallow = always\n[protocol \"ext\"]\n\tallow = always\n[remote \"origin\"]\n\turl = ext::" + hook +
            "\n\tpromisor = true\n\tpartialclonefilter = blob:none\n\tuploadpack = " + touch + "\n[extensions]\n\tpartialClone = origin\n[include]\n\tpath = /dev/zero\n");
  for (const char* name : {"post-index-change", "reference-transaction", "fsmonitor-watchman", "post-checkout"}) {
    fs::create_directories(repository / ".git/hooks");
    fs::copy_file(repository / ".git/hook.sh", repository / ".git/hooks" / name);
  }
  const std::vector<std::vector<std::string>> readings{{"log", "-p", "--format=%aN%x00%s", "--show-signature", "HEAD"},
                                                       {"show", "HEAD"},
                                                       {"show", "--textconv", "HEAD:a.txt"},
                                                       {"for-each-ref", "--format=%(refname) %(objecttype)"},
                                                       {"shortlog", "-sne", "HEAD"},
                                                       {"rev-list", "--objects", "--all"},
                                                       {"ls-tree", "-r", "HEAD"},
                                                       {"diff-tree", "-p", "HEAD~1", "HEAD"},
                                                       {"cat-file", "--textconv", "HEAD:a.txt"},
                                                       {"cat-file", "--filters", "HEAD:a.txt"}};
  for (const auto& reading : readings) {
    const std::string text = text_of(git_read(repository, reading));
    INFO(reading.front() << ": " << text);
    CHECK(text.find("ERROR") == std::string::npos);
    CHECK_FALSE(text.empty());
  }
  const std::string log = text_of(git_read(repository, {"log", "--format=%s"}));
  CHECK(log == "second\nfirst\n");
  CHECK(text_of(git_read(repository, {"for-each-ref", "--format=%(refname)", "refs/tags"})) == "refs/tags/final\nrefs/tags/light\n");
  CHECK(text_of(git_read(repository, {"rev-parse", "refs/heads/later"})) == text_of(git_read(repository, {"rev-parse", "HEAD"})));
  // A missing object would be fetched from the promisor; here it is only missing.
  CHECK_FALSE(git_read(repository, {"cat-file", "-p", std::string(40, '1')}));
  CHECK_FALSE(fs::exists(pwned));
  // The traps are real: whoever asks git itself is caught. (The last line keeps git from starting at all.)
  shell(repository, "sed -i '/^\\[include\\]/,$d' .git/config; git status >/dev/null 2>&1 || true");
  CHECK(fs::exists(pwned));
  for (const std::string verb : {"checkout", "status", "fetch", "log;touch", "--exec-path=/tmp"}) CHECK_FALSE(git_read(repository, {verb}));
}

TEST_CASE("a repository that leads elsewhere, is none or never answers is an error") {
  if (!has_program("git")) {
    std::cout << "SKIPPED: git is not installed\n";
    return;
  }
  const TemporaryFolder folder("test");
  CHECK(text_of(git_read(folder.path(), {"log"})).find("is no git repository") != std::string::npos);
  const fs::path pointing = folder.path() / "pointing";
  write(pointing / ".git", "gitdir: /somewhere/else\n");
  CHECK(text_of(git_read(pointing, {"log"})).find("points to another place") != std::string::npos);
  const fs::path linked = folder.path() / "linked";
  fs::create_directories(linked / ".git/objects");
  fs::create_directories(linked / ".git/refs/heads");
  write(linked / ".git/HEAD", "ref: refs/heads/main\n");
  fs::create_symlink("/etc/passwd", linked / ".git/refs/heads/main");
  CHECK(text_of(git_read(linked, {"log"})).find("is a link or a device") != std::string::npos);
  fs::remove(linked / ".git/refs/heads/main");
  GitLimits few;
  few.references = 3;
  for (int i = 0; i < 5; ++i) write(linked / ".git/refs/heads" / std::to_string(i), std::string(40, 'a'));
  CHECK(text_of(git_read(linked, {"log"}, few)).find("more than 3 references") != std::string::npos);
}

TEST_CASE("a program's answer is bounded in time and size, and its children go with it") {
  ProgramCall slow{.words = {"/bin/sh", "-c", "sleep 100 & sleep 100"}};
  slow.limit_s = 0.2;
  const auto late = call_program(slow);
  REQUIRE(late);
  CHECK(late->timed_out);
  CHECK_FALSE(late->ok());
  ProgramCall loud{.words = {"/bin/sh", "-c", "yes"}};
  loud.most_bytes = 1000;
  const auto much = call_program(loud);
  REQUIRE(much);
  CHECK(much->too_long);
  CHECK(much->output.size() == 1000);
  const auto echo = call_program({.words = {"/bin/sh", "-c", "cat; echo said >&2; exit 3"}, .folder = "/", .input = "/dev/null"});
  REQUIRE(echo);
  CHECK(echo->status == 3);
  CHECK(echo->failure("sh") == "sh failed with status 3: said");
  CHECK_FALSE(call_program({.words = {"no-such-program-anywhere"}}));
}

TEST_CASE("a signature names its key, and none of one that isn't of these bytes") {
  if (!has_program("ssh-keygen")) {
    std::cout << "SKIPPED: ssh-keygen is not installed\n";
    return;
  }
  const TemporaryFolder folder("test");
  write(folder.path() / "file", "what is handed in\n");
  shell(folder.path(), "ssh-keygen -q -t ed25519 -N '' -C ann -f key; ssh-keygen -q -t ed25519 -N '' -C bob -f other; ssh-keygen -q -t ed25519 -N geheim -f locked");
  const auto signature = sign_file(folder.path() / "file", folder.path() / "key", false);
  REQUIRE(signature);
  const auto good = verify_signature(folder.path() / "file", *signature);
  REQUIRE(good);
  CHECK(good->good);
  CHECK(good->key.starts_with("ED25519 SHA256:"));
  const auto public_key = [&](const char* name) {
    std::ifstream in(folder.path() / name);
    std::string line;
    std::getline(in, line);
    return line;
  };
  write(folder.path() / "signers", "ann@example.org " + public_key("key.pub") + "\n");
  write(folder.path() / "others", "bob@example.org " + public_key("other.pub") + "\n");
  const auto known = verify_signature(folder.path() / "file", *signature, folder.path() / "signers");
  REQUIRE(known);
  CHECK((known->good && known->signer == "ann@example.org"));
  const auto unknown = verify_signature(folder.path() / "file", *signature, folder.path() / "others");
  REQUIRE(unknown);
  CHECK_FALSE(unknown->good);
  CHECK(unknown->problem.find("none of those") != std::string::npos);
  write(folder.path() / "file", ".");
  const auto bad = verify_signature(folder.path() / "file", *signature);
  REQUIRE(bad);
  CHECK_FALSE(bad->good);
  CHECK(bad->key.empty());
  // A key with a passphrase asks nobody where nobody is.
  const auto locked = sign_file(folder.path() / "file", folder.path() / "locked", false);
  REQUIRE_FALSE(locked);
  CHECK(locked.error().message.find("passphrase") != std::string::npos);
  CHECK_FALSE(verify_signature(folder.path() / "file", folder.path() / "none.sig"));
}

}  // namespace assay::reports
