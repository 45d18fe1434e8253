#include <cmath>
#include <cstring>

#include "ops-cpu/families.h"
#include "ops-cpu/random.h"

namespace trainyard::ops {
namespace {

void checkIndices(const int32_t* indices, int64_t n, int64_t images) {
  for (int64_t i = 0; i < n; i++)
    if (indices[i] < 0 || indices[i] >= images)
      throw Failure("image index " + std::to_string(indices[i]) + " is outside a set of " + std::to_string(images));
}

struct Augmentation {
  bool flip = false;
  int64_t translate = 0, cutout = 0;
  bool any() const { return flip || translate > 0 || cutout > 0; }
};

/** What is done to one image of a batch; drawn as `augmentationDraws` of random.ts says. */
struct Change {
  bool flip;
  int64_t right, down, cutLeft, cutTop;
};

Change draw(const Augmentation& a, const Draws& draws, uint32_t position, int64_t height, int64_t width) {
  uint32_t first[4], second[4];
  kernels.philoxWords(first, position, 1, draws, 0);
  kernels.philoxWords(second, position, 1, draws, 1);
  const auto shift = [&](uint32_t word) {
    return static_cast<int64_t>(std::floor(Random::toUnit(word) * (2 * a.translate + 1))) - a.translate;
  };
  const auto centre = [](uint32_t word, int64_t size) {
    return static_cast<int64_t>(std::floor(Random::toUnit(word) * static_cast<double>(size)));
  };
  return {a.flip && first[0] >> 31 == 1, shift(first[1]), shift(first[2]), centre(second[0], width) - a.cutout / 2,
          centre(second[1], height) - a.cutout / 2};
}

/** y[i][j] = image[i - down][j - right] of the flipped image; zero from outside and in the cut-out square. */
void change(const Change& change, const Augmentation& a, const float* image, float* y, int64_t height, int64_t width,
            int64_t channels) {
  std::memset(y, 0, height * width * channels * sizeof(float));
  const int64_t left = std::max<int64_t>(0, change.right), right = std::min(width, width + change.right);
  for (int64_t i = 0; i < height; i++) {
    const int64_t from = i - change.down;
    if (from < 0 || from >= height) continue;
    const bool cutRow = a.cutout > 0 && i >= change.cutTop && i < change.cutTop + a.cutout;
    for (int64_t j = left; j < right; j++) {
      if (cutRow && j >= change.cutLeft && j < change.cutLeft + a.cutout) continue;
      const int64_t column = j - change.right;
      const float* pixel = image + (from * width + (change.flip ? width - 1 - column : column)) * channels;
      float* to = y + (i * width + j) * channels;
      for (int64_t c = 0; c < channels; c++) to[c] = pixel[c];
    }
  }
}

}  // namespace

PreparedOp gatherImages(const OpContext& op) {
  const Tensor images = op.slot("in.images"), indices = op.slot("in.indices"), step = op.optional("in.step");
  const Tensor y = op.slot("out.y");
  const int64_t batch = y.dim(0), height = y.dim(1), width = y.dim(2), channels = y.dim(3);
  const int64_t size = height * width * channels;

  // (pixel/255 - mean)/std = pixel scale + shift, both spread over a whole image so that the loop needs no channel.
  std::vector<float> scale(size), shift(size);
  const auto &mean = op.numbers("mean"), &std = op.numbers("std");
  for (int64_t i = 0; i < size; i++) {
    const int64_t c = i % channels;
    scale[i] = static_cast<float>(1 / (255 * std.at(c)));
    shift[i] = static_cast<float>(-mean.at(c) / std.at(c));
  }

  Augmentation augmentation;
  if (op.has("augmentation.flip")) {
    augmentation = {op.number("augmentation.flip") != 0, static_cast<int64_t>(op.number("augmentation.translate")),
                    static_cast<int64_t>(op.number("augmentation.cutout"))};
    if (augmentation.any() && !step) throw Failure("gatherImages: augmentation needs a step");
  }
  const bool augmented = augmentation.any();
  return {[=, random = Random(op), y = y.f32()](std::byte* scratch) {
            checkIndices(indices.i32(), batch, images.dim(0));
            const Draws draws = random.at(augmented ? *step.i32() : 0);
            parallel(batch, std::max<int64_t>(1, worthSharing / size), [&](int64_t begin, int64_t end, int thread) {
              float* plain = reinterpret_cast<float*>(scratch) + thread * size;
              for (int64_t i = begin; i < end; i++) {
                const uint8_t* pixels = images.u8() + indices.i32()[i] * size;
                kernels.normalize(augmented ? plain : y + i * size, pixels, scale.data(), shift.data(), size);
                if (augmented)
                  change(draw(augmentation, draws, static_cast<uint32_t>(i), height, width), augmentation, plain,
                         y + i * size, height, width, channels);
              }
            });
          },
          augmented ? sizeof(float) * size * omp_get_max_threads() : 0};
}

PreparedOp gatherLabels(const OpContext& op) {
  const Tensor labels = op.slot("in.labels"), indices = op.slot("in.indices"), y = op.slot("out.y");
  return {[=, batch = y.count(), images = labels.count()](std::byte*) {
    checkIndices(indices.i32(), batch, images);
    for (int64_t i = 0; i < batch; i++) y.i32()[i] = labels.i32()[indices.i32()[i]];
  }};
}

}  // namespace trainyard::ops
