#include <cmath>

#include "ops-torch/activation.h"
#include "ops-torch/ops.h"
#include "ops-torch/random.h"

namespace trainyard::aten {

at::Tensor activate(const std::optional<Activation>& activation, const at::Tensor& x) {
  if (!activation) return x;
  switch (activation->kind) {
    case ActivationKind::gelu: return at::gelu(x);
    case ActivationKind::tanh: return at::tanh(x);
    case ActivationKind::sigmoid: return at::sigmoid(x);
    case ActivationKind::leakyRelu: return at::leaky_relu(x, activation->slope);
    case ActivationKind::relu: return at::relu(x);
  }
  throw Failure("unknown activation");
}

namespace ops {
namespace {

/** `saved` is the output; of gelu the input. */
at::Tensor activateGrad(const Activation& activation, const at::Tensor& saved, const at::Tensor& dy) {
  switch (activation.kind) {
    case ActivationKind::gelu: return at::gelu_backward(dy, saved);
    case ActivationKind::tanh: return at::tanh_backward(dy, saved);
    case ActivationKind::sigmoid: return at::sigmoid_backward(dy, saved);
    case ActivationKind::leakyRelu:
      return at::leaky_relu_backward(dy, saved, activation.slope, /*self_is_result=*/false);
    case ActivationKind::relu: return at::threshold_backward(dy, saved, 0);
  }
  throw Failure("unknown activation");
}

/** Which of `count` elements are kept, [steps, count]; once for all ops that draw alike. */
template <class Op>
std::shared_ptr<Precomputed> kept(const Op& op, Workspace& workspace, int64_t count) {
  const Random random(op.random);
  const double rate = op.rate;
  // An element is kept where its unit draw is at least the rate: where the upper 24 bits of its word are at least this.
  const auto threshold = static_cast<int64_t>(std::ceil(rate * 16777216));
  const auto key = "kept/" + random.key() + "/" + std::to_string(rate) + "/" + std::to_string(count);
  return workspace.precompute(key, [=, steps = workspace.fedValues(op.in.step)] {
    return at::bitwise_right_shift(random.draws(count, steps()), 8).ge(threshold);
  });
}

double scaleOf(double rate) { return 1 / (1 - rate); }

}  // namespace

Step activation(const ActivationOp<Operand>& op, Workspace&) {
  return [activation = op.activation, x = op.in.x, y = op.out.y] { y.set(activate(activation, x.get())); };
}

Step activationGrad(const ActivationGradOp<Operand>& op, Workspace&) {
  return [activation = op.activation, saved = op.in.saved, dy = op.in.dy, dx = op.out.dx] {
    const at::Tensor gradient = dy.get();
    dx.set(activateGrad(activation, saved.get().to(gradient.scalar_type()), gradient));
  };
}

Step dropout(const DropoutOp<Operand>& op, Workspace& workspace) {
  const Operand x = op.in.x;
  return [x, y = op.out.y, kept = kept(op, workspace, c10::multiply_integers(x.shape)), scale = scaleOf(op.rate)] {
    y.set(at::native_dropout_backward(x.get(), kept->get().view(x.shape), scale));
  };
}

Step spatialDropout(const SpatialDropoutOp<Operand>& op, Workspace& workspace) {
  const Operand x = op.in.x;
  const int64_t images = x.dim(0), channels = x.last();
  return [=, y = op.out.y, kept = kept(op, workspace, images * channels), scale = scaleOf(op.rate)] {
    y.set((x.get() * kept->get().view({images, 1, 1, channels})).mul_(scale));
  };
}

Step scale(const ScaleOp<Operand>& op, Workspace&) {
  return [x = op.in.x, y = op.out.y, factor = op.factor] { y.set(x.get() * factor); };
}

Step scaleChannels(const ScaleChannelsOp<Operand>& op, Workspace&) {
  return [x = op.in.x, s = op.in.s, y = op.out.y] {
    const at::Tensor values = x.get();
    y.set(values * s.get().to(values.scalar_type()).view({x.dim(0), 1, 1, x.last()}));
  };
}

Step scaleChannelsGrad(const ScaleChannelsGradOp<Operand>& op, Workspace&) {
  return [x = op.in.x, dy = op.in.dy, ds = op.out.ds] { ds.set((x.get() * dy.get()).sum(at::IntArrayRef{1, 2})); };
}

Step concatenate(const ConcatenateOp<Operand>& op, Workspace&) {
  const auto& in = op.in;
  std::vector<Operand> inputs;
  for (const Operand& x : {in.x0, in.x1, in.x2, in.x3, in.x4, in.x5, in.x6, in.x7})
    if (x) inputs.push_back(x);
  return [inputs, y = op.out.y] {
    std::vector<at::Tensor> values;
    for (const Operand& x : inputs) values.push_back(x.get());
    y.set(at::cat(values, -1));
  };
}

Step slice(const SliceOp<Operand>& op, Workspace&) {
  return [x = op.in.x, y = op.out.y, from = op.from] { y.set(x.get().narrow(-1, from, y.last())); };
}

Step add(const AddOp<Operand>& op, Workspace&) {
  return [a = op.in.a, b = op.in.b, y = op.out.y] { y.set(a.get() + b.get()); };
}

}  // namespace ops
}  // namespace trainyard::aten
