#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "ops-cpu/convolution_shape.h"
#include "ops-cpu/op.h"

namespace trainyard::cpu::onednn {

/**
 * Convolutions and matrix products of oneDNN. Its descriptors are created once, when a program is loaded, with the
 * pointers of the slots; temporaries get their part of the scratch memory at each step. Its ReLU is not used:
 * it turns NaN into 0.
 */

/** y = conv(x, w) + b; b may be null. */
PreparedOp convolution(const ConvolutionShape& shape, float* x, float* w, float* b, float* y);
PreparedOp convolutionGradInput(const ConvolutionShape& shape, float* dy, float* w, float* dx);
/** db may be null. */
PreparedOp convolutionGradFilter(const ConvolutionShape& shape, float* x, float* dy, float* dw, float* db);

/** c [m,n] = a b + bias [n]; transposed operands are stored as [k,m] and [n,k]. bias may be null. */
struct MatrixProduct {
  int64_t m, n, k;
  bool transposeA = false, transposeB = false;
};
PreparedOp matrixProduct(const MatrixProduct& shape, float* a, float* b, float* bias, float* c);

/** e.g. `oneDNN 2.6.3` */
std::string version();

}  // namespace trainyard::cpu::onednn
