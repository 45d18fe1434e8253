#include "kernels/kernels.h"

namespace trainyard::cpu::ISA {
namespace {

/** Counters that are drawn at once, so that each line of a round becomes a few vector instructions. */
constexpr int lanes = 16;

/** words[w][i]: word w of counter first + i. */
inline void philox(uint32_t words[4][lanes], uint32_t first, RandomStream stream, uint32_t block) {
  uint32_t c0[lanes], c1[lanes], c2[lanes], c3[lanes];
  for (int i = 0; i < lanes; i++) {
    c0[i] = first + i;
    c1[i] = stream.step;
    c2[i] = block;
    c3[i] = 0;
  }
  uint32_t k0 = stream.seed, k1 = stream.id;
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < lanes; i++) {
      const uint64_t product0 = uint64_t{0xd2511f53} * c0[i];
      const uint64_t product1 = uint64_t{0xcd9e8d57} * c2[i];
      c0[i] = static_cast<uint32_t>(product1 >> 32) ^ c1[i] ^ k0;
      c1[i] = static_cast<uint32_t>(product1);
      c2[i] = static_cast<uint32_t>(product0 >> 32) ^ c3[i] ^ k1;
      c3[i] = static_cast<uint32_t>(product0);
    }
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  for (int i = 0; i < lanes; i++) {
    words[0][i] = c0[i];
    words[1][i] = c1[i];
    words[2][i] = c2[i];
    words[3][i] = c3[i];
  }
}

}  // namespace

void philoxWords(uint32_t* out, uint32_t first, int64_t counters, RandomStream stream, uint32_t block) {
  uint32_t words[4][lanes];
  for (int64_t i = 0; i < counters; i += lanes) {
    philox(words, first + static_cast<uint32_t>(i), stream, block);
    const int64_t n = counters - i < lanes ? counters - i : lanes;
    for (int64_t j = 0; j < n; j++)
      for (int w = 0; w < 4; w++) out[(i + j) * 4 + w] = words[w][j];
  }
}

void dropout(float* y, const float* x, int64_t begin, int64_t end, uint32_t threshold, float scale,
             RandomStream stream) {
  uint32_t words[4][lanes];
  float factors[4 * lanes];
  constexpr int64_t group = 4 * lanes;
  for (int64_t i = begin - begin % group; i < end; i += group) {
    philox(words, static_cast<uint32_t>(i / 4), stream, 0);
    for (int j = 0; j < lanes; j++)
      for (int w = 0; w < 4; w++) factors[j * 4 + w] = (words[w][j] >> 8) >= threshold ? scale : 0.0f;
    const int64_t from = i < begin ? begin - i : 0;
    const int64_t to = end - i < group ? end - i : group;
#pragma GCC ivdep
    for (int64_t j = from; j < to; j++) y[i + j] = x[i + j] * factors[j];
  }
}

}  // namespace trainyard::cpu::ISA
