#include "kernels/kernels.h"
#include "kernels/lanes.h"

/**
 * The transforms of Winograd's F(4x4,3x3) at the points 0, 1, -1, 2, -2 and infinity (Lavin and Gray, "Fast algorithms
 * for convolutional neural networks", 2016): a 4x4 tile of the output is A^T [(G g G^T) * (B^T d B)] A, with g the 3x3
 * filter and d the 6x6 pixels that the tile sees. The gradients are the same products transposed. Each step below
 * multiplies one of these matrices with a column of registers.
 */
namespace trainyard::cpu::ISA {
namespace {

struct TimesB {  // 6 -> 6
  static constexpr int from = 6, to = 6;
  static inline void apply(const Floats* d, Floats* t) {
    const Floats a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], c = d[4] - d[2], e = 2 * (d[3] - d[1]);
    t[0] = 4 * d[0] - 5 * d[2] + d[4];
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + e;
    t[4] = c - e;
    t[5] = 4 * d[1] - 5 * d[3] + d[5];
  }
};

struct TimesA {  // 6 -> 4
  static constexpr int from = 6, to = 4;
  static inline void apply(const Floats* m, Floats* y) {
    const Floats s = m[1] + m[2], d = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4];
    y[0] = m[0] + s + s2;
    y[1] = d + 2 * d2;
    y[2] = s + 4 * s2;
    y[3] = d + 8 * d2 + m[5];
  }
};

struct TimesATransposed {  // 4 -> 6
  static constexpr int from = 4, to = 6;
  static inline void apply(const Floats* y, Floats* m) {
    const Floats a = y[0] + y[2], b = y[1] + y[3], c = y[0] + 4 * y[2], e = 2 * y[1] + 8 * y[3];
    m[0] = y[0];
    m[1] = a + b;
    m[2] = a - b;
    m[3] = c + e;
    m[4] = c - e;
    m[5] = y[3];
  }
};

struct TimesG {  // 3 -> 6
  static constexpr int from = 3, to = 6;
  static inline void apply(const Floats* g, Floats* u) {
    const Floats s = (g[0] + g[2]) * (-1.0f / 6), h = g[1] * (1.0f / 6);
    const Floats q = g[0] * (1.0f / 24) + g[2] * (1.0f / 6), r = g[1] * (1.0f / 12);
    u[0] = g[0] * 0.25f;
    u[1] = s - h;
    u[2] = s + h;
    u[3] = q + r;
    u[4] = q - r;
    u[5] = g[2];
  }
};

struct TimesGTransposed {  // 6 -> 3
  static constexpr int from = 6, to = 3;
  static inline void apply(const Floats* u, Floats* g) {
    const Floats s = (u[1] + u[2]) * (-1.0f / 6), s2 = u[3] + u[4];
    g[0] = u[0] * 0.25f + s + s2 * (1.0f / 24);
    g[1] = (u[2] - u[1]) * (1.0f / 6) + (u[3] - u[4]) * (1.0f / 12);
    g[2] = s + s2 * (1.0f / 6) + u[5];
  }
};

/** read(row, column) returns the pixels of a square, write(row, column, value) stores those of the transformed one. */
template <class Times, class Read, class Write>
inline void transform(const Read& read, const Write& write) {
  Floats half[Times::from][Times::to];
  for (int r = 0; r < Times::from; r++) {
    Floats row[Times::from];
#pragma GCC unroll 6
    for (int c = 0; c < Times::from; c++) row[c] = read(r, c);
    Times::apply(row, half[r]);
  }
  for (int c = 0; c < Times::to; c++) {
    Floats column[Times::from], result[Times::to];
#pragma GCC unroll 6
    for (int r = 0; r < Times::from; r++) column[r] = half[r][c];
    Times::apply(column, result);
#pragma GCC unroll 6
    for (int r = 0; r < Times::to; r++) write(r, c, result[r]);
  }
}

/**
 * Pixels [rowBegin, rowEnd) x [columnBegin, columnEnd) of a tile are within the map; `origin` is the offset that
 * pixel 0, 0 would have.
 */
struct Place {
  Place(const WinogradMap& map, int64_t tile, int64_t top, int64_t left) {
    const int64_t j = tile % map.tilesWide, i = tile / map.tilesWide % map.tilesHigh;
    const int64_t image = tile / map.tilesWide / map.tilesHigh;
    const int64_t row = i * 4 - top, column = j * 4 - left;
    origin = ((image * map.height + row) * map.width + column) * map.channels;
    rowBegin = -row;
    rowEnd = map.height - row;
    columnBegin = -column;
    columnEnd = map.width - column;
  }
  bool has(int64_t r, int64_t c) const { return r >= rowBegin && r < rowEnd && c >= columnBegin && c < columnEnd; }
  int64_t distanceTo(const Place& other) const { return other.origin - origin; }
  int64_t origin, rowBegin, rowEnd, columnBegin, columnEnd;
};

/** Calls body(first channel, channels that exist, offset of its lanes in a block of `rows` rows) a register. */
template <class Body>
inline void eachRegister(int64_t channels, int64_t rows, const Body& body) {
  for (int64_t c = 0; c < channels; c += lanes) {
    const int64_t n = channels - c < lanes ? channels - c : lanes;
    body(c, n, c / winogradPanel * rows * winogradPanel + c % winogradPanel);
  }
}

/** Of the map's pixels under `Times`, into rows of a block. The next tile's pixels are fetched meanwhile. */
template <class Times>
inline void transformTiles(float* to, const float* from, const WinogradMap& map, int64_t first, int64_t tiles,
                           const WinogradBlock& block) {
  for (int64_t t = 0; t < tiles; t++) {
    const Place place(map, first + t, map.top, map.left);
    const int64_t toNextTile = place.distanceTo(Place(map, first + t + 1, map.top, map.left));
    eachRegister(map.channels, block.rows, [&](int64_t channel, int64_t n, int64_t offset) {
      const float* pixels = from + place.origin + channel;
      float* row = to + offset + t * winogradPanel;
      transform<Times>(
          [&](int r, int c) {
            const float* pixel = pixels + (r * map.width + c) * map.channels;
            __builtin_prefetch(pixel + toNextTile);
            if (!place.has(r, c)) return Floats{};
            return n == lanes ? load(pixel) : loadSome(pixel, n);
          },
          [&](int r, int c, Floats value) { store(row + (r * 6 + c) * block.position, value); });
    });
  }
}

}  // namespace

void winogradInput(float* v, const float* x, const WinogradMap& map, int64_t first, int64_t tiles,
                   const WinogradBlock& block) {
  transformTiles<TimesB>(v, x, map, first, tiles, block);
}

void winogradOutputGrad(float* dm, const float* dy, const WinogradMap& map, int64_t first, int64_t tiles,
                        const WinogradBlock& block) {
  transformTiles<TimesATransposed>(dm, dy, map, first, tiles, block);
}

void winogradOutput(float* y, const float* m, const float* bias, bool activated, float slope, const WinogradMap& map,
                    int64_t first, int64_t tiles, const WinogradBlock& block) {
  for (int64_t t = 0; t < tiles; t++) {
    const Place place(map, first + t, 0, 0);
    const int64_t toNextTile = place.distanceTo(Place(map, first + t + 1, 0, 0));
    eachRegister(map.channels, block.rows, [&](int64_t channel, int64_t n, int64_t offset) {
      const float* row = m + offset + t * winogradPanel;
      float* pixels = y + place.origin + channel;
      Floats b = {};
      if (bias != nullptr) b = n == lanes ? load(bias + channel) : loadSome(bias + channel, n);
      transform<TimesA>([&](int r, int c) { return load(row + (r * 6 + c) * block.position); },
                        [&](int r, int c, Floats value) {
                          if (!place.has(r, c)) return;
                          value += b;
                          if (activated) value = value <= 0 ? (slope == 0 ? Floats{} : slope * value) : value;
                          float* pixel = pixels + (r * map.width + c) * map.channels;
                          __builtin_prefetch(pixel + toNextTile, 1);
                          if (n == lanes)
                            store(pixel, value);
                          else
                            storeSome(pixel, value, n);
                        });
    });
  }
}

void winogradFilter(float* u, const float* w, int64_t channels, int64_t filters, int64_t first, int64_t end,
                    int64_t position) {
  for (int64_t k = first; k < end; k++)
    eachRegister(filters, channels, [&](int64_t filter, int64_t n, int64_t offset) {
      transform<TimesG>(
          [&](int r, int c) {
            const float* tap = w + ((r * 3 + c) * channels + k) * filters + filter;
            return n == lanes ? load(tap) : loadSome(tap, n);
          },
          [&](int r, int c, Floats value) { store(u + (r * 6 + c) * position + offset + k * winogradPanel, value); });
    });
}

void winogradFilterGrad(float* dw, const float* du, int64_t channels, int64_t filters, int64_t first, int64_t end,
                        int64_t position) {
  for (int64_t k = first; k < end; k++)
    eachRegister(filters, channels, [&](int64_t filter, int64_t n, int64_t offset) {
      transform<TimesGTransposed>(
          [&](int r, int c) { return load(du + (r * 6 + c) * position + offset + k * winogradPanel); },
          [&](int r, int c, Floats value) {
            float* tap = dw + ((r * 3 + c) * channels + k) * filters + filter;
            if (n == lanes)
              store(tap, value);
            else
              storeSome(tap, value, n);
          });
    });
}

}  // namespace trainyard::cpu::ISA
