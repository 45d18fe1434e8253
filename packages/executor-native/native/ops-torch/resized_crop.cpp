#include "ops-torch/resized_crop.h"

#include <cmath>

namespace trainyard::aten {
namespace {

at::Tensor sideOf(const at::Tensor& length, int64_t most) { return (length + 0.5).floor_().clamp_(1, most); }

/** Rows or columns of the crops in the images, each between two of them. */
at::Tensor alongAxis(const at::Tensor& images, int64_t axis, const at::Tensor& start, const at::Tensor& length) {
  const int64_t size = images.size(axis);
  const at::Tensor last = length.unsqueeze(1) - 1;
  const at::Tensor centre = at::arange(size, images.options().dtype(at::kDouble)) + 0.5;
  const at::Tensor scaled = centre * length.unsqueeze(1) / static_cast<double>(size) - 0.5;
  const at::Tensor place = at::minimum(scaled.clamp_min(0), last), low = place.floor();
  std::vector<int64_t> shape{images.size(0), 1, 1, 1};
  shape[axis] = size;
  const auto at = [&](const at::Tensor& index) {
    const at::Tensor rows = (index + start.unsqueeze(1)).to(at::kLong).view(shape);
    return images.gather(axis, rows.expand(images.sizes()));
  };
  const at::Tensor from = at(low), to = at(at::minimum(low + 1, last));
  return from + (to - from) * (place - low).to(images.scalar_type()).view(shape);
}

}  // namespace

at::Tensor drawCrops(const ResizedCrop& bounds, const Random& random, const at::Tensor& positions,
                     const at::Tensor& steps, int64_t height, int64_t width) {
  const at::Tensor draws = Random::toUnit(random.words(positions, steps, 3));
  const auto drawn = [&](int64_t word) { return draws.select(-1, word); };
  const at::Tensor scale = bounds.leastScale + (bounds.mostScale - bounds.leastScale) * drawn(0);
  const at::Tensor pixels = scale * static_cast<double>(height) * static_cast<double>(width);
  const double least = std::log(bounds.leastRatio), most = std::log(bounds.mostRatio);
  const at::Tensor ratio = (least + (most - least) * drawn(1)).exp();
  const at::Tensor high = sideOf((pixels / ratio).sqrt(), height), wide = sideOf((pixels * ratio).sqrt(), width);
  const at::Tensor top = (drawn(3) * (height - high + 1)).floor(), left = (drawn(2) * (width - wide + 1)).floor();
  return at::stack({top, left, high, wide}, -1);
}

at::Tensor enlarge(const at::Tensor& images, const at::Tensor& crops) {
  const auto part = [&](int64_t i) { return crops.select(1, i); };
  return alongAxis(alongAxis(images, 1, part(0), part(2)), 2, part(1), part(3));
}

}  // namespace trainyard::aten
