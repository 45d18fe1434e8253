#include "ops-torch/ops.h"

namespace trainyard::aten::ops {

Step sgd(const SgdOp<Operand>& op, Workspace&) {
  const Operand v = op.update.v;
  return [=, g = op.in.g, rate = op.in.learningRate, w = op.update.w, momentum = op.momentum, nesterov = op.nesterov,
          decay = op.weightDecay] {
    const at::Tensor weight = w.get();
    at::Tensor gradient = g.f32();
    if (decay != 0) gradient = at::add(gradient, weight, decay);
    if (v) {
      const at::Tensor velocity = v.get();
      velocity.mul_(momentum).add_(gradient);
      gradient = nesterov ? at::add(gradient, velocity, momentum) : velocity;
    }
    weight.addcmul_(gradient, rate.get(), -1);
  };
}

Step adam(const AdamOp<Operand>& op, Workspace& workspace) {
  const double beta1 = op.beta1, beta2 = op.beta2, decay = op.weightDecay;
  const bool decoupled = op.decoupled;
  const auto factor = [&](const char* name, std::function<at::Tensor()> compute) {
    const auto key = std::string(name) + "/" + std::to_string(op.in.step.slot) + "/" +
                     std::to_string(op.in.learningRate.slot) + "/" + std::to_string(beta1) + "/" +
                     std::to_string(beta2) + "/" + std::to_string(decay);
    return workspace.precompute(key, std::move(compute));
  };
  const auto fedSteps = workspace.fedValues(op.in.step), fedRates = workspace.fedValues(op.in.learningRate);
  const auto correction = [fedSteps](double beta) {
    return at::pow(at::Scalar(beta), fedSteps().to(at::kDouble).add_(1)).neg_().add_(1);
  };
  const auto rate = factor("rate", [=] { return fedRates().to(at::kDouble).div_(correction(beta1)).to(at::kFloat); });
  const auto root = factor("root", [=] { return correction(beta2).sqrt_().to(at::kFloat); });
  const auto keep = factor("keep", [=] { return fedRates().to(at::kDouble).mul_(-decay).add_(1).to(at::kFloat); });
  return [=, g = op.in.g, w = op.update.w, m = op.update.m, v = op.update.v, epsilon = op.epsilon] {
    const at::Tensor weight = w.get(), mean = m.get(), square = v.get();
    at::Tensor gradient = g.f32();
    if (decay != 0 && !decoupled) gradient = at::add(gradient, weight, decay);
    if (decay != 0 && decoupled) weight.mul_(keep->get());
    mean.mul_(beta1).add_(gradient, 1 - beta1);
    square.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
    weight.addcmul_(mean / square.sqrt().div_(root->get()).add_(epsilon), rate->get(), -1);
  };
}

Step ema(const EmaOp<Operand>& op, Workspace&) {
  return [w = op.in.w, average = op.update.average, shares = op.in.shares] {
    const at::Tensor factors = shares.get();
    average.get().mul_(factors.select(0, 0)).addcmul_(w.get(), factors.select(0, 1));
  };
}

Step lookahead(const LookaheadOp<Operand>& op, Workspace&) {
  return [w = op.update.w, slow = op.update.slow, blend = op.in.blend] {
    const at::Tensor weight = w.get(), copy = slow.get(), factors = blend.get(), others = 1 - factors;
    copy.mul_(factors.select(0, 0)).addcmul_(weight, others.select(0, 0));
    weight.mul_(others.select(0, 1)).addcmul_(copy, factors.select(0, 1));
  };
}

}  // namespace trainyard::aten::ops
