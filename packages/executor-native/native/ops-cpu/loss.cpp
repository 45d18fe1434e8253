#include <cmath>

#include "ops-cpu/ops.h"

namespace trainyard::cpu::ops {
namespace {

int64_t firstLargest(const float* row, int64_t n) {
  int64_t best = 0;
  for (int64_t k = 1; k < n; k++)
    if (row[k] > row[best]) best = k;
  return best;
}

void check(int32_t label, int64_t classes) {
  if (label < 0 || label >= classes)
    throw Failure("label " + std::to_string(label) + " is not one of " + std::to_string(classes) + " classes");
}

/** p may be the row itself. Returns log of the sum of exp(row - largest), and the largest. */
std::pair<float, float> softmaxRow(const float* row, float* p, int64_t n) {
  const float largest = row[firstLargest(row, n)];
  float sum = 0;
  for (int64_t k = 0; k < n; k++) sum += p[k] = std::exp(row[k] - largest);
  const float factor = 1 / sum;
  for (int64_t k = 0; k < n; k++) p[k] *= factor;
  return {std::log(sum), largest};
}

/** Targets of a row: `low` for each class, more for its label and that of its partner; times the class's weight. */
struct Targets {
  /** Null: all 1. */
  const std::vector<double>* weights;
  float low, own, other;
  int64_t label, partner;
  float of(int64_t k) const {
    const float target = low + (k == label ? own : 0) + (k == partner ? other : 0);
    return weights ? static_cast<float>((*weights)[k]) * target : target;
  }
};

/**
 * The loss of a row whose softmax is p. Where `rows` is not 0, p becomes the gradient of the mean loss of as many rows.
 */
double lossOf(const Targets& targets, const float* row, float* p, int64_t n, float logSum, float largest,
              int64_t rows) {
  double loss = 0;
  float all = 0;
  for (int64_t k = 0; k < n; k++) {
    const float target = targets.of(k);
    all += target;
    // A class of probability 0 adds nothing where it is no target, also where its logarithm is -infinity.
    if (target != 0) loss += target * (logSum - (row[k] - largest));
  }
  if (rows != 0)
    for (int64_t k = 0; k < n; k++) p[k] = (p[k] * all - targets.of(k)) / rows;
  return loss;
}

}  // namespace

PreparedOp softmaxCrossEntropy(const SoftmaxCrossEntropyOp<Tensor>& op) {
  const Tensor logits = op.in.logits, labels = op.in.labels, dlogits = op.out.dlogits;
  const int64_t rows = logits.dim(0), classes = logits.dim(1);
  const double smoothing = op.labelSmoothing;
  return {[=, x = logits.f32(), loss = op.out.loss.f32(), hits = op.out.hits.f32(), weights = op.classWeights,
           mixing = op.in.mixing.f32(), gradient = dlogits.f32()](std::byte* scratch) {
            const float share = static_cast<float>(smoothing / classes);
            double sum = 0;
            int64_t hit = 0;
            for (int64_t r = 0; r < rows; r++) {
              const float* row = x + r * classes;
              const int32_t label = labels.i32()[r];
              check(label, classes);
              hit += firstLargest(row, classes) == label;
              float* p = gradient ? gradient + r * classes : reinterpret_cast<float*>(scratch);
              const auto [logSum, largest] = softmaxRow(row, p, classes);
              if (weights || mixing) {
                const float part = mixing ? mixing[1] : 1, rest = static_cast<float>(1 - smoothing);
                const int32_t partner = labels.i32()[rows - 1 - r];
                check(partner, classes);
                const Targets targets{
                    weights ? &*weights : nullptr, share, part * rest, (1 - part) * rest, label, partner};
                sum += lossOf(targets, row, p, classes, logSum, largest, gradient ? rows : 0);
                continue;
              }
              // -sum t log p = log sum - (1 - s) x[label] - s/K sum x, all relative to the largest
              double rowLoss = logSum - (1 - smoothing) * (row[label] - largest);
              if (smoothing > 0) {
                double all = 0;
                for (int64_t k = 0; k < classes; k++) all += row[k] - largest;
                rowLoss -= share * all;
              }
              sum += rowLoss;
              if (!gradient) continue;
              p[label] -= static_cast<float>(1 - smoothing);
              for (int64_t k = 0; k < classes; k++) p[k] = (p[k] - share) / rows;
            }
            *loss = static_cast<float>(sum / rows);
            *hits = static_cast<float>(hit);
          },
          classes * sizeof(float)};
}

PreparedOp softmax(const SoftmaxOp<Tensor>& op) {
  const Tensor x = op.in.x, y = op.out.y;
  const int64_t classes = x.last(), rows = x.count() / classes;
  return {[=, x = x.f32(), y = y.f32()](std::byte*) {
    for (int64_t r = 0; r < rows; r++) softmaxRow(x + r * classes, y + r * classes, classes);
  }};
}

PreparedOp accumulate(const AccumulateOp<Tensor>& op) {
  return {[loss = op.in.loss.f32(), hits = op.in.hits.f32(), totals = op.update.totals.f32(),
           count = static_cast<float>(op.count)](std::byte*) {
    totals[0] += *loss * count;
    totals[1] += *hits;
    totals[2] += count;
  }};
}

PreparedOp confusion(const ConfusionOp<Tensor>& op) {
  const Tensor logits = op.in.logits, labels = op.in.labels, counts = op.update.counts;
  const int64_t rows = logits.dim(0), classes = logits.dim(1);
  return {[=, x = logits.f32()](std::byte*) {
    for (int64_t r = 0; r < rows; r++) {
      const int32_t label = labels.i32()[r];
      check(label, classes);
      counts.i32()[label * classes + firstLargest(x + r * classes, classes)]++;
    }
  }};
}

PreparedOp topHits(const TopHitsOp<Tensor>& op) {
  const Tensor logits = op.in.logits, labels = op.in.labels, count = op.update.count;
  const int64_t rows = logits.dim(0), classes = logits.dim(1), k = op.k;
  return {[=, x = logits.f32()](std::byte*) {
    for (int64_t r = 0; r < rows; r++) {
      const int32_t label = labels.i32()[r];
      check(label, classes);
      const float *row = x + r * classes, own = row[label];
      int64_t before = 0;
      // A comparison with NaN is false.
      for (int64_t c = 0; c < classes; c++) before += c != label && (!(row[c] <= own) || (row[c] == own && c < label));
      *count.i32() += before < k;
    }
  }};
}

}  // namespace trainyard::cpu::ops
