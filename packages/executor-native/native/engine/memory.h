#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace trainyard {

enum class DataType { f32, i32, u8 };
constexpr std::array<const char*, 3> namesOf(DataType) { return {"f32", "i32", "u8"}; }

inline size_t bytesPerElement(DataType type) { return type == DataType::u8 ? 1 : 4; }

/** Zeroed pages from the system (huge ones where it grants them), or a private mapping of a part of a file. */
class Pages {
 public:
  Pages() = default;
  /** Throws OutOfMemory. */
  static Pages zeroed(size_t bytes);
  /** Writes stay private. Throws Failure when the file cannot be read or ends before offset + bytes. */
  static Pages ofFile(const std::string& file, size_t offset, size_t bytes);
  Pages(Pages&& other) noexcept { swap(other); }
  Pages& operator=(Pages&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Pages();

  std::byte* data() const { return data_; }

 private:
  void swap(Pages& other) noexcept {
    std::swap(mapping_, other.mapping_);
    std::swap(mapped_, other.mapped_);
    std::swap(data_, other.data_);
  }
  void* mapping_ = nullptr;
  size_t mapped_ = 0;
  std::byte* data_ = nullptr;
};

/** What shared pages hold: a program's transient slots, or what an op needs for itself. */
enum class Use { arena, scratch };

/**
 * Memory that programs use by turns, as only one runs at a time: nothing that one leaves there is another's. The
 * smallest that is in use for the same and large enough, else new pages. Belongs to the engine thread. Throws
 * OutOfMemory.
 */
std::shared_ptr<Pages> sharedPages(Use use, size_t bytes);

/**
 * The memory of one slot, on a device. `data` of u8 and i32 slots may move when a file is mapped; that of f32 slots
 * never does.
 */
struct Buffer {
  std::string name;
  std::vector<int64_t> shape;
  DataType type = DataType::f32;
  std::byte* data = nullptr;
  /** What frees the memory; empty where it belongs to a program's arena. */
  std::shared_ptr<void> owner;

  int64_t count() const {
    int64_t n = 1;
    for (int64_t d : shape) n *= d;
    return n;
  }
  size_t bytes() const { return count() * bytesPerElement(type); }
};

}  // namespace trainyard
