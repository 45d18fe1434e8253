#include "ops-torch/families.h"

namespace trainyard::aten::ops {

Step sgd(const OpContext& op) {
  const Operand v = op.optional("update.v");
  return [=, g = op.slot("in.g"), rate = op.slot("in.learningRate"), w = op.slot("update.w"),
          momentum = op.number("momentum"), nesterov = op.number("nesterov") != 0, decay = op.number("weightDecay")] {
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

Step adam(const OpContext& op) {
  const double beta1 = op.number("beta1"), beta2 = op.number("beta2"), decay = op.number("weightDecay");
  const bool decoupled = op.number("decoupled") != 0;
  const auto factor = [&](const char* name, std::function<at::Tensor()> compute) {
    const auto key = std::string(name) + "/" + std::to_string(op.spec.slot("in.step")) + "/" +
                     std::to_string(op.spec.slot("in.learningRate")) + "/" + std::to_string(beta1) + "/" +
                     std::to_string(beta2) + "/" + std::to_string(decay);
    return op.workspace.ahead(key, std::move(compute));
  };
  const auto fedSteps = op.fed("in.step"), fedRates = op.fed("in.learningRate");
  const auto correction = [fedSteps](double beta) {
    return at::pow(at::Scalar(beta), fedSteps().to(at::kDouble).add_(1)).neg_().add_(1);
  };
  const auto rate = factor("rate", [=] { return fedRates().to(at::kDouble).div_(correction(beta1)).to(at::kFloat); });
  const auto root = factor("root", [=] { return correction(beta2).sqrt_().to(at::kFloat); });
  const auto keep = factor("keep", [=] { return fedRates().to(at::kDouble).mul_(-decay).add_(1).to(at::kFloat); });
  return [=, g = op.slot("in.g"), w = op.slot("update.w"), m = op.slot("update.m"), v = op.slot("update.v"),
          epsilon = op.number("epsilon")] {
    const at::Tensor weight = w.get(), mean = m.get(), square = v.get();
    at::Tensor gradient = g.f32();
    if (decay != 0 && !decoupled) gradient = at::add(gradient, weight, decay);
    if (decay != 0 && decoupled) weight.mul_(keep->get());
    mean.mul_(beta1).add_(gradient, 1 - beta1);
    square.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
    weight.addcmul_(mean / square.sqrt().div_(root->get()).add_(epsilon), rate->get(), -1);
  };
}

Step ema(const OpContext& op) {
  return [w = op.slot("in.w"), average = op.slot("update.average"), decay = op.number("decay")] {
    average.get().mul_(decay).add_(w.get(), 1 - decay);
  };
}

Step lookahead(const OpContext& op) {
  return [w = op.slot("update.w"), slow = op.slot("update.slow"), blend = op.slot("in.blend")] {
    const at::Tensor weight = w.get(), copy = slow.get(), factors = blend.get(), others = 1 - factors;
    copy.mul_(factors.select(0, 0)).addcmul_(weight, others.select(0, 0));
    weight.mul_(others.select(0, 1)).addcmul_(copy, factors.select(0, 1));
  };
}

}  // namespace trainyard::aten::ops
