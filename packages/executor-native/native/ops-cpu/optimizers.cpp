#include <cmath>

#include "ops-cpu/ops.h"

namespace trainyard::cpu::ops {

PreparedOp sgd(const SgdOp<Tensor>& op) {
  const Tensor w = op.update.w, v = op.update.v;
  return {[n = w.count(), w = w.f32(), v = v.f32(), g = op.in.g.f32(), rate = op.in.learningRate.f32(),
           momentum = static_cast<float>(op.momentum), nesterov = op.nesterov,
           decay = static_cast<float>(op.weightDecay)](std::byte*) {
    parallelElements(n, [&](int64_t begin, int64_t end) {
      kernels.sgd(w + begin, v ? v + begin : nullptr, g + begin, end - begin, *rate, momentum, nesterov, decay);
    });
  }};
}

PreparedOp adam(const AdamOp<Tensor>& op) {
  const Tensor w = op.update.w, step = op.in.step;
  const double beta1 = op.beta1, beta2 = op.beta2, decay = op.weightDecay;
  const bool decoupled = op.decoupled;
  return {[=, n = w.count(), w = w.f32(), m = op.update.m.f32(), v = op.update.v.f32(), g = op.in.g.f32(),
           rate = op.in.learningRate.f32(), epsilon = static_cast<float>(op.epsilon)](std::byte*) {
    const double t = *step.i32() + 1.0;
    const auto corrected = static_cast<float>(*rate / (1 - std::pow(beta1, t)));
    const auto root = static_cast<float>(std::sqrt(1 - std::pow(beta2, t)));
    const auto keep = static_cast<float>(decoupled ? 1 - *rate * decay : 1);
    parallelElements(n, [&](int64_t begin, int64_t end) {
      kernels.adam(w + begin, m + begin, v + begin, g + begin, end - begin, corrected, root, static_cast<float>(beta1),
                   static_cast<float>(1 - beta1), static_cast<float>(beta2), static_cast<float>(1 - beta2), epsilon,
                   decoupled ? 0.0f : static_cast<float>(decay), keep);
    });
  }};
}

PreparedOp ema(const EmaOp<Tensor>& op) {
  const Tensor w = op.in.w, average = op.update.average;
  return {[n = w.count(), w = w.f32(), average = average.f32(), shares = op.in.shares.f32()](std::byte*) {
    const float kept = shares[0], taken = shares[1];
    parallelElements(
        n, [&](int64_t begin, int64_t end) { kernels.blend(average + begin, w + begin, end - begin, kept, taken); });
  }};
}

PreparedOp lookahead(const LookaheadOp<Tensor>& op) {
  const Tensor w = op.update.w, slow = op.update.slow;
  return {[n = w.count(), w = w.f32(), slow = slow.f32(), blend = op.in.blend.f32()](std::byte*) {
    const float decay = blend[0], pull = blend[1];
    if (decay == 1 && pull == 0) return;
    parallelElements(
        n, [&](int64_t begin, int64_t end) { kernels.lookahead(slow + begin, w + begin, end - begin, decay, pull); });
  }};
}

}  // namespace trainyard::cpu::ops
