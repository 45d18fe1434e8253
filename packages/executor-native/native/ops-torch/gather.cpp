#include "ops-torch/color_jitter.h"
#include "ops-torch/ops.h"
#include "ops-torch/random.h"
#include "ops-torch/resized_crop.h"

namespace trainyard::aten::ops {
namespace {

/** The row or column to read for position `at`; positions outside are reflected at the border pixels. */
at::Tensor reflected(const at::Tensor& at, int64_t size) { return size - 1 - (size - 1 - at.abs()).abs(); }

at::Tensor within(const at::Tensor& at, int64_t size) { return at.ge(0).logical_and_(at.lt(size)); }

/** What is drawn for each image: tensors [S,B], as `augmentationDraws` of random.ts says. */
struct Changes {
  at::Tensor flip, right, down, cutLeft, cutTop;
};

/**
 * The pixel of its image, row * width + column, for each place of the batch: [S,B,height,width]; -1 for a zero.
 * Rows come from `down` above, columns from `right` to the left, in the flipped image.
 */
at::Tensor placesOf(const Changes& change, bool reflect, int64_t cutout, int64_t height, int64_t width) {
  const auto options = change.right.options();
  const at::Tensor row = at::arange(height, options).view({height, 1}), column = at::arange(width, options);
  const auto spread = [](const at::Tensor& value) { return value.unsqueeze(-1).unsqueeze(-1); };
  at::Tensor rows = row - spread(change.down), columns = column - spread(change.right);
  if (reflect) {
    rows = reflected(rows, height);
    columns = reflected(columns, width);
  }
  at::Tensor kept = within(rows, height).logical_and(within(columns, width));
  if (cutout > 0) {
    const at::Tensor rowCut = within(row - spread(change.cutTop), cutout);
    kept = kept.logical_and(rowCut.logical_and(within(column - spread(change.cutLeft), cutout)).logical_not());
  }
  const at::Tensor places = rows * width + at::where(spread(change.flip), width - 1 - columns, columns);
  return places.masked_fill(kept.logical_not(), -1);
}

/** indices, steps and epochs of the next steps: [S,B], [S], [S]; epochs for an alternating flip alone. */
Changes drawn(const ImageAugmentation& a, const Random& random, const at::Tensor& indices, const at::Tensor& steps,
              const at::Tensor& epochs, int64_t height, int64_t width) {
  const at::Tensor positions = at::arange(indices.size(1), indices.options()), step = steps.unsqueeze(1);
  const at::Tensor first = random.words(positions, step, 0), second = random.words(positions, step, 1);
  const auto scaled = [](const at::Tensor& words, int64_t word, int64_t size) {
    return Random::toUnit(words.select(-1, word)).mul_(size).floor_().to(at::kLong);
  };
  const auto topBit = [](const at::Tensor& words) { return at::bitwise_right_shift(words.select(-1, 0), 31); };
  at::Tensor flip = at::zeros(indices.sizes(), indices.options().dtype(at::kBool));
  if (a.flip == Flip::random) flip = topBit(first).eq(1);
  if (a.flip == Flip::alternating)
    flip =
        topBit(random.words(indices, at::zeros({1}, indices.options()), 2)).ne(at::bitwise_and(epochs, 1).unsqueeze(1));
  const int64_t shifts = 2 * a.translate + 1;
  return {flip, scaled(first, 1, shifts) - a.translate, scaled(first, 2, shifts) - a.translate,
          scaled(second, 0, width) - a.cutout / 2, scaled(second, 1, height) - a.cutout / 2};
}

using Fed = std::function<at::Tensor()>;

/** A slot's fed values as int64. */
Fed fedIntegers(const Operand& operand, const Workspace& workspace) {
  return [fed = workspace.fedValues(operand)] { return fed().to(at::kLong); };
}

/** The fed indices of the step that runs, computed once for all ops that gather by them. */
std::shared_ptr<Precomputed> indexOf(const Operand& indices, Workspace& workspace) {
  return workspace.precompute("indices/" + std::to_string(indices.slot), fedIntegers(indices, workspace));
}

/** The places of the step that runs, [batch,height * width], where they are drawn. */
Fed drawnPlaces(const GatherImagesOp<Operand>& op, Workspace& workspace, int64_t height, int64_t width) {
  const ImageAugmentation a = *op.augmentation;
  const Fed epochs = a.flip == Flip::alternating ? fedIntegers(op.in.epoch, workspace) : [] { return at::Tensor(); };
  const Fed indices = fedIntegers(op.in.indices, workspace), steps = fedIntegers(op.in.step, workspace);
  const auto places = workspace.precompute("places/" + std::to_string(op.out.y.slot), [=, random = Random(op.random)] {
    const Changes changes = drawn(a, random, indices(), steps(), epochs(), height, width);
    return placesOf(changes, a.border == Border::reflect, a.cutout, height, width).flatten(2).to(at::kInt);
  });
  return [places] { return places->get().to(at::kLong); };
}

/** The crops of the step that runs, [batch,4]; null where no image is cropped. */
Fed drawnCrops(const GatherImagesOp<Operand>& op, Workspace& workspace, int64_t height, int64_t width) {
  if (!op.augmentation || !op.augmentation->crop) return nullptr;
  const auto compute = [=, bounds = *op.augmentation->crop, random = Random(op.random),
                        indices = fedIntegers(op.in.indices, workspace), steps = fedIntegers(op.in.step, workspace)] {
    const at::Tensor fed = indices();
    return drawCrops(bounds, random, at::arange(fed.size(1), fed.options()), steps().unsqueeze(1), height, width);
  };
  const auto crops = workspace.precompute("crops/" + std::to_string(op.out.y.slot), compute);
  return [crops] { return crops->get(); };
}

/** The light of the step that runs, [batch,4]; null where it does not change. */
Fed drawnLight(const GatherImagesOp<Operand>& op, Workspace& workspace) {
  if (!op.augmentation || !op.augmentation->jitter) return nullptr;
  const auto compute = [=, bounds = *op.augmentation->jitter, random = Random(op.random),
                        indices = fedIntegers(op.in.indices, workspace), steps = fedIntegers(op.in.step, workspace)] {
    const at::Tensor fed = indices();
    return drawLight(bounds, random, at::arange(fed.size(1), fed.options()), steps().unsqueeze(1));
  };
  const auto light = workspace.precompute("light/" + std::to_string(op.out.y.slot), compute);
  return [light] { return light->get(); };
}

/** The same for all images, [1,height * width]. */
Fed viewedPlaces(const ImageView& view, const Workspace& workspace, int64_t height, int64_t width) {
  const auto one = [&](int64_t value) { return at::full({1, 1}, value, workspace.options(at::kLong)); };
  const Changes changes{one(view.mirror).ne(0), one(view.right), one(view.down), {}, {}};
  return [places = placesOf(changes, true, 0, height, width).view({1, -1})] { return places; };
}

/** Null where the images are gathered unchanged. */
Fed placesOf(const GatherImagesOp<Operand>& op, Workspace& workspace, int64_t height, int64_t width) {
  if (op.augmentation) return drawnPlaces(op, workspace, height, width);
  if (op.view) return viewedPlaces(*op.view, workspace, height, width);
  return nullptr;
}

}  // namespace

Step gatherImages(const GatherImagesOp<Operand>& op, Workspace& workspace) {
  const Operand images = op.in.images, y = op.out.y;
  const int64_t batch = y.dim(0), height = y.dim(1), width = y.dim(2), channels = y.dim(3);
  // (pixel/255 - mean)/std = pixel scale + shift
  std::vector<double> scales, shifts;
  for (int64_t c = 0; c < channels; c++) {
    scales.push_back(1 / (255 * op.std.at(c)));
    shifts.push_back(-op.mean.at(c) / op.std.at(c));
  }
  const auto index = indexOf(op.in.indices, workspace);
  const Fed places = placesOf(op, workspace, height, width), crops = drawnCrops(op, workspace, height, width);
  const Fed light = drawnLight(op, workspace);
  const bool turnsHue = light && op.augmentation->jitter->hue != 0;
  return [=, scale = workspace.constant(scales), shift = workspace.constant(shifts), type = workspace.computeType()] {
    if (!places) return y.set((images.get().index_select(0, index->get()) * scale).add_(shift).to(type));
    const at::Tensor from = places();
    at::Tensor pixels = images.get(), image = index->get();
    if (crops || light) {
      pixels = pixels.index_select(0, image).to(at::kFloat);
      if (crops) pixels = enlarge(pixels, crops());
      if (light) pixels = jitter(pixels / 255, light(), turnsHue) * 255;
      image = at::arange(batch, image.options());
    }
    pixels = pixels.view({-1, height * width, channels});
    const at::Tensor chosen = at::index(pixels, {image.view({batch, 1}), from.clamp_min(0)});
    y.set((chosen * scale).add_(shift).mul_(from.ge(0).unsqueeze(-1)).to(type).view(y.shape));
  };
}

Step mixImages(const MixImagesOp<Operand>& op, Workspace& workspace) {
  const Operand x = op.in.x;
  return [=, mixing = op.in.mixing, y = op.out.y, rows = at::arange(x.dim(1), workspace.options(at::kFloat)),
          columns = at::arange(x.dim(2), workspace.options(at::kFloat))] {
    const at::Tensor images = x.get(), how = mixing.get(), keep = how.select(0, 0);
    const auto within = [&](const at::Tensor& places, int64_t first) {
      const at::Tensor from = how.select(0, first);
      return places.ge(from).logical_and(places.lt(from + how.select(0, first + 2)));
    };
    const at::Tensor box = within(rows, 2).view({1, -1, 1, 1}).logical_and(within(columns, 3).view({1, 1, -1, 1}));
    y.set(at::where(box, images * keep + images.flip(0) * (1 - keep), images));
  };
}

Step gatherLabels(const GatherLabelsOp<Operand>& op, Workspace& workspace) {
  const auto index = indexOf(op.in.indices, workspace);
  return [=, labels = op.in.labels, y = op.out.y] { y.set(labels.get().index_select(0, index->get())); };
}

}  // namespace trainyard::aten::ops
