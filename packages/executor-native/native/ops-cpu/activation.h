#pragma once

#include <optional>

#include "engine/ops.h"
#include "ops-cpu/convolution_shape.h"
#include "ops-cpu/op.h"

namespace trainyard::cpu {

/** The part of an activation that convolutions and products apply themselves; `withActivation` adds the others. */
FusedActivation fusedActivation(const std::optional<Activation>& activation);

/** `first`, then the activation over its output where `first` could not apply it. */
PreparedOp withActivation(PreparedOp first, const std::optional<Activation>& activation, const Tensor& y);

}  // namespace trainyard::cpu
