// What a run cost, and on which machine: the two lines under a table that say what it takes to do it again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/record/run_record.hpp"

namespace assay::reports {

struct Costs {
  int rounds = 0;  // complete ones
  std::int64_t processes = 0;
  std::int64_t blocks = 0;
  double block_s = 0;  // inside timed blocks
  double settle_s = 0;
  double warmup_s = 0;           // of fresh processes, before their first block
  double prepare_s = 0;          // from spawn to prepared, summed
  std::optional<double> wall_s;  // of the whole run; absent if it never ended
  std::optional<double> supervisor_cpu_s;
};

Costs project_costs(const record::RunRecord& run);

/// "Intel Xeon 8581C, 2 cores, Linux 6.1, KVM guest": what the manifest knows.
std::string machine_line(const Json& manifest);

/// "openblas 0.3.21 SkylakeX": what the worker of that name said of itself; empty if nothing.
std::string libraries_of(const Json& manifest, const std::string& worker);

/// "native: compiler 12.2.0, isa AVX-512F; openblas_best: openblas 0.3.21 SkylakeX": what each worker said of
/// itself, kernels among it, without which a comparison of libraries compares nothing. Empty if none said
/// anything.
std::string library_line(const Json& manifest);
/// "mnist.safetensors 1234abcd5678…": what the workers' answers depend on, and the first digits of its SHA-256; or nothing.
std::string input_line(const Json& manifest);

/// "7 rounds, 98 processes and 1,024 blocks in 61 s: 79 % in timed blocks, …".
std::string cost_line(const Costs& costs);

}  // namespace assay::reports
