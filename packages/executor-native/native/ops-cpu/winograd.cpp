#include "ops-cpu/winograd.h"

#include <cstring>

#include "ops-cpu/parts.h"

namespace trainyard::winograd {
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

/** The convolution of `from` with padding around it gives `to`, tile by tile. */
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
 * Transformed filters, shared, and each thread's block of tiles, which the second-level cache holds where channels are
 * few.
 */
struct ForwardScratch {
  ForwardScratch(std::byte* scratch, const Maps& maps) {
    Parts parts(scratch);
    const int64_t channels = maps.from.channels, filters = maps.to.channels;
    const int64_t rows = tilesWithin(int64_t{1} << 20, channels + filters, 24, maps.tiles);
    uPosition = positionSize(channels, filters);
    u = parts.take<float>(positions * uPosition);
    vBlock = {rows, positionSize(rows, channels)};
    mBlock = {rows, positionSize(rows, filters)};
    blockSize = positions * (vBlock.position + mBlock.position);
    blocks = parts.take<float>(blockSize * omp_get_max_threads());
    turned = parts.take<float>(9 * channels * filters);
    bytes = parts.used();
  }
  float *u, *blocks, *turned;
  int64_t uPosition, blockSize;
  WinogradBlock vBlock, mBlock;
  size_t bytes;
};

void convolve(const ForwardScratch& s, const Maps& maps, const float* x, const float* w, const float* b, float* y,
              Activated activated) {
  const int64_t channels = maps.from.channels, filters = maps.to.channels;
  parallel(channels, std::max<int64_t>(1, worthSharing / (36 * filters)), [&](int64_t begin, int64_t end, int) {
    kernels.winogradFilter(s.u, w, channels, filters, begin, end, s.uPosition);
  });
  parallel(maps.tiles, 1, [&](int64_t begin, int64_t end, int thread) {
    float *v = s.blocks + thread * s.blockSize, *m = v + positions * s.vBlock.position;
    for (int64_t first = begin; first < end; first += s.vBlock.rows) {
      const int64_t tiles = std::min(s.vBlock.rows, end - first);
      kernels.winogradInput(v, x, maps.from, first, tiles, s.vBlock);
      for (int64_t p = 0; p < positions; p++)
        kernels.winogradProduct(m + p * s.mBlock.position, v + p * s.vBlock.position, s.u + p * s.uPosition, tiles,
                                channels, filters, s.vBlock);
      kernels.winogradOutput(y, m, b, activated.any, activated.slope, maps.to, first, tiles, s.mBlock);
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

/** Sums of a transformed filter, and two blocks of tiles of input and of output gradient. */
struct FilterScratch {
  FilterScratch(std::byte* scratch, const Maps& maps) {
    Parts parts(scratch);
    const int64_t channels = maps.from.channels, filters = maps.to.channels;
    // Fewer would read and write the sums, which no second-level cache holds, too often.
    const int64_t rows = tilesWithin(int64_t{2} << 20, channels + filters, 72, maps.tiles);
    uPosition = positionSize(channels, filters);
    du = parts.take<float>(positions * uPosition);
    vBlock = {rows, positionSize(rows, channels)};
    mBlock = {rows, positionSize(rows, filters)};
    for (int i = 0; i < 2; i++) {
      v[i] = parts.take<float>(positions * vBlock.position);
      dm[i] = parts.take<float>(positions * mBlock.position);
    }
    bytes = parts.used();
  }
  float *du, *v[2], *dm[2];
  int64_t uPosition;
  WinogradBlock vBlock, mBlock;
  size_t bytes;
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
  FilterPart(const FilterScratch& s, const Maps& maps, const float* x, const float* dy, float* db, int64_t thread,
             int64_t threads)
      : s_(s), maps_(maps), x_(x), dy_(dy), db_(db), thread_(thread), threads_(threads) {}

  int64_t blocks() const { return (maps_.tiles + s_.vBlock.rows - 1) / s_.vBlock.rows; }

  void transform(int64_t block) const {
    const int64_t n = tilesOf(block), begin = n * thread_ / threads_, tiles = n * (thread_ + 1) / threads_ - begin;
    const int64_t first = block * s_.vBlock.rows + begin, offset = begin * winogradPanel;
    kernels.winogradInput(s_.v[block % 2] + offset, x_, maps_.from, first, tiles, s_.vBlock);
    kernels.winogradOutputGrad(s_.dm[block % 2] + offset, dy_, maps_.to, first, tiles, s_.mBlock);
  }

  void multiply(int64_t block) const {
    const int64_t channels = maps_.from.channels, filters = maps_.to.channels, tiles = tilesOf(block);
    const int64_t panels = inPanels(channels) / winogradPanel, jobs = positions * panels;
    for (int64_t job = jobs * thread_ / threads_; job < jobs * (thread_ + 1) / threads_; job++) {
      const int64_t p = job / panels;
      const float *v = s_.v[block % 2] + p * s_.vBlock.position, *dm = s_.dm[block % 2] + p * s_.mBlock.position;
      kernels.winogradProductGrad(s_.du + p * s_.uPosition, v, dm, tiles, channels, filters, job % panels, block > 0,
                                  s_.vBlock);
      if (db_ && job == sumPosition * panels) addToBias(db_, dm, filters, tiles, s_.mBlock.rows);
    }
  }

 private:
  int64_t tilesOf(int64_t block) const { return std::min(s_.vBlock.rows, maps_.tiles - block * s_.vBlock.rows); }

  const FilterScratch& s_;
  const Maps& maps_;
  const float *x_, *dy_;
  float* db_;
  int64_t thread_, threads_;
};

void gradFilter(const FilterScratch& s, const Maps& maps, const float* x, const float* dy, float* dw, float* db) {
  const int64_t channels = maps.from.channels, filters = maps.to.channels;
  if (db) std::memset(db, 0, filters * sizeof(float));
#pragma omp parallel
  {
    const FilterPart part(s, maps, x, dy, db, omp_get_thread_num(), omp_get_num_threads());
    part.transform(0);
    // The threads wait for one another once a block: the next block is transformed into the other of the two buffers.
    for (int64_t block = 0; block < part.blocks(); block++) {
#pragma omp barrier
      part.multiply(block);
      if (block + 1 < part.blocks()) part.transform(block + 1);
    }
  }
  parallel(channels, std::max<int64_t>(1, worthSharing / (36 * filters)), [&](int64_t begin, int64_t end, int) {
    kernels.winogradFilterGrad(dw, s.du, channels, filters, begin, end, s.uPosition);
  });
}

}  // namespace

bool suits(const ConvolutionShape& s) {
  const bool formula = s.kernelHeight == 3 && s.kernelWidth == 3 && s.strideHeight == 1 && s.strideWidth == 1 &&
                       s.top <= 2 && s.left <= 2;
  if (!formula || s.channels < 16 || s.outChannels < 16) return false;
  // A batch of few pixels does not pay for its filters' transform, nor do tiles that lie half outside of the map.
  const int64_t pixels = s.batch * s.outHeight * s.outWidth, covered = 16 * forwardMaps(s).tiles;
  return pixels >= 24 * 16 && 2 * pixels >= covered;
}

PreparedOp convolution(const ConvolutionShape& shape, float* x, float* w, float* b, float* y, Activated activated) {
  const Maps maps = forwardMaps(shape);
  return {[=](std::byte* scratch) { convolve(ForwardScratch(scratch, maps), maps, x, w, b, y, activated); },
          ForwardScratch(nullptr, maps).bytes};
}

PreparedOp convolutionGradInput(const ConvolutionShape& shape, float* dy, float* w, float* dx) {
  const Maps maps = gradInputMaps(shape);
  return {[=](std::byte* memory) {
            const ForwardScratch scratch(memory, maps);
            turn(scratch.turned, w, shape.channels, shape.outChannels);
            convolve(scratch, maps, dy, scratch.turned, nullptr, dx, {});
          },
          ForwardScratch(nullptr, maps).bytes};
}

PreparedOp convolutionGradFilter(const ConvolutionShape& shape, float* x, float* dy, float* dw, float* db) {
  const Maps maps = forwardMaps(shape);
  return {[=](std::byte* scratch) { gradFilter(FilterScratch(scratch, maps), maps, x, dy, dw, db); },
          FilterScratch(nullptr, maps).bytes};
}

}  // namespace trainyard::winograd
