#pragma once

#include "engine/ops.h"
#include "ops-cpu/op.h"

namespace trainyard::cpu {

/** The draws of an op, as packages/program/src/random.ts defines them. */
class Random {
 public:
  explicit Random(const Randomness& random)
      : seed_(static_cast<uint32_t>(random.seed)), stream_(static_cast<uint32_t>(random.stream)) {}

  RandomStream at(int32_t step) const { return {seed_, stream_, static_cast<uint32_t>(step)}; }

  /** A word's upper 24 bits as a number in [0, 1). */
  static double toUnit(uint32_t word) { return static_cast<double>(word >> 8) / 16777216; }

 private:
  uint32_t seed_, stream_;
};

}  // namespace trainyard::cpu
