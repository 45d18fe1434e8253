#pragma once

#include "engine/ops.h"
#include "ops-torch/random.h"

namespace trainyard::aten {

/** [S,B,4]: three factors and a part of a turn, as `augmentationDraws` of random.ts says. */
at::Tensor drawLight(const ColorJitter& bounds, const Random& random, const at::Tensor& positions,
                     const at::Tensor& steps);

/** Images [B,H,W,C] with values in [0, 1], changed by light [B,4]. */
at::Tensor jitter(const at::Tensor& images, const at::Tensor& light, bool turnsHue);

}  // namespace trainyard::aten
