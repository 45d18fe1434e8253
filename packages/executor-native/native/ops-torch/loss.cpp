#include "ops-torch/families.h"

namespace trainyard::aten::ops {
namespace {

/** [B] -> [B,K] of bool; a label that is no class has no column. */
at::Tensor oneHot(const at::Tensor& labels, const at::Tensor& classes) { return labels.unsqueeze(1).eq(classes); }

at::Tensor classesOf(const OpContext& op) {
  return at::arange(op.slot("in.logits").dim(1), op.workspace.options(at::kLong));
}

}  // namespace

Step softmaxCrossEntropy(const OpContext& op) {
  const Operand logits = op.slot("in.logits"), dlogits = op.optional("out.dlogits");
  const auto rows = static_cast<double>(logits.dim(0)), smoothing = op.number("labelSmoothing");
  return [=, labels = op.slot("in.labels"), loss = op.slot("out.loss"), hits = op.slot("out.hits"),
          classes = classesOf(op), share = smoothing / static_cast<double>(logits.dim(1))] {
    const at::Tensor x = logits.f32(), logProbabilities = at::log_softmax(x, 1), label = labels.get();
    const at::Tensor targets = (oneHot(label, classes) * (1 - smoothing)).add_(share);
    loss.set((targets * logProbabilities).sum().div_(-rows));
    hits.set(x.argmax(1).eq(label).sum().to(at::kFloat));
    if (dlogits) dlogits.set((logProbabilities.exp() - targets).div_(rows));
  };
}

Step softmax(const OpContext& op) {
  return [x = op.slot("in.x"), y = op.slot("out.y")] { y.set(at::softmax(x.f32(), -1)); };
}

Step accumulate(const OpContext& op) {
  const double count = op.number("count");
  return [=, loss = op.slot("in.loss"), hits = op.slot("in.hits"), totals = op.slot("update.totals"),
          images = op.workspace.constant({count}).select(0, 0)] {
    totals.get().add_(at::stack({loss.get() * count, hits.get(), images}));
  };
}

Step confusion(const OpContext& op) {
  return [logits = op.slot("in.logits"), labels = op.slot("in.labels"), counts = op.slot("update.counts"),
          classes = classesOf(op)] {
    const at::Tensor actual = oneHot(labels.get(), classes).to(at::kFloat);
    const at::Tensor predicted = oneHot(logits.f32().argmax(1), classes).to(at::kFloat);
    counts.get().add_(at::mm(actual.t(), predicted).to(at::kInt));
  };
}

}  // namespace trainyard::aten::ops
