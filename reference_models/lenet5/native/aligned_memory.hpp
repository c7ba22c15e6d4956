// Memory that begins on a cache line, zeroed.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace lenet5 {

class AlignedMemory {
 public:
  explicit AlignedMemory(std::size_t bytes) : memory_(::operator new(bytes, std::align_val_t{kLine})) { std::memset(memory_.get(), 0, bytes); }
  template <class T>
  T* as() const {
    return static_cast<T*>(memory_.get());
  }

 private:
  static constexpr std::size_t kLine = 64;
  struct Free {
    void operator()(void* memory) const { ::operator delete(memory, std::align_val_t{kLine}); }
  };
  std::unique_ptr<void, Free> memory_;
};

}  // namespace lenet5
