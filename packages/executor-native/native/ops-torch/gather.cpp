#include "ops-torch/families.h"
#include "ops-torch/random.h"

namespace trainyard::aten::ops {
namespace {

enum class Flip { none, random, alternating };

struct Augmentation {
  explicit Augmentation(const OpContext& op)
      : flip(flipOf(op.spec.text("augmentation.flip"))),
        translate(op.integer("augmentation.translate")),
        cutout(op.integer("augmentation.cutout")),
        reflect(isReflect(op.spec.text("augmentation.border"))) {}

  Flip flip;
  int64_t translate, cutout;
  bool reflect;

 private:
  static Flip flipOf(const std::string& text) {
    if (text == "none") return Flip::none;
    if (text == "random") return Flip::random;
    if (text == "alternating") return Flip::alternating;
    throw Failure("gatherImages: unknown flip " + text);
  }
  static bool isReflect(const std::string& border) {
    if (border != "zero" && border != "reflect") throw Failure("gatherImages: unknown border " + border);
    return border == "reflect";
  }
};

/** The row or column that stands at `at`, outside reflected at the border pixels. */
at::Tensor reflected(const at::Tensor& at, int64_t size) { return size - 1 - (size - 1 - at.abs()).abs(); }

at::Tensor within(const at::Tensor& at, int64_t size) { return at.ge(0).logical_and_(at.lt(size)); }

/** What is drawn for each image: tensors [S,B], as `augmentationDraws` of random.ts says. */
struct Changes {
  at::Tensor flip, right, down, cutLeft, cutTop;
};

/**
 * Which pixel of its image, row * width + column, stands at each place of the batch: [S,B,height,width]; -1 where a
 * zero does. Rows come from `down` above, columns from `right` to the left, in the flipped image.
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
Changes drawn(const Augmentation& a, const Random& random, const at::Tensor& indices, const at::Tensor& steps,
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
Fed fedIntegers(const OpContext& op, const std::string& name) {
  return [fed = op.fed(name)] { return fed().to(at::kLong); };
}

/**
 * The places, [batch,height * width] or, the same for all images, [1,height * width], of the step that runs; null: as
 * they are.
 */
Fed placesOf(const OpContext& op, int64_t height, int64_t width) {
  if (op.has("augmentation.flip")) {
    const Augmentation a(op);
    const Fed epochs = a.flip == Flip::alternating ? fedIntegers(op, "in.epoch") : [] { return at::Tensor(); };
    const auto key = "places/" + std::to_string(op.spec.slot("out.y"));
    const auto places = op.workspace.ahead(
        key, [=, random = Random(op), indices = fedIntegers(op, "in.indices"), steps = fedIntegers(op, "in.step")] {
          const Changes changes = drawn(a, random, indices(), steps(), epochs(), height, width);
          return placesOf(changes, a.reflect, a.cutout, height, width).flatten(2).to(at::kInt);
        });
    return [places] { return places->get().to(at::kLong); };
  }
  if (!op.has("view.mirror")) return nullptr;
  const auto one = [&](const char* name) {
    return at::full({1, 1}, op.integer(name), op.workspace.options(at::kLong));
  };
  const Changes view{one("view.mirror").ne(0), one("view.right"), one("view.down"), {}, {}};
  return [places = placesOf(view, true, 0, height, width).view({1, -1})] { return places; };
}

}  // namespace

Step gatherImages(const OpContext& op) {
  const Operand images = op.slot("in.images"), y = op.slot("out.y");
  const int64_t batch = y.dim(0), height = y.dim(1), width = y.dim(2), channels = y.dim(3);
  // (pixel/255 - mean)/std = pixel scale + shift
  std::vector<double> scales, shifts;
  for (int64_t c = 0; c < channels; c++) {
    scales.push_back(1 / (255 * op.spec.values("std").at(c)));
    shifts.push_back(-op.spec.values("mean").at(c) / op.spec.values("std").at(c));
  }
  const auto index =
      op.workspace.ahead("indices/" + std::to_string(op.spec.slot("in.indices")), fedIntegers(op, "in.indices"));
  const Fed places = placesOf(op, height, width);
  return [=, scale = op.workspace.constant(scales), shift = op.workspace.constant(shifts),
          type = op.workspace.computeType()] {
    if (!places) return y.set((images.get().index_select(0, index->get()) * scale).add_(shift).to(type));
    const at::Tensor from = places(), pixels = images.get().view({-1, height * width, channels});
    const at::Tensor chosen = at::index(pixels, {index->get().view({batch, 1}), from.clamp_min(0)});
    y.set((chosen * scale).add_(shift).mul_(from.ge(0).unsqueeze(-1)).to(type).view(y.shape));
  };
}

Step gatherLabels(const OpContext& op) {
  const auto index =
      op.workspace.ahead("indices/" + std::to_string(op.spec.slot("in.indices")), fedIntegers(op, "in.indices"));
  return
      [=, labels = op.slot("in.labels"), y = op.slot("out.y")] { y.set(labels.get().index_select(0, index->get())); };
}

}  // namespace trainyard::aten::ops
