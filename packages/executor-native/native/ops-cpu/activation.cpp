#include "ops-cpu/activation.h"

#include "ops-cpu/ops.h"

namespace trainyard::cpu {
namespace {

void activate(const Activation& activation, float* y, const float* x, int64_t n) {
  switch (activation.kind) {
    case ActivationKind::gelu: return kernels.gelu(y, x, n);
    case ActivationKind::tanh: return kernels.tanh(y, x, n);
    case ActivationKind::sigmoid: return kernels.sigmoid(y, x, n);
    case ActivationKind::relu: return kernels.relu(y, x, n);
    case ActivationKind::leakyRelu: return kernels.leakyRelu(y, x, static_cast<float>(activation.slope), n);
  }
}

void activateGrad(const Activation& activation, float* dx, const float* saved, const float* dy, int64_t n) {
  switch (activation.kind) {
    case ActivationKind::gelu: return kernels.geluGrad(dx, saved, dy, n);
    case ActivationKind::tanh: return kernels.tanhGrad(dx, saved, dy, n);
    case ActivationKind::sigmoid: return kernels.sigmoidGrad(dx, saved, dy, n);
    case ActivationKind::relu: return kernels.reluGrad(dx, saved, dy, n);
    case ActivationKind::leakyRelu:
      return kernels.leakyReluGrad(dx, saved, dy, static_cast<float>(activation.slope), n);
  }
}

}  // namespace

PreparedOp withActivation(PreparedOp first, const std::optional<Activation>& activation, const Tensor& y) {
  if (!activation) return first;
  Step inner = std::move(first.step);
  first.step = [=, activation = *activation, data = y.f32(), n = y.count()](std::byte* scratch) {
    inner(scratch);
    parallelElements(
        n, [&](int64_t begin, int64_t end) { activate(activation, data + begin, data + begin, end - begin); });
  };
  return first;
}

namespace ops {

PreparedOp activation(const ActivationOp<Tensor>& op) {
  const Tensor x = op.in.x, y = op.out.y;
  return {[activation = op.activation, x = x.f32(), y = y.f32(), n = x.count()](std::byte*) {
    parallelElements(n, [&](int64_t begin, int64_t end) { activate(activation, y + begin, x + begin, end - begin); });
  }};
}

PreparedOp activationGrad(const ActivationGradOp<Tensor>& op) {
  const Tensor saved = op.in.saved, dy = op.in.dy, dx = op.out.dx;
  return {[activation = op.activation, saved = saved.f32(), dy = dy.f32(), dx = dx.f32(), n = dy.count()](std::byte*) {
    parallelElements(n, [&](int64_t begin, int64_t end) {
      activateGrad(activation, dx + begin, saved + begin, dy + begin, end - begin);
    });
  }};
}

PreparedOp scale(const ScaleOp<Tensor>& op) {
  const Tensor x = op.in.x, y = op.out.y;
  return {[x = x.f32(), y = y.f32(), n = y.count(), factor = static_cast<float>(op.factor)](std::byte*) {
    parallelElements(n, [&](int64_t begin, int64_t end) { kernels.scale(y + begin, x + begin, factor, end - begin); });
  }};
}

PreparedOp add(const AddOp<Tensor>& op) {
  const Tensor a = op.in.a, b = op.in.b, y = op.out.y;
  return {[a = a.f32(), b = b.f32(), y = y.f32(), n = y.count()](std::byte*) {
    parallelElements(n, [&](int64_t begin, int64_t end) { kernels.add(y + begin, a + begin, b + begin, end - begin); });
  }};
}

}  // namespace ops
}  // namespace trainyard::cpu
