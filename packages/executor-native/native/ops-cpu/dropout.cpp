#include <cmath>

#include "ops-cpu/ops.h"
#include "ops-cpu/random.h"

namespace trainyard::cpu::ops {
namespace {

/**
 * An element is kept when the upper 24 bits of its random draw are at least this, so with probability 1 - rate.
 */
uint32_t thresholdOf(double rate) { return static_cast<uint32_t>(std::ceil(rate * 16777216)); }

float scaleOf(double rate) { return static_cast<float>(1 / (1 - rate)); }

}  // namespace

PreparedOp dropout(const DropoutOp<Tensor>& op) {
  const Tensor x = op.in.x, step = op.in.step, y = op.out.y;
  const double rate = op.rate;
  return {[=, random = Random(op.random), n = x.count(), x = x.f32(), y = y.f32(), threshold = thresholdOf(rate),
           scale = scaleOf(rate)](std::byte*) {
    const RandomStream stream = random.at(*step.i32());
    parallelElements(n,
                     [&](int64_t begin, int64_t end) { kernels.dropout(y, x, begin, end, threshold, scale, stream); });
  }};
}

PreparedOp spatialDropout(const SpatialDropoutOp<Tensor>& op) {
  const Tensor x = op.in.x, step = op.in.step, y = op.out.y;
  const double rate = op.rate;
  const int64_t images = x.dim(0), channels = x.last(), pixels = x.count() / (images * channels);
  const int64_t counters = (images * channels + 3) / 4;
  return {[=, random = Random(op.random), x = x.f32(), y = y.f32(), threshold = thresholdOf(rate),
           scale = scaleOf(rate)](std::byte* scratch) {
            auto* words = reinterpret_cast<uint32_t*>(scratch);
            auto* factors = reinterpret_cast<float*>(words + counters * 4);
            kernels.philoxWords(words, 0, counters, random.at(*step.i32()), 0);
            for (int64_t i = 0; i < images * channels; i++) factors[i] = (words[i] >> 8) >= threshold ? scale : 0.0f;
            parallel(images, std::max<int64_t>(1, worthSharing / (pixels * channels)),
                     [&](int64_t begin, int64_t end, int) {
                       for (int64_t i = begin; i < end; i++)
                         kernels.scaleColumns(y + i * pixels * channels, x + i * pixels * channels,
                                              factors + i * channels, pixels, channels);
                     });
          },
          static_cast<size_t>(counters) * 4 * (sizeof(uint32_t) + sizeof(float))};
}

}  // namespace trainyard::cpu::ops
