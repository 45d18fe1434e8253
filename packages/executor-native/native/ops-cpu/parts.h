#pragma once

#include <cstddef>
#include <cstdint>

namespace trainyard {

/** Hands out parts of the scratch memory, each at a multiple of 64 bytes. On null it only counts. */
class Parts {
 public:
  explicit Parts(std::byte* scratch) : at_(scratch) {}
  template <class T>
  T* take(int64_t n) {
    auto* part = reinterpret_cast<T*>(at_ + used_);
    used_ += (n * sizeof(T) + 63) / 64 * 64;
    return part;
  }
  size_t used() const { return used_; }

 private:
  std::byte* at_;
  size_t used_ = 0;
};

}  // namespace trainyard
