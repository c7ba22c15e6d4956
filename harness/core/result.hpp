// A value, or one sentence that says what went wrong, where, and what to do.
//
//     Result<Experiment> loaded = load_experiment(path);
//     if (!loaded) return fail(loaded.error());
//     use(*loaded);
//
// Expected failures (bad input, a missing program) travel this way; a broken invariant is an assertion.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace assay {

/// One message for the person at the terminal. Complete: what happened, where, what to do.
struct Error {
  std::string message;
};

/// Either a T or an Error. `operator*` and `operator->` require a value.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}        // NOLINT: implicit by design, as std::expected is
  Result(Error error) : state_(std::move(error)) {}    // NOLINT

  explicit operator bool() const { return std::holds_alternative<T>(state_); }
  T& operator*() & { return std::get<T>(state_); }
  const T& operator*() const& { return std::get<T>(state_); }
  T&& operator*() && { return std::get<T>(std::move(state_)); }
  T* operator->() { return &std::get<T>(state_); }
  const T* operator->() const { return &std::get<T>(state_); }
  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value: `Result<Done> r = write(...); if (!r) ...`.
struct Done {};

}  // namespace assay
