#include "ops-cpu/activation.h"

#include "ops-cpu/families.h"

namespace trainyard::cpu {

Activation Activation::of(const OpContext& op) {
  Activation a;
  a.kind = op.text("activation.kind");
  if (a.kind == "leakyRelu") a.slope = static_cast<float>(op.number("activation.slope"));
  return a;
}

void Activation::forward(float* y, const float* x, int64_t n) const {
  if (kind == "gelu") return kernels.gelu(y, x, n);
  if (kind == "tanh") return kernels.tanh(y, x, n);
  if (kind == "sigmoid") return kernels.sigmoid(y, x, n);
  kernels.leakyRelu(y, x, slope, n);
}

void Activation::gradient(float* dx, const float* saved, const float* dy, int64_t n) const {
  if (kind == "gelu") return kernels.geluGrad(dx, saved, dy, n);
  if (kind == "tanh") return kernels.tanhGrad(dx, saved, dy, n);
  if (kind == "sigmoid") return kernels.sigmoidGrad(dx, saved, dy, n);
  kernels.leakyReluGrad(dx, saved, dy, slope, n);
}

PreparedOp withActivation(PreparedOp first, const Activation& activation, const Tensor& y) {
  if (activation.isFused()) return first;
  Step inner = std::move(first.step);
  first.step = [=, data = y.f32(), n = y.count()](std::byte* scratch) {
    inner(scratch);
    parallelElements(n,
                     [&](int64_t begin, int64_t end) { activation.forward(data + begin, data + begin, end - begin); });
  };
  return first;
}

namespace ops {

PreparedOp activation(const OpContext& op) {
  const Tensor x = op.slot("in.x"), y = op.slot("out.y");
  return {[act = Activation::of(op), x = x.f32(), y = y.f32(), n = x.count()](std::byte*) {
    parallelElements(n, [&](int64_t begin, int64_t end) { act.forward(y + begin, x + begin, end - begin); });
  }};
}

PreparedOp activationGrad(const OpContext& op) {
  const Tensor saved = op.slot("in.saved"), dy = op.slot("in.dy"), dx = op.slot("out.dx");
  return {[act = Activation::of(op), saved = saved.f32(), dy = dy.f32(), dx = dx.f32(), n = dy.count()](std::byte*) {
    parallelElements(
        n, [&](int64_t begin, int64_t end) { act.gradient(dx + begin, saved + begin, dy + begin, end - begin); });
  }};
}

PreparedOp scale(const OpContext& op) {
  const Tensor x = op.slot("in.x"), y = op.slot("out.y");
  return {[x = x.f32(), y = y.f32(), n = y.count(), factor = static_cast<float>(op.number("factor"))](std::byte*) {
    parallelElements(n, [&](int64_t begin, int64_t end) { kernels.scale(y + begin, x + begin, factor, end - begin); });
  }};
}

PreparedOp add(const OpContext& op) {
  const Tensor a = op.slot("in.a"), b = op.slot("in.b"), y = op.slot("out.y");
  return {[a = a.f32(), b = b.f32(), y = y.f32(), n = y.count()](std::byte*) {
    parallelElements(n, [&](int64_t begin, int64_t end) { kernels.add(y + begin, a + begin, b + begin, end - begin); });
  }};
}

}  // namespace ops
}  // namespace trainyard::cpu
