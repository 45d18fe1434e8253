#pragma once

#include "engine/ops.h"
#include "ops-torch/random.h"

namespace trainyard::aten {

/** [S,B,4]: top, left, height and width of each image's crop, as `augmentationDraws.crop` of random.ts says. */
at::Tensor drawCrops(const ResizedCrop& bounds, const Random& random, const at::Tensor& positions,
                     const at::Tensor& steps, int64_t height, int64_t width);

/** The crops [B,4] of images [B,H,W,C], enlarged to the size of the images. */
at::Tensor enlarge(const at::Tensor& images, const at::Tensor& crops);

}  // namespace trainyard::aten
