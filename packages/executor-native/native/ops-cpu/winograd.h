#pragma once

#include "ops-cpu/convolution_shape.h"
#include "ops-cpu/op.h"

/**
 * 3x3 convolutions of stride 1 by Winograd's F(4x4,3x3): 36 products a tile of 4x4 outputs where the direct way takes
 * 144. Blocks of tiles are transformed, multiplied and transformed back while they are in the cache. What is summed in
 * which order depends on the shapes alone, so the bits are the same on any number of threads.
 */
namespace trainyard::cpu::winograd {

/** Whether all three passes are faster this way than oneDNN's direct convolution; the one place that decides. */
bool suits(const ConvolutionShape& shape);

/** As in onednn.h. */
PreparedOp convolution(const ConvolutionShape& shape, float* x, float* w, float* b, float* y,
                       FusedActivation activation);
PreparedOp convolutionGradInput(const ConvolutionShape& shape, float* dy, float* w, float* dx);
PreparedOp convolutionGradFilter(const ConvolutionShape& shape, float* x, float* dy, float* dw, float* db);

}  // namespace trainyard::cpu::winograd
