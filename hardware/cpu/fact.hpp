// A fact about the machine: a value, or an object with the reason why it can't be had. For the files that read them.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "hardware/cpu/kernel_files.hpp"
#include "harness/core/json.hpp"

namespace assay::hardware {

inline Json no_fact(std::string reason) { return {{"reason", std::move(reason)}}; }

inline Json text_fact(const std::filesystem::path& file, std::string reason) {
  if (auto text = text_of(file)) return *std::move(text);
  return no_fact(std::move(reason));
}

inline Json integer_fact(const std::filesystem::path& file, std::string reason) {
  if (const auto value = integer_of(file)) return *value;
  return no_fact(std::move(reason));
}

}  // namespace assay::hardware
