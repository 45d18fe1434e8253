#pragma once

#include "engine/ops.h"
#include "ops-torch/op.h"

namespace trainyard::aten {

/** The draws of an op, as packages/program/src/random.ts defines them: words are 32-bit values in int64 tensors. */
class Random {
 public:
  explicit Random(const Randomness& random) : seed_(random.seed), stream_(random.stream) {}

  /** Words [..., 4] of Philox4x32-10 for each counter; counters and steps are broadcast. */
  at::Tensor words(const at::Tensor& counters, const at::Tensor& steps, int64_t block) const;
  /** Draws 0 … count-1 of each step [S]: [S, count]. */
  at::Tensor draws(int64_t count, const at::Tensor& steps) const;

  std::string key() const { return std::to_string(seed_) + "/" + std::to_string(stream_); }

  /** A word's upper 24 bits as a number in [0, 1), in fp64. */
  static at::Tensor toUnit(const at::Tensor& words);

 private:
  int64_t seed_, stream_;
};

}  // namespace trainyard::aten
