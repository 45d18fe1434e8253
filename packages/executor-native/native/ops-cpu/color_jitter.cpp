#include "ops-cpu/color_jitter.h"

#include <algorithm>
#include <cmath>

#include "ops-cpu/random.h"

namespace trainyard::cpu {
namespace {

float clamped(float value) { return std::clamp(value, 0.0f, 1.0f); }
float mixed(float value, float other, float factor) { return clamped(factor * value + (1 - factor) * other); }

/** Of three channels; of one channel the value itself. */
float grayOf(const float* pixel, int64_t channels) {
  return channels == 3 ? 0.2989f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2] : pixel[0];
}

/** By HSV: the value and the saturation stay as they are. */
void turnHue(float* pixel, float turn) {
  const float r = pixel[0], g = pixel[1], b = pixel[2];
  const float largest = std::max({r, g, b}), range = largest - std::min({r, g, b});
  if (range == 0) return;
  const float sixth = largest == r ? (g - b) / range : largest == g ? (b - r) / range + 2 : (r - g) / range + 4;
  for (int c = 0; c < 3; c++) {
    float k = std::fmod(static_cast<float>(5 - 2 * c) + sixth + 6 * turn, 6.0f);
    if (k < 0) k += 6;
    pixel[c] = largest - range * std::max(0.0f, std::min({k, 4 - k, 1.0f}));
  }
}

}  // namespace

Light drawLight(const ColorJitter& bounds, const uint32_t* words) {
  const auto factor = [&](int i, double value) {
    return static_cast<float>(1 - value + 2 * value * Random::toUnit(words[i]));
  };
  return {factor(0, bounds.brightness), factor(1, bounds.contrast), factor(2, bounds.saturation),
          static_cast<float>(bounds.hue * (2 * Random::toUnit(words[3]) - 1))};
}

void jitter(float* image, int64_t pixels, const Light& light, const std::vector<double>& mean,
            const std::vector<double>& std) {
  const auto channels = static_cast<int64_t>(mean.size());
  double sum = 0;
  for (int64_t p = 0; p < pixels; p++) {
    float* pixel = image + p * channels;
    for (int64_t c = 0; c < channels; c++)
      pixel[c] = clamped(light.brightness * (pixel[c] * static_cast<float>(std[c]) + static_cast<float>(mean[c])));
    sum += grayOf(pixel, channels);
  }
  const auto average = static_cast<float>(sum / static_cast<double>(pixels));
  for (int64_t p = 0; p < pixels; p++) {
    float* pixel = image + p * channels;
    for (int64_t c = 0; c < channels; c++) pixel[c] = mixed(pixel[c], average, light.contrast);
    const float gray = grayOf(pixel, channels);
    for (int64_t c = 0; c < channels; c++) pixel[c] = mixed(pixel[c], gray, light.saturation);
    if (light.hue != 0 && channels == 3) turnHue(pixel, light.hue);
    for (int64_t c = 0; c < channels; c++)
      pixel[c] = (pixel[c] - static_cast<float>(mean[c])) / static_cast<float>(std[c]);
  }
}

}  // namespace trainyard::cpu
