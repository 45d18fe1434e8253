#pragma once

#include <cstddef>
#include <cstdint>

namespace trainyard::cpu {

/** A part of a program's scratch memory, which gets its address when an op runs. */
template <class T>
struct ScratchPart {
  size_t offset = 0;

  T* in(std::byte* scratch) const { return reinterpret_cast<T*>(scratch + offset); }
};

/** Plans an op's scratch memory: parts one after another, each at a multiple of 64 bytes. */
class ScratchLayout {
 public:
  template <class T>
  ScratchPart<T> add(int64_t count) {
    const ScratchPart<T> part{bytes_};
    bytes_ += (count * sizeof(T) + 63) / 64 * 64;
    return part;
  }
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_ = 0;
};

}  // namespace trainyard::cpu
