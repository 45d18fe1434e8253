#include "ops-cpu/resized_crop.h"

#include <algorithm>
#include <cmath>

#include "ops-cpu/random.h"

namespace trainyard::cpu {
namespace {

int64_t sideOf(double length, int64_t most) {
  return std::clamp<int64_t>(static_cast<int64_t>(std::floor(length + 0.5)), 1, most);
}

int64_t placeOf(uint32_t word, int64_t places) {
  return static_cast<int64_t>(std::floor(Random::toUnit(word) * static_cast<double>(places)));
}

/** Of one row or column; see `samplePlace` in random.ts. */
struct Sample {
  int64_t low, high;
  float share;
};

Sample sample(int64_t i, int64_t size, int64_t start, int64_t length) {
  const double scaled = (static_cast<double>(i) + 0.5) * static_cast<double>(length) / static_cast<double>(size);
  const double place = std::clamp(scaled - 0.5, 0.0, static_cast<double>(length - 1));
  const auto low = static_cast<int64_t>(std::floor(place));
  return {start + low, start + std::min(low + 1, length - 1), static_cast<float>(place - static_cast<double>(low))};
}

float between(float from, float to, float share) { return from + (to - from) * share; }

}  // namespace

Box drawCrop(const ResizedCrop& bounds, const uint32_t* words, int64_t height, int64_t width) {
  const double scale = bounds.leastScale + (bounds.mostScale - bounds.leastScale) * Random::toUnit(words[0]);
  const double pixels = scale * static_cast<double>(height) * static_cast<double>(width);
  const double least = std::log(bounds.leastRatio), most = std::log(bounds.mostRatio);
  const double ratio = std::exp(least + (most - least) * Random::toUnit(words[1]));
  const int64_t high = sideOf(std::sqrt(pixels / ratio), height), wide = sideOf(std::sqrt(pixels * ratio), width);
  return {placeOf(words[3], height - high + 1), placeOf(words[2], width - wide + 1), high, wide};
}

void enlarge(const Box& box, const float* image, float* y, int64_t height, int64_t width, int64_t channels) {
  for (int64_t i = 0; i < height; i++) {
    const Sample row = sample(i, height, box.top, box.height);
    const float *upper = image + row.low * width * channels, *lower = image + row.high * width * channels;
    for (int64_t j = 0; j < width; j++) {
      const Sample column = sample(j, width, box.left, box.width);
      const int64_t low = column.low * channels, high = column.high * channels;
      float* to = y + (i * width + j) * channels;
      for (int64_t c = 0; c < channels; c++)
        to[c] = between(between(upper[low + c], upper[high + c], column.share),
                        between(lower[low + c], lower[high + c], column.share), row.share);
    }
  }
}

}  // namespace trainyard::cpu
