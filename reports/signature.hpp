// Who signed a file: `ssh-keygen -Y`, with the key that students have. A signature says which key saw these bytes; whose key
// that is, only a list of known signers says.
//
//     const auto found = verify_signature("submission.tar.gz", "submission.tar.gz.sig", "allowed_signers");
//     if (found && found->good) say(found->signer, found->key);
#pragma once

#include <filesystem>
#include <string>

#include "harness/core/result.hpp"

namespace assay::reports {

inline constexpr const char* kSignatureNamespace = "assay";  // so that a signature made for something else is none

struct Signature {
  bool good = false;
  std::string key;      // "ED25519 SHA256:…"; of a bad one empty
  std::string signer;   // whom the list of signers gives the key to; empty without a list
  std::string problem;  // why it isn't good
};

/// `allowed_signers` (ssh-keygen's format: a name and a public key a line) may be empty: then any key will do, and a good signature names it.
/// An Error: a file isn't there, or ssh-keygen isn't.
Result<Signature> verify_signature(const std::filesystem::path& file, const std::filesystem::path& signature,
                                   const std::filesystem::path& allowed_signers = {});

/// Writes <file>.sig. `at_terminal`: the person may be asked for the key's passphrase; else a key that has one is an Error.
Result<std::filesystem::path> sign_file(const std::filesystem::path& file, const std::filesystem::path& key, bool at_terminal);

}  // namespace assay::reports
