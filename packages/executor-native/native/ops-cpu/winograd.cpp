#include "ops-cpu/winograd.h"

#include <cstring>

#include "ops-cpu/scratch_layout.h"

namespace trainyard::cpu::winograd {
namespace {

constexpr int64_t positions = winogradPositions;

int64_t inPanels(int64_t channels) { return (channels + winogradPanel - 1) / winogradPanel * winogradPanel; }

/**
 * Floats of one position's matrix. Not a multiple of a big power of two: then all positions would share a few sets of
 * the cache.
 */
int64_t positionSize(int64_t rows, int64_t columns) { return rows * inPanels(columns) + 3 * 16; }

/**
 * Tiles of a block: as many as keep their `columns` transformed channels within `bytes`, but at least `least`. The
 * products' row counts divide 24.
 */
int64_t tilesWithin(int64_t bytes, int64_t columns, int64_t least, int64_t tiles) {
  const int64_t fitting = bytes / (positions * inPanels(columns) * static_cast<int64_t>(sizeof(float))) / 24 * 24;
  return std::min(tiles, std::max(least, fitting));
}

/** A convolution reads `from`, with padding around it, and writes `to`, tile by tile. */
struct Maps {
  WinogradMap from, to;
  int64_t tiles;
};

Maps mapsOf(int64_t batch, const WinogradMap& from, const WinogradMap& to) {
  Maps maps{from, to, 0};
  const int64_t high = (to.height + 3) / 4, wide = (to.width + 3) / 4;
  maps.from.tilesHigh = maps.to.tilesHigh = high;
  maps.from.tilesWide = maps.to.tilesWide = wide;
  maps.tiles = batch * high * wide;
  return maps;
}

Maps forwardMaps(const ConvolutionShape& s) {
  return mapsOf(s.batch, {s.height, s.width, s.channels, 0, 0, s.top, s.left},
                {s.outHeight, s.outWidth, s.outChannels, 0, 0, 0, 0});
}

/** The input's gradient is a convolution of the output's with the filters turned round. */
Maps gradInputMaps(const ConvolutionShape& s) {
  return mapsOf(s.batch, {s.outHeight, s.outWidth, s.outChannels, 0, 0, 2 - s.top, 2 - s.left},
                {s.height, s.width, s.channels, 0, 0, 0, 0});
}

/**
 * Scratch memory of a convolution: the transformed filters, which all threads share, and each thread's block of tiles,
 * which the second-level cache holds if channels are few.
 */
struct ForwardScratch {
  explicit ForwardScratch(const Maps& maps) {
    const int64_t channels = maps.from.channels, filters = maps.to.channels;
    const int64_t rows = tilesWithin(int64_t{1} << 20, channels + filters, 24, maps.tiles);
    uPosition = positionSize(channels, filters);
    u = layout.add<float>(positions * uPosition);
    vBlock = {rows, positionSize(rows, channels)};
    mBlock = {rows, positionSize(rows, filters)};
    blockSize = positions * (vBlock.position + mBlock.position);
    blocks = layout.add<float>(blockSize * omp_get_max_threads());
    turned = layout.add<float>(9 * channels * filters);
  }
  ScratchLayout layout;
  ScratchPart<float> u, blocks, turned;
  int64_t uPosition, blockSize;
  WinogradBlock vBlock, mBlock;
};

void convolve(const ForwardScratch& parts, std::byte* scratch, const Maps& maps, const float* x, const float* w,
              const float* b, float* y, FusedActivation activation) {
  const int64_t channels = maps.from.channels, filters = maps.to.channels;
  float *u = parts.u.in(scratch), *blocks = parts.blocks.in(scratch);
  parallel(channels, std::max<int64_t>(1, worthSharing / (36 * filters)), [&](int64_t begin, int64_t end, int) {
    kernels.winogradFilter(u, w, channels, filters, begin, end, parts.uPosition);
  });
  parallel(maps.tiles, 1, [&](int64_t begin, int64_t end, int thread) {
    float *v = blocks + thread * parts.blockSize, *m = v + positions * parts.vBlock.position;
    for (int64_t first = begin; first < end; first += parts.vBlock.rows) {
      const int64_t tiles = std::min(parts.vBlock.rows, end - first);
      kernels.winogradInput(v, x, maps.from, first, tiles, parts.vBlock);
      for (int64_t p = 0; p < positions; p++)
        kernels.winogradProduct(m + p * parts.mBlock.position, v + p * parts.vBlock.position, u + p * parts.uPosition,
                                tiles, channels, filters, parts.vBlock);
      kernels.winogradOutput(y, m, b, activation.any, activation.slope, maps.to, first, tiles, parts.mBlock);
    }
  });
}

/** turned [3,3,O,C] = w [3,3,C,O] with its taps in the opposite order. */
void turn(float* turned, const float* w, int64_t channels, int64_t filters) {
  constexpr int64_t side = 16;
  parallel(9 * channels, std::max<int64_t>(1, worthSharing / filters), [&](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end;) {
      const int64_t tap = row / channels, k = row % channels, rows = std::min({side, channels - k, end - row});
      const float* from = w + row * filters;
      float* to = turned + (8 - tap) * channels * filters + k;
      for (int64_t o = 0; o < filters; o++)
        for (int64_t r = 0; r < rows; r++) to[o * channels + r] = from[r * filters + o];
      row += rows;
    }
  });
}

/** Scratch memory of a filter gradient: sums of a transformed filter, and two blocks of tiles of x and of dy. */
struct FilterScratch {
  explicit FilterScratch(const Maps& maps) {
    const int64_t channels = maps.from.channels, filters = maps.to.channels;
    // Fewer would read and write the sums, which no second-level cache holds, too often.
    const int64_t rows = tilesWithin(int64_t{2} << 20, channels + filters, 72, maps.tiles);
    uPosition = positionSize(channels, filters);
    du = layout.add<float>(positions * uPosition);
    vBlock = {rows, positionSize(rows, channels)};
    mBlock = {rows, positionSize(rows, filters)};
    for (int i = 0; i < 2; i++) {
      v[i] = layout.add<float>(positions * vBlock.position);
      dm[i] = layout.add<float>(positions * mBlock.position);
    }
  }
  ScratchLayout layout;
  ScratchPart<float> du, v[2], dm[2];
  int64_t uPosition;
  WinogradBlock vBlock, mBlock;
};

/** At this position the transform of a tile's gradient is the sum of its pixels. */
constexpr int64_t sumPosition = 7;

void addToBias(float* db, const float* dm, int64_t filters, int64_t tiles, int64_t rows) {
  for (int64_t f = 0; f < filters; f += winogradPanel)
    for (int64_t t = 0; t < tiles; t++)
      for (int64_t o = f; o < std::min(filters, f + winogradPanel); o++)
        db[o] += dm[f * rows + t * winogradPanel + o - f];
}

/**
 * One thread's part of the filter's gradient: of a block's transforms by tiles, of its products by positions and
 * panels.
 */
class FilterPart {
 public:
  FilterPart(const FilterScratch& parts, std::byte* scratch, const Maps& maps, const float* x, const float* dy,
             float* db, int64_t thread, int64_t threads)
      : parts_(parts), scratch_(scratch), maps_(maps), x_(x), dy_(dy), db_(db), thread_(thread), threads_(threads) {}

  int64_t blocks() const { return (maps_.tiles + parts_.vBlock.rows - 1) / parts_.vBlock.rows; }

  void transform(int64_t block) const {
    const int64_t n = tilesOf(block), begin = n * thread_ / threads_, tiles = n * (thread_ + 1) / threads_ - begin;
    const int64_t first = block * parts_.vBlock.rows + begin, offset = begin * winogradPanel;
    kernels.winogradInput(parts_.v[block % 2].in(scratch_) + offset, x_, maps_.from, first, tiles, parts_.vBlock);
    kernels.winogradOutputGrad(parts_.dm[block % 2].in(scratch_) + offset, dy_, maps_.to, first, tiles, parts_.mBlock);
  }

  void multiply(int64_t block) const {
    const int64_t channels = maps_.from.channels, filters = maps_.to.channels, tiles = tilesOf(block);
    const int64_t panels = inPanels(channels) / winogradPanel, jobs = positions * panels;
    const float *blockV = parts_.v[block % 2].in(scratch_), *blockDm = parts_.dm[block % 2].in(scratch_);
    float* du = parts_.du.in(scratch_);
    for (int64_t job = jobs * thread_ / threads_; job < jobs * (thread_ + 1) / threads_; job++) {
      const int64_t p = job / panels;
      const float *v = blockV + p * parts_.vBlock.position, *dm = blockDm + p * parts_.mBlock.position;
      kernels.winogradProductGrad(du + p * parts_.uPosition, v, dm, tiles, channels, filters, job % panels, block > 0,
                                  parts_.vBlock);
      if (db_ && job == sumPosition * panels) addToBias(db_, dm, filters, tiles, parts_.mBlock.rows);
    }
  }

 private:
  int64_t tilesOf(int64_t block) const {
    return std::min(parts_.vBlock.rows, maps_.tiles - block * parts_.vBlock.rows);
  }

  const FilterScratch& parts_;
  std::byte* const scratch_;
  const Maps& maps_;
  const float *x_, *dy_;
  float* db_;
  int64_t thread_, threads_;
};

void gradFilter(const FilterScratch& parts, std::byte* scratch, const Maps& maps, const float* x, const float* dy,
                float* dw, float* db) {
  const int64_t channels = maps.from.channels, filters = maps.to.channels;
  if (db) std::memset(db, 0, filters * sizeof(float));
#pragma omp parallel
  {
    const FilterPart part(parts, scratch, maps, x, dy, db, omp_get_thread_num(), omp_get_num_threads());
    part.transform(0);
    // The threads wait for one another once a block: the next block is transformed into the other of the two buffers.
    for (int64_t block = 0; block < part.blocks(); block++) {
#pragma omp barrier
      part.multiply(block);
      if (block + 1 < part.blocks()) part.transform(block + 1);
    }
  }
  parallel(channels, std::max<int64_t>(1, worthSharing / (36 * filters)), [&](int64_t begin, int64_t end, int) {
    kernels.winogradFilterGrad(dw, parts.du.in(scratch), channels, filters, begin, end, parts.uPosition);
  });
}

}  // namespace

bool suits(const ConvolutionShape& s) {
  const bool formula = s.kernelHeight == 3 && s.kernelWidth == 3 && s.strideHeight == 1 && s.strideWidth == 1 &&
                       s.dilationHeight == 1 && s.dilationWidth == 1 && s.groups == 1 && s.top <= 2 && s.left <= 2;
  if (!formula || s.channels < 16 || s.outChannels < 16) return false;
  // With few pixels the transform of the filters costs more than it saves, as do tiles that are half outside the map.
  const int64_t pixels = s.batch * s.outHeight * s.outWidth, covered = 16 * forwardMaps(s).tiles;
  return pixels >= 24 * 16 && 2 * pixels >= covered;
}

PreparedOp convolution(const ConvolutionShape& shape, float* x, float* w, float* b, float* y,
                       FusedActivation activation) {
  const Maps maps = forwardMaps(shape);
  const ForwardScratch parts(maps);
  return {[=](std::byte* scratch) { convolve(parts, scratch, maps, x, w, b, y, activation); }, parts.layout.bytes()};
}

PreparedOp convolutionGradInput(const ConvolutionShape& shape, float* dy, float* w, float* dx) {
  const Maps maps = gradInputMaps(shape);
  const ForwardScratch parts(maps);
  return {[=](std::byte* scratch) {
            float* turned = parts.turned.in(scratch);
            turn(turned, w, shape.channels, shape.outChannels);
            convolve(parts, scratch, maps, dy, turned, nullptr, dx, {});
          },
          parts.layout.bytes()};
}

PreparedOp convolutionGradFilter(const ConvolutionShape& shape, float* x, float* dy, float* dw, float* db) {
  const Maps maps = forwardMaps(shape);
  const FilterScratch parts(maps);
  return {[=](std::byte* scratch) { gradFilter(parts, scratch, maps, x, dy, dw, db); }, parts.layout.bytes()};
}

}  // namespace trainyard::cpu::winograd
