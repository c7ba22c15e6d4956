// What every worker of this suite that classifies is: one process answers for batches of images with one implementation of
// LeNet-5, is judged by the oracle, and evaluated on the test set; or it answers requests as they arrive.
//
//     int main(int argc, char** argv) {
//       return lenet_mnist::serve_implementations({"lenet_onednn", lenet5::onednn_libraries(), {{"onednn", make}}}, argc, argv);
//     }
#pragma once

#include "suites/lenet_mnist/implementation.hpp"

namespace lenet_mnist {

/// Serves until told to quit; the exit status. Command line: --weights FOLDER, which has <dataset>.safetensors and
/// <dataset>.int8.safetensors; then perhaps --server or --load, the workloads of Arrivals.
int serve_implementations(Offer offer, int argc, char** argv);

enum class Arrivals {
  highest_rate,  // looks for the most requests a second that are answered in time
  given_rate,    // measures latencies at one
};
int serve_server(const Offer& offer, Arrivals arrivals);

}  // namespace lenet_mnist
