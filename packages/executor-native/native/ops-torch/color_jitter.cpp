#include "ops-torch/color_jitter.h"

namespace trainyard::aten {
namespace {

at::Tensor channel(const at::Tensor& images, int64_t c) { return images.narrow(3, c, 1); }

/** Of three channels; of one channel the values themselves. */
at::Tensor grayOf(const at::Tensor& images) {
  if (images.size(3) != 3) return images;
  return channel(images, 0) * 0.2989 + channel(images, 1) * 0.587 + channel(images, 2) * 0.114;
}

at::Tensor mixed(const at::Tensor& images, const at::Tensor& others, const at::Tensor& factor) {
  return (factor * images + (1 - factor) * others).clamp_(0, 1);
}

/** By HSV: the value and the saturation stay as they are. */
at::Tensor withHueTurned(const at::Tensor& images, const at::Tensor& turn) {
  const at::Tensor r = channel(images, 0), g = channel(images, 1), b = channel(images, 2);
  const at::Tensor largest = images.amax(3, true), range = largest - images.amin(3, true);
  const at::Tensor divisor = at::where(range.eq(0), at::ones_like(range), range);
  const at::Tensor sixth = at::where(largest.eq(r), (g - b) / divisor,
                                     at::where(largest.eq(g), (b - r) / divisor + 2, (r - g) / divisor + 4));
  const auto turned = [&](double offset) {
    const at::Tensor k = (sixth + 6 * turn + offset).remainder(6);
    return largest - range * at::minimum(k, 4 - k).clamp(0, 1);
  };
  return at::cat({turned(5), turned(3), turned(1)}, 3);
}

}  // namespace

at::Tensor drawLight(const ColorJitter& bounds, const Random& random, const at::Tensor& positions,
                     const at::Tensor& steps) {
  const at::Tensor draws = Random::toUnit(random.words(positions, steps, 4));
  const auto factor = [&](int64_t word, double value) { return draws.select(-1, word) * (2 * value) + (1 - value); };
  const at::Tensor hue = (draws.select(-1, 3) * 2 - 1) * bounds.hue;
  return at::stack({factor(0, bounds.brightness), factor(1, bounds.contrast), factor(2, bounds.saturation), hue}, -1)
      .to(at::kFloat);
}

at::Tensor jitter(const at::Tensor& images, const at::Tensor& light, bool turnsHue) {
  const auto part = [&](int64_t i) { return light.select(1, i).view({-1, 1, 1, 1}); };
  const at::Tensor bright = (images * part(0)).clamp_(0, 1);
  const at::Tensor contrasted = mixed(bright, grayOf(bright).mean({1, 2, 3}, true), part(1));
  const at::Tensor saturated = mixed(contrasted, grayOf(contrasted), part(2));
  return turnsHue && images.size(3) == 3 ? withHueTurned(saturated, part(3)) : saturated;
}

}  // namespace trainyard::aten
