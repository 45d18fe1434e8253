#pragma once

#include <cstdint>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

/** As many floats as one register of the instruction set that is compiled holds. */
namespace trainyard::cpu::ISA {

#if defined(__AVX512F__)
constexpr int64_t lanes = 16;
#elif defined(__AVX2__)
constexpr int64_t lanes = 8;
#else
constexpr int64_t lanes = 4;
#endif

typedef float Floats __attribute__((vector_size(lanes * 4), aligned(4)));

inline Floats load(const float* from) { return *reinterpret_cast<const Floats*>(from); }
inline void store(float* to, Floats value) { *reinterpret_cast<Floats*>(to) = value; }

/** The first n < lanes floats; zeros behind them. */
inline Floats loadSome(const float* from, int64_t n) {
#ifdef __AVX512F__
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1 << n) - 1), from);
#else
  Floats value = {};
  for (int64_t i = 0; i < n; i++) value[i] = from[i];
  return value;
#endif
}
inline void storeSome(float* to, Floats value, int64_t n) {
#ifdef __AVX512F__
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1 << n) - 1), value);
#else
  for (int64_t i = 0; i < n; i++) to[i] = value[i];
#endif
}

}  // namespace trainyard::cpu::ISA
