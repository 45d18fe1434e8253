#pragma once

#include "ops-torch/op.h"

namespace trainyard::aten {

/** An op's `activation`; of no kind: none. */
struct Activation {
  explicit Activation(const OpContext& op)
      : kind(op.spec.text("activation.kind")), slope(kind == "leakyRelu" ? op.number("activation.slope") : 0) {}

  at::Tensor forward(const at::Tensor& x) const;
  /** `saved` is the output; of gelu the input. */
  at::Tensor gradient(const at::Tensor& saved, const at::Tensor& dy) const;

  std::string kind;
  double slope;
};

}  // namespace trainyard::aten
