#include "kernels/kernels.h"

/**
 * Convolution + bias + ReLU + 2x2 max-pool of one image in one pass, for few channels, where libraries waste most of
 * their lanes; and its gradient, which touches only the pixels that won their pool.
 */
namespace trainyard::cpu::ISA {
namespace {

#ifdef __AVX512F__
constexpr int widest = 16;
constexpr int registers = 28;
#else
constexpr int widest = 8;
constexpr int registers = 12;
#endif

template <int lanes>
struct Vector;
template <>
struct Vector<8> {
  typedef float F __attribute__((vector_size(32), aligned(4)));
  typedef int32_t I __attribute__((vector_size(32)));
  typedef uint8_t B __attribute__((vector_size(8), aligned(1)));
};
template <>
struct Vector<16> {
  typedef float F __attribute__((vector_size(64), aligned(4)));
  typedef int32_t I __attribute__((vector_size(64)));
  typedef uint8_t B __attribute__((vector_size(16), aligned(1)));
};

template <int lanes>
inline typename Vector<lanes>::F load(const float* from) {
  return *reinterpret_cast<const typename Vector<lanes>::F*>(from);
}
template <int lanes>
inline void store(float* to, typename Vector<lanes>::F value) {
  *reinterpret_cast<typename Vector<lanes>::F*>(to) = value;
}

constexpr uint8_t nobody = 255;

// ---- forward ----

/** Where a tile of the output lies and what it reads. */
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
      const auto wins = rivals[r] > best;
      best = wins ? rivals[r] : best;
      which = wins ? (I{} + (r + 1)) : which;
    }
    const auto alive = best > 0;
    best = alive ? best : F{};
    which = alive ? which : (I{} + nobody);
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

// ---- backward ----

/**
 * rows [row, row + rows) of one output channel's filter gradient += sum of g times patch, in rows * vectors registers.
 */
template <int vectors, int rows>
void addPatches(float* dw, const float* x, int64_t rowLength, const int32_t* offsets, const float* values, int64_t n) {
  using F = typename Vector<widest>::F;
  F sum[rows][vectors];
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) sum[r][v] = load<widest>(dw + (r * vectors + v) * widest);
  for (int64_t i = 0; i < n; i++) {
    const float* patch = x + offsets[i];
    const float g = values[i];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++) sum[r][v] += g * load<widest>(patch + r * rowLength + v * widest);
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) store<widest>(dw + (r * vectors + v) * widest, sum[r][v]);
}

/** rows of the input gradient += sum over the listed output channels of g times their kernel. */
template <int vectors, int rows>
void addKernels(float* dx, int64_t rowLength, const float* w, int64_t kernelSize, const int32_t* channels,
                const float* values, int64_t n) {
  using F = typename Vector<widest>::F;
  F sum[rows][vectors];
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) sum[r][v] = load<widest>(dx + r * rowLength + v * widest);
  for (int64_t i = 0; i < n; i++) {
    const float* kernel = w + channels[i] * kernelSize;
    const float g = values[i];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++) sum[r][v] += g * load<widest>(kernel + (r * vectors + v) * widest);
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) store<widest>(dx + r * rowLength + v * widest, sum[r][v]);
}

/** Calls body.run<vectors, rows>(first row) over all rows, as many at once as fit the registers. */
template <int vectors, class Body>
inline void inRowGroups(int64_t rows, const Body& body) {
  constexpr int fit = registers / vectors;
  int64_t r = 0;
  if constexpr (fit >= 5)
    for (; r + 5 <= rows; r += 5) body.template run<vectors, 5>(r);
  if constexpr (fit >= 3)
    for (; r + 3 <= rows; r += 3) body.template run<vectors, 3>(r);
  for (; r < rows; r++) body.template run<vectors, 1>(r);
}

template <class Body>
inline void withVectors(int64_t vectors, int64_t rows, const Body& body) {
  switch (vectors) {
    case 1: return inRowGroups<1>(rows, body);
    case 2: return inRowGroups<2>(rows, body);
    case 3: return inRowGroups<3>(rows, body);
    case 4: return inRowGroups<4>(rows, body);
    case 5: return inRowGroups<5>(rows, body);
    case 6: return inRowGroups<6>(rows, body);
    case 7: return inRowGroups<7>(rows, body);
    case 8: return inRowGroups<8>(rows, body);
  }
}

struct FilterRows {
  float* dw;
  const float* x;
  int64_t rowLength;
  const int32_t* offsets;
  const float* values;
  int64_t n;
  template <int vectors, int rows>
  void run(int64_t row) const {
    addPatches<vectors, rows>(dw + row * vectors * widest, x + row * rowLength, rowLength, offsets, values, n);
  }
};

struct InputRows {
  float* dx;
  int64_t rowLength;
  const float* w;
  int64_t kernelSize;
  const int32_t* channels;
  const float* values;
  int64_t n;
  template <int vectors, int rows>
  void run(int64_t row) const {
    addKernels<vectors, rows>(dx + row * rowLength, rowLength, w + row * vectors * widest, kernelSize, channels, values,
                              n);
  }
};

inline int64_t vectorsOfRow(const ConvPoolShape& s) { return (s.kernelWidth * s.channels + widest - 1) / widest; }

/** Distance of a pool's four pixels from its first, in floats of the padded input. */
struct Corners {
  explicit Corners(const ConvPoolShape& s) {
    for (int p = 0; p < 4; p++) offset[p] = static_cast<int32_t>(((p >> 1) * s.width + (p & 1)) * s.channels);
  }
  int32_t offset[4];
};

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

void convPoolRowLength(int64_t* floats, const ConvPoolShape& s) { *floats = vectorsOfRow(s) * widest; }

void convReluPoolGradFilter(float* dw, float* db, const float* x, const float* dy, const uint8_t* winner,
                            int32_t* offsets, float* values, const ConvPoolShape& s) {
  const Corners corners(s);
  const int64_t rowLength = s.width * s.channels, vectors = vectorsOfRow(s);
  for (int64_t o = 0; o < s.outChannels; o++) {
    int64_t n = 0;
    float sum = 0;
    for (int64_t i = 0; i < s.outHeight; i++)
      for (int64_t j = 0; j < s.outWidth; j++) {
        const int64_t q = (i * s.outWidth + j) * s.outChannels + o;
        const uint8_t who = winner[q];
        const bool alive = who != nobody;
        // No branch: whether a pool is alive is hard to foretell.
        offsets[n] = static_cast<int32_t>((2 * i * s.width + 2 * j) * s.channels) + corners.offset[who & 3];
        values[n] = dy[q];
        sum += alive ? dy[q] : 0.0f;
        n += alive;
      }
    db[o] += sum;
    withVectors(vectors, s.kernelHeight,
                FilterRows{dw + o * s.kernelHeight * vectors * widest, x, rowLength, offsets, values, n});
  }
}

void convReluPoolGradInput(float* dx, const float* w, const float* dy, const uint8_t* winner, int32_t* channels,
                           float* values, const ConvPoolShape& s) {
  const Corners corners(s);
  const int64_t rowLength = s.width * s.channels, vectors = vectorsOfRow(s), n = s.outChannels;
  for (int64_t i = 0; i < s.outHeight; i++)
    for (int64_t j = 0; j < s.outWidth; j++) {
      const int64_t q = (i * s.outWidth + j) * n;
      // The channels that each of the four pixels won; the fifth list takes those that nobody won.
      int64_t count[5] = {};
      for (int64_t o = 0; o < n; o++) {
        const int list = winner[q + o] == nobody ? 4 : winner[q + o];
        channels[list * n + count[list]] = static_cast<int32_t>(o);
        values[list * n + count[list]] = dy[q + o];
        count[list]++;
      }
      float* first = dx + (2 * i * s.width + 2 * j) * s.channels;
      for (int p = 0; p < 4; p++)
        if (count[p] > 0)
          withVectors(vectors, s.kernelHeight,
                      InputRows{first + corners.offset[p], rowLength, w, s.kernelHeight * vectors * widest,
                                channels + p * n, values + p * n, count[p]});
    }
}

}  // namespace trainyard::cpu::ISA
