#pragma once

#include <cstdint>

/**
 * The inner loops, each on one thread over the part of the data it is given. Every file of this folder but choose.cpp
 * is compiled once for each instruction set, into the namespace ISA, and must therefore use no inline function of the
 * standard library: the linker keeps one copy of those, and it might be the one that this processor cannot run.
 * Rows are pixels (or images), columns channels; all is row-major and dense.
 */
namespace trainyard::cpu {

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
  /**
   * Output channels rounded up as the forward kernel reads them: w [kh][kw][channels][weightLanes], b [weightLanes].
   */
  int64_t weightLanes;
};
/** Floats that may be read and written behind the last pixel of a padded image. */
constexpr int64_t convPoolSlack = 64;
/** The longest row of a kernel (width * channels) that fits the registers of every instruction set. */
constexpr int64_t convPoolLongestRow = 64;

/** Columns of the matrices between Winograd's transforms lie in panels of this many: [panels][rows][32]. */
constexpr int64_t winogradPanel = 32;
/** Positions of a transformed 6x6 tile. */
constexpr int64_t winogradPositions = 36;

/** A batch of images and the 4x4 tiles over the convolution's output, counted row by row, image by image. */
struct WinogradMap {
  /** Of the images that are read or written. */
  int64_t height, width, channels;
  int64_t tilesHigh, tilesWide;
  /** How far the first tile begins above and left of the image. */
  int64_t top, left;
};

/** Transformed tiles, a matrix a position. */
struct WinogradBlock {
  /** A panel's rows, of which not all need be in use: a tile each. */
  int64_t rows;
  /** Floats from one position's matrix to the next one's. */
  int64_t position;
};

#define TRAINYARD_KERNELS(KERNEL)                                                                                      \
  /* y = pixel * scale + shift; scale and shift as long as x */                                                        \
  KERNEL(normalize, (float* y, const uint8_t* x, const float* scale, const float* shift, int64_t n))                   \
  KERNEL(add, (float* y, const float* a, const float* b, int64_t n))                                                   \
  KERNEL(scale, (float* y, const float* x, float factor, int64_t n))                                                   \
  /* relu is the slope 0 */                                                                                            \
  KERNEL(leakyRelu, (float* y, const float* x, float slope, int64_t n))                                                \
  KERNEL(leakyReluGrad, (float* dx, const float* y, const float* dy, float slope, int64_t n))                          \
  KERNEL(gelu, (float* y, const float* x, int64_t n))                                                                  \
  KERNEL(geluGrad, (float* dx, const float* x, const float* dy, int64_t n))                                            \
  KERNEL(tanh, (float* y, const float* x, int64_t n))                                                                  \
  KERNEL(tanhGrad, (float* dx, const float* y, const float* dy, int64_t n))                                            \
  KERNEL(sigmoid, (float* y, const float* x, int64_t n))                                                               \
  KERNEL(sigmoidGrad, (float* dx, const float* y, const float* dy, int64_t n))                                         \
  /* Words of the counters first, first + 1, ...: four a counter */                                                    \
  KERNEL(philoxWords, (uint32_t * words, uint32_t first, int64_t counters, Draws draws, uint32_t block))               \
  /* Elements [begin, end) of the whole; keeps where the upper 24 bits of the draw are at least `threshold` */         \
  KERNEL(dropout,                                                                                                      \
         (float* y, const float* x, int64_t begin, int64_t end, uint32_t threshold, float scale, Draws draws))         \
  KERNEL(scaleColumns, (float* y, const float* x, const float* factor, int64_t rows, int64_t columns))                 \
  /* Sums are added to doubles in blocks of rows, so that they keep fp32's precision over millions of rows */          \
  KERNEL(columnSums, (double* sums, const float* x, int64_t rows, int64_t columns))                                    \
  KERNEL(columnSquares, (double* sums, const float* x, const float* mean, int64_t rows, int64_t columns))              \
  /* y = (x - mean) scale + shift */                                                                                   \
  KERNEL(batchNorm, (float* y, const float* x, const float* mean, const float* scale, const float* shift,              \
                     int64_t rows, int64_t columns))                                                                   \
  /* dyXc = sum dy (x - mean) */                                                                                       \
  KERNEL(batchNormGradSums, (double* dy1, double* dyXc, const float* x, const float* dy, const float* mean,            \
                             int64_t rows, int64_t columns))                                                           \
  /* dx = scale (dy - a - (x - mean) b) */                                                                             \
  KERNEL(batchNormGrad, (float* dx, const float* x, const float* dy, const float* mean, const float* scale,            \
                         const float* a, const float* b, int64_t rows, int64_t columns))                               \
  /* One image each */                                                                                                 \
  KERNEL(maxPool, (float* y, const float* x, const PoolShape& shape))                                                  \
  KERNEL(maxPoolGrad, (float* dx, const float* x, const float* y, const float* dy, const PoolShape& shape))            \
  KERNEL(avgPool, (float* y, const float* x, const PoolShape& shape))                                                  \
  KERNEL(avgPoolGrad, (float* dx, const float* dy, const PoolShape& shape))                                            \
  /* x padded; `winner`: which of its four pixels each pool took (row-major), 255 where ReLU cut the largest */        \
  KERNEL(convReluPool,                                                                                                 \
         (float* y, uint8_t* winner, const float* x, const float* w, const float* b, const ConvPoolShape& shape))      \
  /* Length of a kernel's row [kernelWidth * channels] rounded up to whole registers, as the two below lay kernels     \
     out: [outChannels][kernelHeight][length] */                                                                       \
  KERNEL(convPoolRowLength, (int64_t * length, const ConvPoolShape& shape))                                            \
  /* Adds to dw and db [outChannels]; offsets and values: room for outHeight * outWidth + 1 */                         \
  KERNEL(convReluPoolGradFilter, (float* dw, float* db, const float* x, const float* dy, const uint8_t* winner,        \
                                  int32_t* offsets, float* values, const ConvPoolShape& shape))                        \
  /* Adds to dx, padded; channels and values: room for 5 * outChannels */                                              \
  KERNEL(convReluPoolGradInput, (float* dx, const float* w, const float* dy, const uint8_t* winner, int32_t* channels, \
                                 float* values, const ConvPoolShape& shape))                                           \
  /* x [B,H,W,C] -> v [36][tiles][C] of the tiles from `first` on */                                                   \
  KERNEL(winogradInput,                                                                                                \
         (float* v, const float* x, const WinogradMap& map, int64_t first, int64_t tiles, const WinogradBlock& block)) \
  /* dy [B,H',W',O] -> dm [36][tiles][O] */                                                                            \
  KERNEL(winogradOutputGrad, (float* dm, const float* dy, const WinogradMap& map, int64_t first, int64_t tiles,        \
                              const WinogradBlock& block))                                                             \
  /* m [36][tiles][O] -> y [B,H',W',O] with bias (or null) and a leaky ReLU where activated */                         \
  KERNEL(winogradOutput, (float* y, const float* m, const float* bias, bool activated, float slope,                    \
                          const WinogradMap& map, int64_t first, int64_t tiles, const WinogradBlock& block))           \
  /* w [3,3,C,O] -> u [36][C][O] of the channels [first, end), and back */                                             \
  KERNEL(winogradFilter,                                                                                               \
         (float* u, const float* w, int64_t channels, int64_t filters, int64_t first, int64_t end, int64_t position))  \
  KERNEL(winogradFilterGrad, (float* dw, const float* du, int64_t channels, int64_t filters, int64_t first,            \
                              int64_t end, int64_t position))                                                          \
  /* One position: m = v u */                                                                                          \
  KERNEL(winogradProduct, (float* m, const float* v, const float* u, int64_t rows, int64_t channels, int64_t filters,  \
                           const WinogradBlock& block))                                                                \
  /* One position, the channels of one panel: du = or += v^T dm */                                                     \
  KERNEL(winogradProductGrad, (float* du, const float* v, const float* dm, int64_t rows, int64_t channels,             \
                               int64_t filters, int64_t panel, bool add, const WinogradBlock& block))                  \
  KERNEL(sgd, (float* w, float* v, const float* g, int64_t n, float rate, float momentum, bool nesterov, float decay)) \
  /* corrected rate = rate / (1 - beta1^t), root = sqrt(1 - beta2^t); keep = 1 - rate decay where decoupled, else 1;   \
     share = 1 - beta, rounded once */                                                                                 \
  KERNEL(adam, (float* w, float* m, float* v, const float* g, int64_t n, float correctedRate, float root, float beta1, \
                float share1, float beta2, float share2, float epsilon, float decay, float keep))                      \
  /* average = decay average + share w */                                                                              \
  KERNEL(blend, (float* average, const float* w, int64_t n, float decay, float share))                                 \
  /* slow = decay slow + (1 - decay) w, then w = pull slow + (1 - pull) w */                                           \
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

}  // namespace trainyard::cpu
