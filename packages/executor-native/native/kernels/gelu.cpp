#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/kernels.h"

namespace trainyard::cpu::ISA {
namespace {

// The C library's erff and expf go one value at a time; these are loops that the compiler turns into vectors.

inline uint32_t bitsOf(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float ofBits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/**
 * exp(z) for z <= 0 to about 1e-7 of it; below -86 as at -86. 2^n exp(r), the polynomial is that of the Cephes library.
 */
inline float expOfNegative(float z) {
  z = z < -86.0f ? -86.0f : z;
  const float shifted = z * 1.44269504f + 12582912.0f;  // n in the lowest bits
  const float n = shifted - 12582912.0f;
  const float r = (z - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return ofBits(bitsOf(p * r * r + (r + 1)) + (bitsOf(shifted) << 23));
}

struct Normal {
  /** Phi(x) */
  float below;
  /** exp(-x^2 / 2) */
  float e;
};

/** Phi to 1e-7: Abramowitz and Stegun 7.1.26 for erf(x / sqrt(2)). */
inline Normal normal(float x) {
  const float e = expOfNegative(-0.5f * x * x);
  const float t = 1 / (1 + 0.3275911f * 0.70710678f * fabsf(x));
  const float poly =
      ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
  const float tail = 0.5f * poly * e;
  return {x < 0 ? tail : 1 - tail, e};
}

}  // namespace

void gelu(float* y, const float* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) y[i] = x[i] * normal(x[i]).below;
}

/** d/dx x Phi(x) = Phi(x) + x phi(x) */
void geluGrad(float* dx, const float* x, const float* dy, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) {
    const Normal at = normal(x[i]);
    dx[i] = dy[i] * (at.below + x[i] * 0.39894228f * at.e);
  }
}

}  // namespace trainyard::cpu::ISA
