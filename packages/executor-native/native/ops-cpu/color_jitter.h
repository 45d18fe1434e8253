#pragma once

#include <vector>

#include "engine/ops.h"

namespace trainyard::cpu {

/** Factors, and a part of a turn of the colour wheel. */
struct Light {
  float brightness, contrast, saturation, hue;
};

/** As `augmentationDraws` of random.ts says, from four words. */
Light drawLight(const ColorJitter& bounds, const uint32_t* words);

/** Changes a normalized image [pixels, mean.size()] of one or three channels in place. */
void jitter(float* image, int64_t pixels, const Light& light, const std::vector<double>& mean,
            const std::vector<double>& std);

}  // namespace trainyard::cpu
