// No exception leaves these functions: their callers are not C++.
#include "hardware/counters/assay_counters.h"

#include <algorithm>
#include <cstring>

#include "hardware/counters/counters.hpp"

struct assay_counters {
  std::unique_ptr<assay::worker::CounterSource> source;
};

extern "C" {

assay_counters* assay_counters_open() {
  try {
    auto counters = std::make_unique<assay_counters>();
    counters->source = assay::hardware::open_counters();
    counters->source->open();
    return counters.release();
  } catch (...) {
    return nullptr;
  }
}

void assay_counters_start(assay_counters* counters) { counters->source->start(); }

void assay_counters_stop(assay_counters* counters) { counters->source->stop(); }

size_t assay_counters_read(const assay_counters* counters, char* buffer, size_t size) {
  try {
    const std::string text = counters->source->read().dump();
    if (size > 0) {
      const std::size_t fits = std::min(text.size(), size - 1);
      std::memcpy(buffer, text.data(), fits);
      buffer[fits] = '\0';
    }
    return text.size();
  } catch (...) {
    return 0;
  }
}

void assay_counters_close(assay_counters* counters) { delete counters; }

}  // extern "C"
