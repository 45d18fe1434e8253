#pragma once

#include <cstdint>

/** Shared by the fused convolution + bias + ReLU + 2x2 max-pool (conv_relu_pool.cpp) and its gradient. */
namespace trainyard::cpu::ISA {

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

/** In `winner`: ReLU cut even the largest pixel of the pool. */
constexpr uint8_t noWinner = 255;

}  // namespace trainyard::cpu::ISA
