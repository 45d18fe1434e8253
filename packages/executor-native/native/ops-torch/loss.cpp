#include "ops-torch/ops.h"

namespace trainyard::aten::ops {
namespace {

/** [B] -> [B,K] of bool; a label that is no class has no column. */
at::Tensor oneHot(const at::Tensor& labels, const at::Tensor& classes) { return labels.unsqueeze(1).eq(classes); }

at::Tensor classesOf(const Operand& logits, const Workspace& workspace) {
  return at::arange(logits.dim(1), workspace.options(at::kLong));
}

}  // namespace

Step softmaxCrossEntropy(const SoftmaxCrossEntropyOp<Operand>& op, Workspace& workspace) {
  const Operand logits = op.in.logits, dlogits = op.out.dlogits;
  const auto rows = static_cast<double>(logits.dim(0)), smoothing = op.labelSmoothing;
  return [=, labels = op.in.labels, mixing = op.in.mixing, loss = op.out.loss, hits = op.out.hits,
          classes = classesOf(op.in.logits, workspace), share = smoothing / static_cast<double>(logits.dim(1)),
          weights = op.classWeights ? workspace.constant(*op.classWeights) : at::Tensor()] {
    const at::Tensor x = logits.f32(), logProbabilities = at::log_softmax(x, 1), label = labels.get();
    at::Tensor own = oneHot(label, classes);
    if (mixing) {
      const at::Tensor part = mixing.get().select(0, 1);
      own = own * part + oneHot(label.flip(0), classes) * (1 - part);
    }
    const at::Tensor targets = (own * (1 - smoothing)).add_(share);
    if (weights.defined()) targets.mul_(weights);
    // A class of probability 0 adds nothing where it is no target, also where its logarithm is -infinity.
    loss.set((targets * logProbabilities).masked_fill_(targets.eq(0), 0).sum().div_(-rows));
    hits.set(x.argmax(1).eq(label).sum().to(at::kFloat));
    if (!dlogits) return;
    at::Tensor probabilities = logProbabilities.exp();
    // Without weights the targets of a row add up to 1.
    if (weights.defined()) probabilities.mul_(targets.sum(1, true));
    dlogits.set((probabilities - targets).div_(rows));
  };
}

Step softmax(const SoftmaxOp<Operand>& op, Workspace&) {
  return [x = op.in.x, y = op.out.y] { y.set(at::softmax(x.f32(), -1)); };
}

Step accumulate(const AccumulateOp<Operand>& op, Workspace& workspace) {
  const auto count = static_cast<double>(op.count);
  return [=, loss = op.in.loss, hits = op.in.hits, totals = op.update.totals,
          images = workspace.constant({count}).select(0, 0)] {
    totals.get().add_(at::stack({loss.get() * count, hits.get(), images}));
  };
}

Step confusion(const ConfusionOp<Operand>& op, Workspace& workspace) {
  return [logits = op.in.logits, labels = op.in.labels, counts = op.update.counts,
          classes = classesOf(op.in.logits, workspace)] {
    const at::Tensor actual = oneHot(labels.get(), classes).to(at::kFloat);
    const at::Tensor predicted = oneHot(logits.f32().argmax(1), classes).to(at::kFloat);
    counts.get().add_(at::mm(actual.t(), predicted).to(at::kInt));
  };
}

Step topHits(const TopHitsOp<Operand>& op, Workspace& workspace) {
  return [logits = op.in.logits, labels = op.in.labels, count = op.update.count, k = op.k,
          classes = classesOf(op.in.logits, workspace)] {
    const at::Tensor x = logits.f32(), label = labels.get().unsqueeze(1), isLabel = classes.eq(label);
    const at::Tensor own = x.masked_fill(isLabel.logical_not(), 0).sum(1, true);
    // A comparison with NaN is false.
    const at::Tensor larger = x.le(own).logical_not().logical_and(isLabel.logical_not());
    const at::Tensor before = larger.logical_or(x.eq(own).logical_and(classes.lt(label))).sum(1);
    count.get().add_(before.lt(k).sum().to(at::kInt));
  };
}

}  // namespace trainyard::aten::ops
