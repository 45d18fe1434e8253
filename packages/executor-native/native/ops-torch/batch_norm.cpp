#include "ops-torch/ops.h"

namespace trainyard::aten::ops {
namespace {

/** [B,C] and [B,H,W,C] alike with channels second. */
at::Tensor channelsSecond(const at::Tensor& x) { return x.dim() == 4 ? channelsFirst(x) : x; }
at::Tensor channelsAtEnd(const at::Tensor& y) { return y.dim() == 4 ? channelsLast(y) : y; }

/** An op's factors, ones where it has none. */
std::function<at::Tensor()> gammaOf(const Operand& gamma, const Operand& x, const Workspace& workspace) {
  if (gamma) return [gamma] { return gamma.get(); };
  return [ones = at::ones({x.last()}, workspace.options(at::kFloat))] { return ones; };
}

}  // namespace

Step batchNorm(const BatchNormOp<Operand>& op, Workspace& workspace) {
  const Operand x = op.in.x;
  const bool single = c10::multiply_integers(x.shape) == x.last();
  return [=, gamma = gammaOf(op.in.gamma, op.in.x, workspace), beta = op.in.beta, y = op.out.y, mean = op.out.mean,
          invStd = op.out.invStd, runningMean = op.update.runningMean, runningVariance = op.update.runningVariance,
          epsilon = op.epsilon, momentum = op.momentum] {
    // The unbiased variance of a single row would be 0/0 in ATen; here it is the biased one, 0.
    const at::Tensor none;
    const auto [result, batchMean, batchInvStd] =
        at::native_batch_norm(channelsSecond(x.get()), gamma(), beta.get(), single ? none : runningMean.get(),
                              single ? none : runningVariance.get(), true, momentum, epsilon);
    y.set(channelsAtEnd(result));
    mean.set(batchMean);
    invStd.set(batchInvStd);
    if (!single) return;
    runningMean.get().lerp_(batchMean, momentum);
    // 0 times the mean: NaN where x is not finite.
    runningVariance.get().lerp_(batchMean * 0, momentum);
  };
}

Step batchNormInference(const BatchNormInferenceOp<Operand>& op, Workspace& workspace) {
  return [x = op.in.x, gamma = gammaOf(op.in.gamma, op.in.x, workspace), beta = op.in.beta, y = op.out.y,
          mean = op.in.runningMean, variance = op.in.runningVariance, epsilon = op.epsilon] {
    const auto result = at::native_batch_norm(channelsSecond(x.get()), gamma(), beta.get(), mean.get(), variance.get(),
                                              false, 0, epsilon);
    y.set(channelsAtEnd(std::get<0>(result)));
  };
}

Step batchNormGrad(const BatchNormGradOp<Operand>& op, Workspace& workspace) {
  const Operand dgamma = op.out.dgamma;
  return [=, x = op.in.x, dy = op.in.dy, gamma = gammaOf(op.in.gamma, op.in.x, workspace), mean = op.in.mean,
          invStd = op.in.invStd, dx = op.out.dx, dbeta = op.out.dbeta] {
    const at::Tensor input = channelsSecond(x.get()), none;
    const auto [gradient, ofGamma, ofBeta] =
        at::native_batch_norm_backward(channelsSecond(dy.get().to(input.scalar_type())), input, gamma(), none, none,
                                       mean.get(), invStd.get(), true, 0, {true, true, true});
    dx.set(channelsAtEnd(gradient));
    dbeta.set(ofBeta);
    if (dgamma) dgamma.set(ofGamma);
  };
}

}  // namespace trainyard::aten::ops
