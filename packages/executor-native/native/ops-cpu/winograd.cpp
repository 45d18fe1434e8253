#include "ops-cpu/winograd.h"

#include <cstring>

#include "ops-cpu/parts.h"

namespace trainyard::winograd {
namespace {

constexpr int64_t positions = winogradPositions;

int64_t inPanels(int64_t channels) { return (channels + winogradPanel - 1) / winogradPanel * winogradPanel; }

/** Floats of one position's matrix. Not a multiple of a big power of two: then all positions would share a few sets of the cache. */
int64_t positionSize(int64_t rows, int64_t columns) { return rows * inPanels(columns) + 3 * 16; }

/**
 * Tiles of a block: as many as keep their `columns` transformed channels within `bytes`, but at least `least`. The products'
 * row counts divide 24.
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
  return mapsOf(s.batch, {s.height, s.width, s.channels, 0, 0, s.top, s.left}, {s.outHeight, s.outWidth, s.outChannels, 0, 0, 0, 0});
}

/** The input's gradient is a convolution of the output's with the filters turned round. */
Maps gradInputMaps(const ConvolutionShape& s) {
  return mapsOf(s.batch, {s.outHeight, s.outWidth, s.outChannels, 0, 0, 2 - s.top, 2 - s.left},
                {s.height, s.width, s.channels, 0, 0, 0, 0});
}

/** Transformed filters, shared, and each thread's block of tiles, which the second-level cache holds where channels are few. */
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

/** Sums of a transformed filter, and a block of tiles of input and of output gradient. */
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
    v = parts.take<float>(positions * vBlock.position);
    dm = parts.take<float>(positions * mBlock.position);
    bytes = parts.used();
  }
  float *du, *v, *dm;
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

void gradFilter(const FilterScratch& s, const Maps& maps, const float* x, const float* dy, float* dw, float* db) {
  const int64_t channels = maps.from.channels, filters = maps.to.channels;
  const int64_t panels = inPanels(channels) / winogradPanel;
  if (db) std::memset(db, 0, filters * sizeof(float));
  for (int64_t first = 0; first < maps.tiles; first += s.vBlock.rows) {
    const int64_t tiles = std::min(s.vBlock.rows, maps.tiles - first);
    parallel(tiles, 1, [&](int64_t begin, int64_t end, int) {
      kernels.winogradInput(s.v + begin * winogradPanel, x, maps.from, first + begin, end - begin, s.vBlock);
      kernels.winogradOutputGrad(s.dm + begin * winogradPanel, dy, maps.to, first + begin, end - begin, s.mBlock);
    });
    parallel(positions * panels, 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t job = begin; job < end; job++) {
        const int64_t p = job / panels;
        kernels.winogradProductGrad(s.du + p * s.uPosition, s.v + p * s.vBlock.position, s.dm + p * s.mBlock.position,
                                    tiles, channels, filters, job % panels, first > 0, s.vBlock);
      }
    });
    if (db) addToBias(db, s.dm + sumPosition * s.mBlock.position, filters, tiles, s.mBlock.rows);
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
