#include "kernels/conv_relu_pool.h"

#include "kernels/kernels.h"

/** The gradient of convolution + ReLU + 2x2 max-pool, which touches only the pixels that won their pool. */
namespace trainyard::cpu::ISA {
namespace {

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
        const uint8_t pixel = winner[q];
        const bool alive = pixel != noWinner;
        // No branch: a processor cannot predict well whether a pool is alive.
        offsets[n] = static_cast<int32_t>((2 * i * s.width + 2 * j) * s.channels) + corners.offset[pixel & 3];
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
      // The channels that each of the four pixels won; the fifth list takes those without a winner.
      int64_t count[5] = {};
      for (int64_t o = 0; o < n; o++) {
        const int list = winner[q + o] == noWinner ? 4 : winner[q + o];
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
