#pragma once

#include <cstdint>

/**
 * The inner loops, each on one thread over the part of the data it is given. Every file of this folder but choose.cpp is
 * compiled once for each instruction set, into the namespace ISA, and must therefore use no inline function of the
 * standard library: the linker keeps one copy of those, and it might be the one that this processor cannot run.
 * Rows are pixels (or images), columns channels; all is row-major and dense.
 */
namespace trainyard {

struct PoolShape {
  int64_t height, width, channels, outHeight, outWidth;
  int64_t windowHeight, windowWidth, strideHeight, strideWidth;
};

/** Draws of Philox4x32-10; see packages/program/src/random.ts. */
struct Draws {
  uint32_t seed, stream, step;
};

/** Of a fused convolution, ReLU and 2x2 max-pool. */
struct ConvPoolShape {
  /** Of the input with its padding around it. */
  int64_t height, width, channels;
  int64_t kernelHeight, kernelWidth;
  /** After the pool. */
  int64_t outHeight, outWidth, outChannels;
  /** Output channels rounded up as the forward kernel reads them: w [kh][kw][channels][weightLanes], b [weightLanes]. */
  int64_t weightLanes;
};
/** Floats that may be read and written behind the last pixel of a padded image. */
constexpr int64_t convPoolSlack = 64;
/** The longest row of a kernel (width * channels) that fits the registers of every instruction set. */
constexpr int64_t convPoolLongestRow = 64;

#define TRAINYARD_KERNELS(KERNEL)                                                                                        \
  /* y = pixel * scale + shift; scale and shift as long as x */                                                          \
  KERNEL(normalize, (float* y, const uint8_t* x, const float* scale, const float* shift, int64_t n))                     \
  KERNEL(add, (float* y, const float* a, const float* b, int64_t n))                                                     \
  KERNEL(scale, (float* y, const float* x, float factor, int64_t n))                                                     \
  /* relu is the slope 0 */                                                                                              \
  KERNEL(leakyRelu, (float* y, const float* x, float slope, int64_t n))                                                  \
  KERNEL(leakyReluGrad, (float* dx, const float* y, const float* dy, float slope, int64_t n))                            \
  KERNEL(gelu, (float* y, const float* x, int64_t n))                                                                    \
  KERNEL(geluGrad, (float* dx, const float* x, const float* dy, int64_t n))                                              \
  KERNEL(tanh, (float* y, const float* x, int64_t n))                                                                    \
  KERNEL(tanhGrad, (float* dx, const float* y, const float* dy, int64_t n))                                              \
  KERNEL(sigmoid, (float* y, const float* x, int64_t n))                                                                 \
  KERNEL(sigmoidGrad, (float* dx, const float* y, const float* dy, int64_t n))                                           \
  /* Words of the counters first, first + 1, ...: four a counter */                                                      \
  KERNEL(philoxWords, (uint32_t* words, uint32_t first, int64_t counters, Draws draws, uint32_t block))                  \
  /* Elements [begin, end) of the whole; keeps where the upper 24 bits of the draw are at least `threshold` */           \
  KERNEL(dropout, (float* y, const float* x, int64_t begin, int64_t end, uint32_t threshold, float scale, Draws draws))  \
  KERNEL(scaleColumns, (float* y, const float* x, const float* factor, int64_t rows, int64_t columns))                   \
  /* Sums are added to doubles in blocks of rows, so that they keep fp32's precision over millions of rows */            \
  KERNEL(columnSums, (double* sums, const float* x, int64_t rows, int64_t columns))                                      \
  KERNEL(columnSquares, (double* sums, const float* x, const float* mean, int64_t rows, int64_t columns))                \
  /* y = (x - mean) scale + shift */                                                                                     \
  KERNEL(batchNorm, (float* y, const float* x, const float* mean, const float* scale, const float* shift, int64_t rows,  \
                     int64_t columns))                                                                                   \
  /* dyXc = sum dy (x - mean) */                                                                                         \
  KERNEL(batchNormGradSums, (double* dy1, double* dyXc, const float* x, const float* dy, const float* mean,              \
                             int64_t rows, int64_t columns))                                                             \
  /* dx = scale (dy - a - (x - mean) b) */                                                                               \
  KERNEL(batchNormGrad, (float* dx, const float* x, const float* dy, const float* mean, const float* scale,              \
                         const float* a, const float* b, int64_t rows, int64_t columns))                                 \
  /* One image each */                                                                                                   \
  KERNEL(maxPool, (float* y, const float* x, const PoolShape& shape))                                                    \
  KERNEL(maxPoolGrad, (float* dx, const float* x, const float* y, const float* dy, const PoolShape& shape))              \
  KERNEL(avgPool, (float* y, const float* x, const PoolShape& shape))                                                    \
  KERNEL(avgPoolGrad, (float* dx, const float* dy, const PoolShape& shape))                                              \
  /* x padded; `winner`: which of its four pixels each pool took (row-major), 255 where ReLU cut the largest */           \
  KERNEL(convReluPool, (float* y, uint8_t* winner, const float* x, const float* w, const float* b,                       \
                        const ConvPoolShape& shape))                                                                     \
  /* Length of a kernel's row [kernelWidth * channels] rounded up to whole registers, as the two below lay kernels out: \
     [outChannels][kernelHeight][length] */                                                                              \
  KERNEL(convPoolRowLength, (int64_t* length, const ConvPoolShape& shape))                                               \
  /* Adds to dw and db [outChannels]; offsets and values: room for outHeight * outWidth + 1 */                           \
  KERNEL(convReluPoolGradFilter, (float* dw, float* db, const float* x, const float* dy, const uint8_t* winner,          \
                                  int32_t* offsets, float* values, const ConvPoolShape& shape))                          \
  /* Adds to dx, padded; channels and values: room for 5 * outChannels */                                                \
  KERNEL(convReluPoolGradInput, (float* dx, const float* w, const float* dy, const uint8_t* winner, int32_t* channels,   \
                                 float* values, const ConvPoolShape& shape))                                             \
  KERNEL(sgd, (float* w, float* v, const float* g, int64_t n, float rate, float momentum, bool nesterov, float decay))   \
  /* corrected rate = rate / (1 - beta1^t), root = sqrt(1 - beta2^t); keep = 1 - rate decay where decoupled, else 1; \
     share = 1 - beta, rounded once */                                                                                   \
  KERNEL(adam, (float* w, float* m, float* v, const float* g, int64_t n, float correctedRate, float root, float beta1,   \
                float share1, float beta2, float share2, float epsilon, float decay, float keep))                        \
  /* average = decay average + share w */                                                                                \
  KERNEL(blend, (float* average, const float* w, int64_t n, float decay, float share))                                  \
  /* slow = decay slow + (1 - decay) w, then w = pull slow + (1 - pull) w */                                             \
  KERNEL(lookahead, (float* slow, float* w, int64_t n, float decay, float pull))

#define TRAINYARD_KERNEL_FIELD(name, arguments) void(*name) arguments;
struct Kernels {
  const char* isa;
  TRAINYARD_KERNELS(TRAINYARD_KERNEL_FIELD)
};
#undef TRAINYARD_KERNEL_FIELD

#define TRAINYARD_KERNEL_DECLARATION(name, arguments) void name arguments;
#ifdef ISA
namespace ISA {
TRAINYARD_KERNELS(TRAINYARD_KERNEL_DECLARATION)
}
#endif
#undef TRAINYARD_KERNEL_DECLARATION

/** The set for the best instruction set of this processor. */
extern const Kernels& kernels;

}  // namespace trainyard
