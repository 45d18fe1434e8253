#include "kernels/conv_relu_pool.h"

#include "kernels/kernels.h"

/**
 * Convolution + bias + ReLU + 2x2 max-pool of one image in one pass, for few channels, where libraries leave most of
 * their lanes unused.
 */
namespace trainyard::cpu::ISA {
namespace {

/** The address of a tile of the output, and what it reads. */
struct Tile {
  const float* x;  // first pixel of the upper row's window
  const float* w;  // [kernelHeight][kernelWidth * channels][weightLanes], at the first channel of the block
  const float* b;
  float* y;
  uint8_t* winner;
  int valid;  // channels of the block that exist
};

/**
 * `pixels` (even) outputs of two rows, `lanes` output channels: 2 * pixels accumulators. fixedChannels: the input's
 * channels where they are known at compile time, so that pixels are at constant distances; else 0.
 */
template <int lanes, int pixels, int fixedChannels>
void forwardTile(const Tile& t, const ConvPoolShape& s) {
  using F = typename Vector<lanes>::F;
  using I = typename Vector<lanes>::I;
  const int64_t channels = fixedChannels ? fixedChannels : s.channels;
  const int64_t rowLength = s.width * channels, taps = s.kernelWidth * channels;
  F upper[pixels], lower[pixels];
  const F bias = load<lanes>(t.b);
#pragma GCC unroll 16
  for (int p = 0; p < pixels; p++) upper[p] = lower[p] = bias;
  const float* w = t.w;
  for (int64_t kh = 0; kh < s.kernelHeight; kh++) {
    const float* x0 = t.x + kh * rowLength;
    const float* x1 = x0 + rowLength;
    for (int64_t k = 0; k < taps; k++, w += s.weightLanes) {
      const F weight = load<lanes>(w);
#pragma GCC unroll 16
      for (int p = 0; p < pixels; p++) {
        upper[p] += x0[k + p * channels] * weight;
        lower[p] += x1[k + p * channels] * weight;
      }
    }
  }
#pragma GCC unroll 8
  for (int p = 0; p < pixels; p += 2) {
    F best = upper[p];
    I which = {};
    const F rivals[3] = {upper[p + 1], lower[p], lower[p + 1]};
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++) {
      const auto wins = (rivals[r] > best) | (rivals[r] != rivals[r]);
      best = wins ? rivals[r] : best;
      which = wins ? (I{} + (r + 1)) : which;
    }
    const auto cut = best <= 0;
    best = cut ? F{} : best;
    which = cut ? (I{} + noWinner) : which;
    const auto bytes = __builtin_convertvector(which, typename Vector<lanes>::B);
    float* y = t.y + p / 2 * s.outChannels;
    uint8_t* winner = t.winner + p / 2 * s.outChannels;
    if (t.valid == lanes) {
      store<lanes>(y, best);
      *reinterpret_cast<typename Vector<lanes>::B*>(winner) = bytes;
    } else {
      for (int i = 0; i < t.valid; i++) {
        y[i] = best[i];
        winner[i] = bytes[i];
      }
    }
  }
}

template <int lanes, int fixedChannels>
void forwardRow(Tile t, const ConvPoolShape& s) {
  int64_t left = s.outWidth * 2;
  const auto advance = [&](int64_t pixels) {
    t.x += pixels * s.channels;
    t.y += pixels / 2 * s.outChannels;
    t.winner += pixels / 2 * s.outChannels;
    left -= pixels;
  };
  if constexpr (registers >= 28) {
    for (; left >= 14; advance(14)) forwardTile<lanes, 14, fixedChannels>(t, s);
    for (; left >= 10; advance(10)) forwardTile<lanes, 10, fixedChannels>(t, s);
  }
  for (; left >= 6; advance(6)) forwardTile<lanes, 6, fixedChannels>(t, s);
  for (; left >= 4; advance(4)) forwardTile<lanes, 4, fixedChannels>(t, s);
  for (; left > 0; advance(2)) forwardTile<lanes, 2, fixedChannels>(t, s);
}

template <int lanes>
void forwardRowOf(const Tile& t, const ConvPoolShape& s) {
  if (s.channels == 3) return forwardRow<lanes, 3>(t, s);
  if (s.channels == 6) return forwardRow<lanes, 6>(t, s);
  if (s.channels == 16) return forwardRow<lanes, 16>(t, s);
  return forwardRow<lanes, 0>(t, s);
}

}  // namespace

void convReluPool(float* y, uint8_t* winner, const float* x, const float* w, const float* b, const ConvPoolShape& s) {
  for (int64_t i = 0; i < s.outHeight; i++) {
    const float* from = x + 2 * i * s.width * s.channels;
    const int64_t to = i * s.outWidth * s.outChannels;
    for (int64_t o = 0; o < s.outChannels;) {
      const int64_t left = s.outChannels - o;
      const int64_t lanes = left > 8 ? widest : 8;
      const Tile tile{from, w + o, b + o, y + to + o, winner + to + o, static_cast<int>(left < lanes ? left : lanes)};
      if (lanes == 8)
        forwardRowOf<8>(tile, s);
      else
        forwardRowOf<widest>(tile, s);
      o += lanes;
    }
  }
}

}  // namespace trainyard::cpu::ISA
