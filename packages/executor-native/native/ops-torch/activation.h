#pragma once

#include <optional>

#include "engine/ops.h"
#include "ops-torch/aten.h"

namespace trainyard::aten {

/** x itself where there is no activation. */
at::Tensor activate(const std::optional<Activation>& activation, const at::Tensor& x);

}  // namespace trainyard::aten
