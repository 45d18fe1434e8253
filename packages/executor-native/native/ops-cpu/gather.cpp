#include <cmath>
#include <cstring>

#include "ops-cpu/color_jitter.h"
#include "ops-cpu/ops.h"
#include "ops-cpu/random.h"
#include "ops-cpu/resized_crop.h"

namespace trainyard::cpu::ops {
namespace {

void checkIndices(const int32_t* indices, int64_t n, int64_t images) {
  for (int64_t i = 0; i < n; i++)
    if (indices[i] < 0 || indices[i] >= images)
      throw Failure("image index " + std::to_string(indices[i]) + " is outside a set of " + std::to_string(images));
}

/** What is done to one image of a batch. */
struct Change {
  bool flip;
  int64_t right, down, cutLeft, cutTop, cutout;
  bool reflect;
};

/** What is known of an image when its augmentation is drawn. */
struct Place {
  uint32_t position, index, epoch;
};

bool alternatingFlip(RandomStream stream, const Place& place) {
  uint32_t words[4];
  stream.step = 0;
  kernels.philoxWords(words, place.index, 1, stream, 2);
  return (words[0] >> 31) != (place.epoch & 1);
}

Box drawCrop(const ResizedCrop& bounds, const RandomStream& stream, const Place& place, int64_t height, int64_t width) {
  uint32_t words[4];
  kernels.philoxWords(words, place.position, 1, stream, 3);
  return cpu::drawCrop(bounds, words, height, width);
}

/** As `augmentationDraws` of random.ts says. */
Change draw(const ImageAugmentation& a, const RandomStream& stream, const Place& place, int64_t height, int64_t width) {
  uint32_t first[4], second[4];
  kernels.philoxWords(first, place.position, 1, stream, 0);
  kernels.philoxWords(second, place.position, 1, stream, 1);
  const auto shift = [&](uint32_t word) {
    return static_cast<int64_t>(std::floor(Random::toUnit(word) * (2 * a.translate + 1))) - a.translate;
  };
  const auto centre = [](uint32_t word, int64_t size) {
    return static_cast<int64_t>(std::floor(Random::toUnit(word) * static_cast<double>(size)));
  };
  const bool flip =
      a.flip == Flip::alternating ? alternatingFlip(stream, place) : a.flip == Flip::random && first[0] >> 31 == 1;
  return {flip,
          shift(first[1]),
          shift(first[2]),
          centre(second[0], width) - a.cutout / 2,
          centre(second[1], height) - a.cutout / 2,
          a.cutout,
          a.border == Border::reflect};
}

/** The row or column to read for position `at`; positions outside are reflected at the border pixels. */
int64_t reflected(int64_t at, int64_t size) {
  if (at < 0) return -at;
  return at < size ? at : 2 * (size - 1) - at;
}

/**
 * y[i][j] = image[i - down][j - right] of the flipped image; zero in the cut-out square, and from outside unless
 * reflected.
 */
void apply(const Change& change, const float* image, float* y, int64_t height, int64_t width, int64_t channels) {
  std::memset(y, 0, height * width * channels * sizeof(float));
  const int64_t left = change.reflect ? 0 : std::max<int64_t>(0, change.right);
  const int64_t right = change.reflect ? width : std::min(width, width + change.right);
  for (int64_t i = 0; i < height; i++) {
    const int64_t from = change.reflect ? reflected(i - change.down, height) : i - change.down;
    if (from < 0 || from >= height) continue;
    const bool cutRow = change.cutout > 0 && i >= change.cutTop && i < change.cutTop + change.cutout;
    for (int64_t j = left; j < right; j++) {
      if (cutRow && j >= change.cutLeft && j < change.cutLeft + change.cutout) continue;
      const int64_t column = change.reflect ? reflected(j - change.right, width) : j - change.right;
      const float* pixel = image + (from * width + (change.flip ? width - 1 - column : column)) * channels;
      float* to = y + (i * width + j) * channels;
      for (int64_t c = 0; c < channels; c++) to[c] = pixel[c];
    }
  }
}

}  // namespace

PreparedOp gatherImages(const GatherImagesOp<Tensor>& op) {
  const Tensor images = op.in.images, indices = op.in.indices;
  const Tensor step = op.in.step, epoch = op.in.epoch;
  const Tensor y = op.out.y;
  const int64_t batch = y.dim(0), height = y.dim(1), width = y.dim(2), channels = y.dim(3);
  const int64_t size = height * width * channels;

  // (pixel/255 - mean)/std = pixel scale + shift, both spread over a whole image so that the loop needs no channel.
  std::vector<float> scale(size), shift(size);
  const auto &mean = op.mean, &std = op.std;
  for (int64_t i = 0; i < size; i++) {
    const int64_t c = i % channels;
    scale[i] = static_cast<float>(1 / (255 * std.at(c)));
    shift[i] = static_cast<float>(-mean.at(c) / std.at(c));
  }

  const std::optional<ImageAugmentation>& augmentation = op.augmentation;
  if (augmentation && !step) throw Failure("gatherImages: augmentation needs a step");
  if (augmentation && augmentation->flip == Flip::alternating && !epoch)
    throw Failure("gatherImages: an alternating flip needs an epoch");
  Change view{};
  if (op.view) {
    view.flip = op.view->mirror;
    view.right = op.view->right;
    view.down = op.view->down;
    view.reflect = true;
  }
  const bool changed = augmentation || op.view, cropped = augmentation && augmentation->crop;
  // A thread's images before and after the crop.
  const int64_t buffer = (cropped ? 2 : 1) * size;
  return {[=, augmentation = op.augmentation, mean = op.mean, std = op.std, random = Random(op.random),
           y = y.f32()](std::byte* scratch) {
            checkIndices(indices.i32(), batch, images.dim(0));
            const RandomStream stream = random.at(augmentation ? *step.i32() : 0);
            const uint32_t turn = epoch ? static_cast<uint32_t>(*epoch.i32()) : 0;
            parallel(batch, std::max<int64_t>(1, worthSharing / size), [&](int64_t begin, int64_t end, int thread) {
              float* const plain = reinterpret_cast<float*>(scratch) + thread * buffer;
              for (int64_t i = begin; i < end; i++) {
                const int32_t index = indices.i32()[i];
                const uint8_t* pixels = images.u8() + index * size;
                kernels.normalize(changed ? plain : y + i * size, pixels, scale.data(), shift.data(), size);
                if (!changed) continue;
                const Place place{static_cast<uint32_t>(i), static_cast<uint32_t>(index), turn};
                const Change change = augmentation ? draw(*augmentation, stream, place, height, width) : view;
                if (cropped) {
                  const Box box = drawCrop(*augmentation->crop, stream, place, height, width);
                  enlarge(box, plain, plain + size, height, width, channels);
                }
                float* const image = cropped ? plain + size : plain;
                if (augmentation && augmentation->jitter) {
                  uint32_t words[4];
                  kernels.philoxWords(words, place.position, 1, stream, 4);
                  jitter(image, height * width, drawLight(*augmentation->jitter, words), mean, std);
                }
                apply(change, image, y + i * size, height, width, channels);
              }
            });
          },
          changed ? sizeof(float) * buffer * omp_get_max_threads() : 0};
}

PreparedOp mixImages(const MixImagesOp<Tensor>& op) {
  const Tensor x = op.in.x, y = op.out.y;
  const int64_t batch = x.dim(0), width = x.dim(2), channels = x.dim(3), size = x.count() / batch;
  return {[=, x = x.f32(), y = y.f32(), mixing = op.in.mixing.f32()](std::byte*) {
    const float keep = mixing[0];
    const auto pixels = [&](int i) { return static_cast<int64_t>(mixing[i]); };
    const int64_t top = pixels(2), left = pixels(3), boxHeight = pixels(4), boxWidth = pixels(5);
    parallel(batch, 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; i++) {
        const float *own = x + i * size, *other = x + (batch - 1 - i) * size;
        float* const mixed = y + i * size;
        std::memcpy(mixed, own, size * sizeof(float));
        for (int64_t row = top; row < top + boxHeight; row++) {
          const int64_t first = (row * width + left) * channels;
          for (int64_t j = first; j < first + boxWidth * channels; j++)
            mixed[j] = keep * own[j] + (1 - keep) * other[j];
        }
      }
    });
  }};
}

PreparedOp gatherLabels(const GatherLabelsOp<Tensor>& op) {
  const Tensor labels = op.in.labels, indices = op.in.indices, y = op.out.y;
  return {[=, batch = y.count(), images = labels.count()](std::byte*) {
    checkIndices(indices.i32(), batch, images);
    for (int64_t i = 0; i < batch; i++) y.i32()[i] = labels.i32()[indices.i32()[i]];
  }};
}

}  // namespace trainyard::cpu::ops
