#pragma once

#include "engine/ops.h"

namespace trainyard::cpu {

/** A rectangle of an image, in whole pixels. */
struct Box {
  int64_t top, left, height, width;
};

/** As `augmentationDraws.crop` of random.ts says, from four words. */
Box drawCrop(const ResizedCrop& bounds, const uint32_t* words, int64_t height, int64_t width);

/** y = the part of an image [height, width, channels], enlarged to the size of the image. */
void enlarge(const Box& box, const float* image, float* y, int64_t height, int64_t width, int64_t channels);

}  // namespace trainyard::cpu
