#include <cmath>

#include "ops-torch/activation.h"
#include "ops-torch/families.h"
#include "ops-torch/random.h"

namespace trainyard::aten {

at::Tensor Activation::forward(const at::Tensor& x) const {
  if (kind.empty()) return x;
  if (kind == "gelu") return at::gelu(x);
  if (kind == "tanh") return at::tanh(x);
  if (kind == "sigmoid") return at::sigmoid(x);
  if (kind == "leakyRelu") return at::leaky_relu(x, slope);
  return at::relu(x);
}

at::Tensor Activation::gradient(const at::Tensor& saved, const at::Tensor& dy) const {
  if (kind == "gelu") return at::gelu_backward(dy, saved);
  if (kind == "tanh") return at::tanh_backward(dy, saved);
  if (kind == "sigmoid") return at::sigmoid_backward(dy, saved);
  if (kind == "leakyRelu") return at::leaky_relu_backward(dy, saved, slope, /*self_is_result=*/false);
  return at::threshold_backward(dy, saved, 0);
}

namespace ops {
namespace {

/** Which of `count` elements are kept, [steps, count]; once for all ops that draw alike. */
std::shared_ptr<Ahead> kept(const OpContext& op, int64_t count) {
  const Random random(op);
  const double rate = op.number("rate");
  // An element is kept where its unit draw is at least the rate: where the upper 24 bits of its word are at least this.
  const auto threshold = static_cast<int64_t>(std::ceil(rate * 16777216));
  const auto key = "kept/" + random.key() + "/" + std::to_string(rate) + "/" + std::to_string(count);
  return op.workspace.ahead(key, [=, steps = op.fed("in.step")] {
    return at::bitwise_right_shift(random.draws(count, steps()), 8).ge(threshold);
  });
}

double scaleOf(const OpContext& op) { return 1 / (1 - op.number("rate")); }

}  // namespace

Step activation(const OpContext& op) {
  return [act = Activation(op), x = op.slot("in.x"), y = op.slot("out.y")] { y.set(act.forward(x.get())); };
}

Step activationGrad(const OpContext& op) {
  return [act = Activation(op), saved = op.slot("in.saved"), dy = op.slot("in.dy"), dx = op.slot("out.dx")] {
    const at::Tensor gradient = dy.get();
    dx.set(act.gradient(saved.get().to(gradient.scalar_type()), gradient));
  };
}

Step dropout(const OpContext& op) {
  const Operand x = op.slot("in.x");
  return [x, y = op.slot("out.y"), kept = kept(op, c10::multiply_integers(x.shape)), scale = scaleOf(op)] {
    y.set(at::native_dropout_backward(x.get(), kept->get().view(x.shape), scale));
  };
}

Step spatialDropout(const OpContext& op) {
  const Operand x = op.slot("in.x");
  const int64_t images = x.dim(0), channels = x.last();
  return [=, y = op.slot("out.y"), kept = kept(op, images * channels), scale = scaleOf(op)] {
    y.set((x.get() * kept->get().view({images, 1, 1, channels})).mul_(scale));
  };
}

Step scale(const OpContext& op) {
  return [x = op.slot("in.x"), y = op.slot("out.y"), factor = op.number("factor")] { y.set(x.get() * factor); };
}

Step add(const OpContext& op) {
  return [a = op.slot("in.a"), b = op.slot("in.b"), y = op.slot("out.y")] { y.set(a.get() + b.get()); };
}

}  // namespace ops
}  // namespace trainyard::aten
