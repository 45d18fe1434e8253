#pragma once

#include <string>

#include "ops-cpu/convolution_shape.h"
#include "ops-cpu/op.h"

namespace trainyard::cpu {

struct Activation {
  /** Empty: none. */
  std::string kind;
  float slope = 0;

  /** Reads an op's `activation`. */
  static Activation of(const OpContext& op);

  /** What convolutions and products apply themselves; the rest is left for `forward`. */
  FusedActivation fused() const { return {kind == "relu" || kind == "leakyRelu", slope}; }
  bool isFused() const { return kind.empty() || fused().any; }

  void forward(float* y, const float* x, int64_t n) const;
  void gradient(float* dx, const float* saved, const float* dy, int64_t n) const;
};

/** `first`, then the activation over its output where that could not apply it. */
PreparedOp withActivation(PreparedOp first, const Activation& activation, const Tensor& y);

}  // namespace trainyard::cpu
