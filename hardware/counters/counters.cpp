#include "hardware/counters/counters.hpp"

#include <utility>

#include "hardware/counters/callgrind_counters.hpp"
#include "hardware/counters/papi_counters.hpp"

namespace assay::hardware {

CounterChain::CounterChain(std::vector<std::unique_ptr<worker::CounterSource>> sources)
    : sources_(std::move(sources)) {}

void CounterChain::open() {
  for (const auto& source : sources_) source->open();
}

void CounterChain::start() {
  for (auto source = sources_.rbegin(); source != sources_.rend(); ++source) (*source)->start();
}

void CounterChain::stop() {
  for (const auto& source : sources_) source->stop();
}

Json CounterChain::read() const {
  Json all = Json::object();
  for (const auto& source : sources_) {
    const Json own = source->read();
    for (const auto& [name, value] : own.items()) {
      const bool answered = all.contains(name) && (all[name].is_number() || !value.is_number());
      if (!answered) all[name] = value;
    }
  }
  return all;
}

std::unique_ptr<worker::CounterSource> open_counters() {
  // Under an emulator what the kernel and the processor count is the emulator's own work.
  if (auto simulated = callgrind_counters()) return simulated;
  std::vector<std::unique_ptr<worker::CounterSource>> sources;
  sources.push_back(papi_counters());
  sources.push_back(rapl_counters());
  sources.push_back(perf_event_counters());
  sources.push_back(rusage_counters());
  return std::make_unique<CounterChain>(std::move(sources));
}

}  // namespace assay::hardware
