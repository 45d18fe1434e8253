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

/** A stream of random words of Philox4x32-10; see packages/program/src/random.ts. */
struct RandomStream {
  uint32_t seed, id, step;
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

/** The columns of a panel. Matrices between Winograd's transforms are stored as [panels][rows][32]. */
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

/** For the types of the fields of `Kernels`, which are the same for every instruction set. */
namespace baseline {
#include "kernels/declarations.h"
}
#if defined(ISA)
namespace ISA {
#include "kernels/declarations.h"
}
#endif

/** Every kernel's name, in the order of the fields of `Kernels`. */
#define TRAINYARD_KERNELS(KERNEL) \
  KERNEL(normalize)               \
  KERNEL(add)                     \
  KERNEL(scale)                   \
  KERNEL(relu)                    \
  KERNEL(reluGrad)                \
  KERNEL(leakyRelu)               \
  KERNEL(leakyReluGrad)           \
  KERNEL(gelu)                    \
  KERNEL(geluGrad)                \
  KERNEL(tanh)                    \
  KERNEL(tanhGrad)                \
  KERNEL(sigmoid)                 \
  KERNEL(sigmoidGrad)             \
  KERNEL(philoxWords)             \
  KERNEL(dropout)                 \
  KERNEL(scaleColumns)            \
  KERNEL(copyColumns)             \
  KERNEL(columnSums)              \
  KERNEL(columnProducts)          \
  KERNEL(columnSquares)           \
  KERNEL(batchNorm)               \
  KERNEL(batchNormGradSums)       \
  KERNEL(batchNormGrad)           \
  KERNEL(maxPool)                 \
  KERNEL(maxPoolGrad)             \
  KERNEL(avgPool)                 \
  KERNEL(avgPoolGrad)             \
  KERNEL(convReluPool)            \
  KERNEL(convPoolRowLength)       \
  KERNEL(convReluPoolGradFilter)  \
  KERNEL(convReluPoolGradInput)   \
  KERNEL(winogradInput)           \
  KERNEL(winogradOutputGrad)      \
  KERNEL(winogradOutput)          \
  KERNEL(winogradFilter)          \
  KERNEL(winogradFilterGrad)      \
  KERNEL(winogradProduct)         \
  KERNEL(winogradProductGrad)     \
  KERNEL(sgd)                     \
  KERNEL(adam)                    \
  KERNEL(blend)                   \
  KERNEL(lookahead)

#define TRAINYARD_KERNEL_FIELD(name) decltype(&baseline::name) name;
/** The kernels of one instruction set. */
struct Kernels {
  const char* isa;
  TRAINYARD_KERNELS(TRAINYARD_KERNEL_FIELD)
};
#undef TRAINYARD_KERNEL_FIELD

/** The kernels for the best instruction set of this processor. */
extern const Kernels& kernels;

}  // namespace trainyard::cpu
