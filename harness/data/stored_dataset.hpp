// Where a data set is on this machine, whether its files are the right ones, and its images and labels.
//
//     const auto test = data::load(*data::dataset_named("mnist"), data::Split::test);
//     if (!test) refuse(test.error().message);               // "mnist is not on this machine; run: assay data fetch mnist"
//     use(test->image(0), test->labels[0]);
//
// Looked for in this order, the first folder with all four files (plain or .gz) counts: $ASSAY_DATA/<name>, torchvision's
// folder below $ASSAY_DATA, $ASSAY_DATA itself; the user's cache, where `assay data fetch` puts them; torchvision's folder
// in ./data and here; Debian's package.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/data/dataset.hpp"

namespace assay::data {

/// $XDG_CACHE_HOME/assay, else ~/.cache/assay; empty if neither variable is set.
std::filesystem::path cache_folder();
/// $ASSAY_DATA, else data/ in the cache folder; empty where there is none.
std::filesystem::path data_folder();

/// The file itself or with .gz after it, whichever is in `folder`; the plain one if both are.
std::optional<std::filesystem::path> file_in(const std::filesystem::path& folder, const File& file);

/// Folders where the set may be, best first, whether or not they exist.
std::vector<std::filesystem::path> places(const Dataset& set);

/// The first of places() that has all files of the set, unread; nullopt where there is none.
std::optional<std::filesystem::path> find(const Dataset& set);

/// The bytes of one file of the set, once they are known to be the right ones. The message names both hashes otherwise, and how
/// to fetch the file again.
Result<std::string> read_verified(const Dataset& set, const File& file, const std::filesystem::path& path);

/// Every file of the set in `folder`, in the order of files(): nullopt for a right one, else what is wrong.
std::vector<std::optional<std::string>> verify(const Dataset& set, const std::filesystem::path& folder);

enum class Split { train, test };

/// Images and their labels, verified.
struct Labelled {
  int count = 0, rows = 0, columns = 0;
  std::string pixels;  // count × rows × columns bytes, 0 to 255
  std::string labels;  // count bytes, each below the number of classes
  std::string images_sha256, labels_sha256;  // of the files

  std::size_t image_bytes() const { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns); }
  std::span<const std::uint8_t> image(std::int64_t i) const {
    return {reinterpret_cast<const std::uint8_t*>(pixels.data()) + static_cast<std::size_t>(i) * image_bytes(), image_bytes()};
  }
  int label(std::int64_t i) const { return static_cast<unsigned char>(labels[static_cast<std::size_t>(i)]); }
};

Result<Labelled> load(const Dataset& set, Split split);

/// "mnist is not on this machine; run: assay data fetch mnist"
std::string absent(const Dataset& set);

}  // namespace assay::data
