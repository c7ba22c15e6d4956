#include "reports/signature.hpp"

#include <fmt/format.h>

#include <system_error>
#include <vector>

#include "harness/core/printable.hpp"
#include "reports/program.hpp"

namespace assay::reports {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kLongestSignature = 64 * 1024;
constexpr double kVerify_s = 60;   // a large file is hashed
constexpr double kPatience_s = 300;  // of somebody who types a passphrase

Result<ProgramAnswer> keygen(std::vector<std::string> words, const fs::path& input, bool at_terminal = false) {
  words.insert(words.begin(), "ssh-keygen");
  ProgramCall call;
  call.words = std::move(words);
  call.input = input;
  call.limit_s = at_terminal ? kPatience_s : kVerify_s;
  call.at_terminal = at_terminal;
  call.environment = environment_without({"LC_ALL=", "LANGUAGE=", "SSH_ASKPASS_REQUIRE="});
  call.environment->push_back("LC_ALL=C");
  // No window either: a run on a server would wait for it for ever.
  if (!at_terminal) call.environment->push_back("SSH_ASKPASS_REQUIRE=never");
  auto answer = call_program(call);
  if (!answer) return Error{answer.error().message + "; apt-get install openssh-client"};
  return answer;
}

/// `Good "assay" signature with ED25519 key SHA256:…` → "ED25519 SHA256:…".
std::string key_in(const std::string& output) {
  const std::string with = " with ", key = " key ";
  const std::size_t begin = output.find(with), middle = output.find(key, begin == std::string::npos ? 0 : begin);
  if (begin == std::string::npos || middle == std::string::npos) return "";
  const std::size_t end = output.find_first_of(" \n", middle + key.size());
  return printable(output.substr(begin + with.size(), middle - begin - with.size()) + " " + output.substr(middle + key.size(), end - middle - key.size()));
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Result<Done> check_files(const fs::path& file, const fs::path& signature) {
  std::error_code failed;
  if (!fs::is_regular_file(file, failed)) return Error{fmt::format("{}: is no file", file.string())};
  if (!fs::is_regular_file(signature, failed)) return Error{fmt::format("{}: there is no signature", signature.string())};
  if (fs::file_size(signature, failed) > kLongestSignature) return Error{fmt::format("{}: is too long for a signature", signature.string())};
  return Done{};
}

}  // namespace

Result<Signature> verify_signature(const fs::path& file, const fs::path& signature, const fs::path& allowed_signers) {
  if (const auto fine = check_files(file, signature); !fine) return fine.error();
  const std::string sig = fs::absolute(signature).string();
  const auto checked = keygen({"-Y", "check-novalidate", "-n", kSignatureNamespace, "-s", sig}, file);
  if (!checked) return checked.error();
  Signature found;
  if (!checked->ok()) {
    found.problem = "the signature is not of these bytes: " + printable(first_line(checked->messages.empty() ? checked->output : checked->messages));
    return found;
  }
  found.key = key_in(checked->output);
  if (allowed_signers.empty()) {
    found.good = true;
    return found;
  }
  std::error_code failed;
  if (!fs::is_regular_file(allowed_signers, failed)) return Error{fmt::format("{}: is no file of signers", allowed_signers.string())};
  const std::string signers = fs::absolute(allowed_signers).string();
  const auto names = keygen({"-Y", "find-principals", "-s", sig, "-f", signers}, {});
  if (!names) return names.error();
  const std::string name = first_line(names->output);
  if (!names->ok() || name.empty()) {
    found.problem = fmt::format("the key {} is none of those in {}", found.key, allowed_signers.filename().string());
    return found;
  }
  const auto verified = keygen({"-Y", "verify", "-n", kSignatureNamespace, "-f", signers, "-I", name, "-s", sig}, file);
  if (!verified) return verified.error();
  found.good = verified->ok();
  found.signer = printable(name);
  if (!found.good) found.problem = printable(first_line(verified->messages.empty() ? verified->output : verified->messages));
  return found;
}

Result<fs::path> sign_file(const fs::path& file, const fs::path& key, bool at_terminal) {
  fs::path signature = file;
  signature += ".sig";
  std::error_code failed;
  fs::remove(signature, failed);  // ssh-keygen asks before it overwrites
  const auto signed_it = keygen({"-Y", "sign", "-n", kSignatureNamespace, "-f", key.string(), file.string()}, {}, at_terminal);
  if (!signed_it) return signed_it.error();
  if (signed_it->ok() && fs::is_regular_file(signature, failed)) return signature;
  std::string why = signed_it->failure("ssh-keygen");
  if (!at_terminal && !signed_it->timed_out) why += "; a key with a passphrase needs a terminal or ssh-agent (ssh-add)";
  return Error{fmt::format("{}: {}", key.string(), printable(why))};
}

}  // namespace assay::reports
