#include "ops-torch/random.h"

namespace trainyard::aten {
namespace {

constexpr int64_t low32 = 0xffffffff;

/**
 * The upper 32 bits of the 64-bit product of a word and a constant: int64 wraps around, the bits are those of uint64.
 */
at::Tensor high(const at::Tensor& product) { return at::bitwise_and(at::bitwise_right_shift(product, 32), low32); }
at::Tensor low(const at::Tensor& product) { return at::bitwise_and(product, low32); }

}  // namespace

at::Tensor Random::words(const at::Tensor& counters, const at::Tensor& steps, int64_t block) const {
  const auto shape = (counters + steps).sizes().vec();
  at::Tensor c0 = counters.expand(shape), c1 = at::bitwise_and(steps, low32).expand(shape);
  at::Tensor c2 = at::full(shape, block, counters.options()), c3 = at::zeros(shape, counters.options());
  int64_t k0 = seed_, k1 = stream_;
  for (int round = 0; round < 10; round++) {
    const at::Tensor first = c0 * int64_t{0xd2511f53}, second = c2 * int64_t{0xcd9e8d57};
    c0 = at::bitwise_xor(high(second), c1).bitwise_xor_(k0);
    c2 = at::bitwise_xor(high(first), c3).bitwise_xor_(k1);
    c1 = low(second);
    c3 = low(first);
    k0 = (k0 + 0x9e3779b9) & low32;
    k1 = (k1 + 0xbb67ae85) & low32;
  }
  return at::stack({c0, c1, c2, c3}, -1);
}

at::Tensor Random::draws(int64_t count, const at::Tensor& steps) const {
  const at::Tensor at = at::arange((count + 3) / 4, steps.options().dtype(at::kLong));
  return words(at, steps.to(at::kLong).unsqueeze(1), 0).flatten(1).narrow(1, 0, count);
}

at::Tensor Random::toUnit(const at::Tensor& words) {
  return at::bitwise_right_shift(words, 8).to(at::kDouble).div_(16777216);
}

}  // namespace trainyard::aten
