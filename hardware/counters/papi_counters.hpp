// The processor's own counters through PAPI: instructions, cycles, cache and branch misses, floating-point operations.
//
//     const auto counters = papi_counters();      // with the library of this machine
//     counters->open();                           // before the workload starts threads
//
// A processor counts only a few events at a time, and a block of 5 ms is too short to share its counters out in turns
// (multiplexing scales guesses). So events stand in sets that fit into the counters whole; a process counts one set,
// that of its round (ASSAY_COUNTER_SET), and the next round the next. Of the other sets' counters `read` says nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "hardware/counters/papi_library.hpp"
#include "harness/worker/counter_source.hpp"

namespace assay::hardware {

/// Where the kernel lists processors' counters and says who may use them.
struct CounterPlaces {
  std::filesystem::path pmus = "/sys/bus/event_source/devices";
  std::filesystem::path paranoid = "/proc/sys/kernel/perf_event_paranoid";
};

using LoadPapi = std::function<Result<std::unique_ptr<PapiLibrary>>()>;

/// Counts user mode only, whatever the kernel would permit: a number's meaning may not follow a setting of the machine.
/// `load` is called in `open`, and only if the kernel lists a processor's counters.
std::unique_ptr<worker::CounterSource> papi_counters(LoadPapi load = load_papi, CounterPlaces places = {});

}  // namespace assay::hardware
