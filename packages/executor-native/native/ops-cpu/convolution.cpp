#include "ops-cpu/activation.h"
#include "ops-cpu/onednn.h"
#include "ops-cpu/ops.h"
#include "ops-cpu/winograd.h"

namespace trainyard::cpu::ops {
namespace {

/** x [B,H,W,C], kernel [h,w,C/groups,O], y [B,H',W',O] */
ConvolutionShape shapeOf(const Convolution& convolution, const Tensor& x, const Tensor& w, const Tensor& y) {
  const auto& [stride, dilation, padding, groups] = convolution;
  return {x.dim(0),    x.dim(1),    x.dim(2),     x.dim(3),       w.dim(0),      w.dim(1),
          y.dim(1),    y.dim(2),    y.dim(3),     stride[0],      stride[1],     dilation[0],
          dilation[1], padding.top, padding.left, padding.bottom, padding.right, groups};
}

FusedActivation fusedActivation(const std::optional<Activation>& activation) {
  if (!activation) return {};
  if (activation->kind == ActivationKind::relu) return {true, 0};
  if (activation->kind == ActivationKind::leakyRelu) return {true, static_cast<float>(activation->slope)};
  return {};
}

}  // namespace

PreparedOp conv2d(const Conv2dOp<Tensor>& op) {
  const Tensor x = op.in.x, w = op.in.w, b = op.in.b, y = op.out.y;
  const ConvolutionShape shape = shapeOf(op.convolution, x, w, y);
  if (!winograd::suits(shape))
    return withActivation(onednn::convolution(shape, x.f32(), w.f32(), b.f32(), y.f32()), op.activation, y);
  const FusedActivation fused = fusedActivation(op.activation);
  return withActivation(winograd::convolution(shape, x.f32(), w.f32(), b.f32(), y.f32(), fused),
                        fused.any ? std::nullopt : op.activation, y);
}

PreparedOp conv2dGradInput(const Conv2dGradInputOp<Tensor>& op) {
  const Tensor dy = op.in.dy, w = op.in.w, dx = op.out.dx;
  const ConvolutionShape shape = shapeOf(op.convolution, dx, w, dy);
  const auto gradient = winograd::suits(shape) ? winograd::convolutionGradInput : onednn::convolutionGradInput;
  return gradient(shape, dy.f32(), w.f32(), dx.f32());
}

PreparedOp conv2dGradFilter(const Conv2dGradFilterOp<Tensor>& op) {
  const Tensor x = op.in.x, dy = op.in.dy, dw = op.out.dw, db = op.out.db;
  const ConvolutionShape shape = shapeOf(op.convolution, x, dw, dy);
  const auto gradient = winograd::suits(shape) ? winograd::convolutionGradFilter : onednn::convolutionGradFilter;
  return gradient(shape, x.f32(), dy.f32(), dw.f32(), db.f32());
}

}  // namespace trainyard::cpu::ops
