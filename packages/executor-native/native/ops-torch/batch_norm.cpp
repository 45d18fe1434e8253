#include "ops-torch/families.h"

namespace trainyard::aten::ops {
namespace {

/** [B,C] and [B,H,W,C] alike with channels second. */
at::Tensor channelsSecond(const at::Tensor& x) { return x.dim() == 4 ? channelsFirst(x) : x; }
at::Tensor channelsAtEnd(const at::Tensor& y) { return y.dim() == 4 ? channelsLast(y) : y; }

/** An op's factors, ones where it has none. */
std::function<at::Tensor()> gammaOf(const OpContext& op) {
  if (const Operand gamma = op.optional("in.gamma")) return [gamma] { return gamma.get(); };
  return [ones = at::ones({op.slot("in.x").last()}, op.workspace.options(at::kFloat))] { return ones; };
}

}  // namespace

Step batchNorm(const OpContext& op) {
  const Operand x = op.slot("in.x");
  const bool single = c10::multiply_integers(x.shape) == x.last();
  return [=, gamma = gammaOf(op), beta = op.slot("in.beta"), y = op.slot("out.y"), mean = op.slot("out.mean"),
          invStd = op.slot("out.invStd"), runningMean = op.slot("update.runningMean"),
          runningVariance = op.slot("update.runningVariance"), epsilon = op.number("epsilon"),
          momentum = op.number("momentum")] {
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
    runningVariance.get().mul_(1 - momentum);
  };
}

Step batchNormInference(const OpContext& op) {
  return [x = op.slot("in.x"), gamma = gammaOf(op), beta = op.slot("in.beta"), y = op.slot("out.y"),
          mean = op.slot("in.runningMean"), variance = op.slot("in.runningVariance"), epsilon = op.number("epsilon")] {
    const auto result = at::native_batch_norm(channelsSecond(x.get()), gamma(), beta.get(), mean.get(), variance.get(),
                                              false, 0, epsilon);
    y.set(channelsAtEnd(std::get<0>(result)));
  };
}

Step batchNormGrad(const OpContext& op) {
  const Operand dgamma = op.optional("out.dgamma");
  return [=, x = op.slot("in.x"), dy = op.slot("in.dy"), gamma = gammaOf(op), mean = op.slot("in.mean"),
          invStd = op.slot("in.invStd"), dx = op.slot("out.dx"), dbeta = op.slot("out.dbeta")] {
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
