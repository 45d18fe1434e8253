#pragma once

#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/errors.h"
#include "engine/memory.h"
#include "engine/program.h"
#include "kernels/kernels.h"

namespace trainyard::cpu {

/** A slot as an op sees it: memory under a shape. */
struct Tensor {
  Buffer* buffer = nullptr;
  std::vector<int64_t> shape;

  int64_t dim(size_t axis) const { return shape.at(axis); }
  int64_t last() const { return shape.empty() ? 1 : shape.back(); }
  int64_t count() const {
    int64_t n = 1;
    for (int64_t d : shape) n *= d;
    return n;
  }
  /**
   * Only u8 and i32 memory moves (a file mapped in its place), so f32 pointers may be kept; these are read at each run.
   */
  const uint8_t* u8() const { return reinterpret_cast<const uint8_t*>(buffer->data); }
  int32_t* i32() const { return reinterpret_cast<int32_t*>(buffer->data); }
  /** Null where the program has no such slot. */
  float* f32() const { return buffer ? reinterpret_cast<float*>(buffer->data) : nullptr; }
  explicit operator bool() const { return buffer != nullptr; }
};

/** One op of a step; gets the program's scratch memory, as many bytes as the op asked for, 64-byte aligned. */
using Step = std::function<void(std::byte* scratch)>;

struct PreparedOp {
  Step step;
  size_t scratchBytes = 0;
};

/** Compiles an op: decides and creates once all that it can, so that a step allocates nothing. `slots[i]`: slot i. */
PreparedOp prepareOp(const OpSpec& spec, const std::vector<Tensor>& slots);

/**
 * Splits [0, n) into one fixed part a thread, whatever the machine's load: the same thread count gives the same bits.
 */
template <class Body>
void parallel(int64_t n, int64_t atLeastPerThread, const Body& body) {
  const int64_t threads = std::min<int64_t>(omp_get_max_threads(), n / std::max<int64_t>(atLeastPerThread, 1));
  if (threads < 2) {
    if (n > 0) body(int64_t{0}, n, 0);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    const int64_t t = omp_get_thread_num();
    const int64_t begin = n * t / threads, end = n * (t + 1) / threads;
    if (begin < end) body(begin, end, static_cast<int>(t));
  }
}

/** Elements of a cheap loop below which a second thread costs more than it brings. */
constexpr int64_t worthSharing = 8192;

/** Like `parallel`, over elements: parts begin at multiples of 64. */
template <class Body>
void parallelElements(int64_t n, const Body& body) {
  constexpr int64_t block = 64;
  parallel((n + block - 1) / block, worthSharing / block,
           [&](int64_t begin, int64_t end, int) { body(begin * block, std::min(end * block, n)); });
}

}  // namespace trainyard::cpu
