#pragma once

#include <cstdint>

namespace trainyard::cpu {

/**
 * x [batch,height,width,channels], kernel [kernelHeight,kernelWidth,channels/groups,outChannels], y
 * [batch,outHeight,outWidth,outChannels]
 */
struct ConvolutionShape {
  int64_t batch, height, width, channels, kernelHeight, kernelWidth, outHeight, outWidth, outChannels;
  int64_t strideHeight, strideWidth, dilationHeight, dilationWidth, top, left, bottom, right, groups;
};

/** What Winograd's algorithm applies to its result before it stores it. */
struct FusedActivation {
  bool any = false;
  /** Of negative values: 0 is relu. */
  float slope = 0;
};

}  // namespace trainyard::cpu
