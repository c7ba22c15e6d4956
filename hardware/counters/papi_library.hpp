// The calls of PAPI that papi_counters.cpp makes, and no others: what a test replaces by a fake library.
//
//     Result<std::unique_ptr<PapiLibrary>> papi = load_papi();
//     if (!papi) say(papi.error().message);                   // "PAPI: no libpapi.so.7.0; run: …"
//
// Every call gives PAPI's own status: 0, or one of its negative numbers. Nothing here decides anything.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "harness/core/result.hpp"

namespace assay::hardware {

/// Of PAPI's statuses those that mean more to us than their text; papi_library.cpp holds them to papi.h.
enum PapiStatus : int {
  kPapiOk = 0,
  kPapiInvalid = -1,    // from `initialise`: the library is of another version than the header
  kPapiConflict = -8,   // the counters of the processor can't count these events at the same time
  kPapiPermission = -15,
};

class PapiLibrary {
 public:
  virtual ~PapiLibrary() = default;

  /// "7.0": of the header that this program was compiled with.
  virtual std::string version() const = 0;
  /// PAPI's words for a status.
  virtual std::string message(int status) const = 0;

  /// Once, before everything below. Components other than the processor's counters stay off: a GPU's would start the GPU.
  virtual int initialise() = 0;
  /// Of the processor's counters ("perf_event"); negative: not compiled into this library.
  virtual int component() = 0;
  /// Why that component is off, in PAPI's words; empty: it is on.
  virtual std::string disabled_reason(int component) = 0;
  /// A preset ("PAPI_TOT_INS") or native event ("perf::INSTRUCTIONS") that this processor is known to have.
  virtual std::optional<int> event(const char* name) = 0;

  // In this order: create, assign, user_only, inherit, perhaps attach, add (an event), start, read …, destroy.
  virtual int create(int& set) = 0;
  virtual int assign(int set, int component) = 0;
  virtual int user_only(int set) = 0;
  /// Threads started later count as well; refused once the set has events that are open.
  virtual int inherit(int set) = 0;
  /// Counts another thread of this process instead of the caller.
  virtual int attach(int set, pid_t thread) = 0;
  virtual int add(int set, int event) = 0;
  virtual int start(int set) = 0;
  /// One value for each event, in the order of adding. Doesn't allocate.
  virtual int read(int set, long long* values) = 0;
  /// Whatever state it is in.
  virtual void destroy(int set) = 0;
};

/// Loads libpapi at run time, so that no worker links it. An Error is the reason and the command that mends it.
Result<std::unique_ptr<PapiLibrary>> load_papi();

}  // namespace assay::hardware
