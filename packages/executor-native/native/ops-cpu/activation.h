#pragma once

#include <optional>

#include "engine/ops.h"
#include "ops-cpu/op.h"

namespace trainyard::cpu {

/** `first`, then the activation, if any, over its output. */
PreparedOp withActivation(PreparedOp first, const std::optional<Activation>& activation, const Tensor& y);

}  // namespace trainyard::cpu
