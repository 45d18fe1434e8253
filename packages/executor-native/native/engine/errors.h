#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace trainyard {

/** Becomes an ExecutorError in JavaScript. */
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/** Becomes an OutOfMemoryError in JavaScript. */
struct OutOfMemory : std::runtime_error {
  /** `bytes`: how many were requested; 0 if that is not known. */
  explicit OutOfMemory(size_t bytes)
      : std::runtime_error("out of memory" + (bytes > 0 ? ": " + std::to_string(bytes) + " bytes were refused" : "")),
        bytes(bytes) {}
  size_t bytes;
};

}  // namespace trainyard
