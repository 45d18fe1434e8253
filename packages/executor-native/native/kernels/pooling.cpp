#include "kernels/kernels.h"

namespace trainyard::cpu::ISA {
namespace {

/** Largest channel block handled at once; its flags and sums live on the stack. */
constexpr int64_t block = 64;

/** Whether a pixel replaces the largest so far: NaN always does, and is replaced by NaN alone. */
inline bool wins(float pixel, float largest) { return (pixel > largest) | (pixel != pixel); }

inline void zero(float* x, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] = 0;
}

inline const float* at(const float* x, const PoolShape& s, int64_t row, int64_t column) {
  return x + (row * s.width + column) * s.channels;
}
inline float* at(float* x, const PoolShape& s, int64_t row, int64_t column) {
  return x + (row * s.width + column) * s.channels;
}

}  // namespace

void maxPool(float* __restrict y, const float* __restrict x, const PoolShape& s) {
  for (int64_t i = 0; i < s.outHeight; i++)
    for (int64_t j = 0; j < s.outWidth; j++, y += s.channels)
      for (int64_t h = 0; h < s.windowHeight; h++)
        for (int64_t w = 0; w < s.windowWidth; w++) {
          const float* from = at(x, s, i * s.strideHeight + h, j * s.strideWidth + w);
          if (h == 0 && w == 0)
            for (int64_t c = 0; c < s.channels; c++) y[c] = from[c];
          else
            for (int64_t c = 0; c < s.channels; c++) y[c] = wins(from[c], y[c]) ? from[c] : y[c];
        }
}

void maxPoolGrad(float* __restrict dx, const float* __restrict x, const float* __restrict y, const float* __restrict dy,
                 const PoolShape& s) {
  zero(dx, s.height * s.width * s.channels);
  for (int64_t i = 0; i < s.outHeight; i++)
    for (int64_t j = 0; j < s.outWidth; j++, y += s.channels, dy += s.channels)
      for (int64_t c0 = 0; c0 < s.channels; c0 += block) {
        const int64_t n = s.channels - c0 < block ? s.channels - c0 : block;
        float left[block];  // what has not yet found its winner
        for (int64_t c = 0; c < n; c++) left[c] = dy[c0 + c];
        for (int64_t h = 0; h < s.windowHeight; h++)
          for (int64_t w = 0; w < s.windowWidth; w++) {
            const float* from = at(x, s, i * s.strideHeight + h, j * s.strideWidth + w) + c0;
            float* to = at(dx, s, i * s.strideHeight + h, j * s.strideWidth + w) + c0;
            for (int64_t c = 0; c < n; c++) {
              // The first of equal pixels; where y is NaN, the first that is NaN.
              const bool won = (from[c] == y[c0 + c]) | (from[c] != from[c]);
              to[c] += won ? left[c] : 0.0f;
              left[c] = won ? 0.0f : left[c];
            }
          }
      }
}

void avgPool(float* __restrict y, const float* __restrict x, const PoolShape& s) {
  const float factor = 1.0f / static_cast<float>(s.windowHeight * s.windowWidth);
  for (int64_t i = 0; i < s.outHeight; i++)
    for (int64_t j = 0; j < s.outWidth; j++, y += s.channels) {
      zero(y, s.channels);
      for (int64_t h = 0; h < s.windowHeight; h++)
        for (int64_t w = 0; w < s.windowWidth; w++) {
          const float* from = at(x, s, i * s.strideHeight + h, j * s.strideWidth + w);
          for (int64_t c = 0; c < s.channels; c++) y[c] += from[c];
        }
      for (int64_t c = 0; c < s.channels; c++) y[c] *= factor;
    }
}

void avgPoolGrad(float* __restrict dx, const float* __restrict dy, const PoolShape& s) {
  const float factor = 1.0f / static_cast<float>(s.windowHeight * s.windowWidth);
  zero(dx, s.height * s.width * s.channels);
  for (int64_t i = 0; i < s.outHeight; i++)
    for (int64_t j = 0; j < s.outWidth; j++, dy += s.channels)
      for (int64_t h = 0; h < s.windowHeight; h++)
        for (int64_t w = 0; w < s.windowWidth; w++) {
          float* to = at(dx, s, i * s.strideHeight + h, j * s.strideWidth + w);
          for (int64_t c = 0; c < s.channels; c++) to[c] += dy[c] * factor;
        }
}

}  // namespace trainyard::cpu::ISA
