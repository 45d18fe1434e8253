#include "ops-cpu/activation.h"
#include "ops-cpu/families.h"
#include "ops-cpu/onednn.h"
#include "ops-cpu/winograd.h"

namespace trainyard::cpu::ops {
namespace {

/** x [B,H,W,C], kernel [h,w,C,O], y [B,H',W',O] */
ConvolutionShape shapeOf(const OpContext& op, const Tensor& x, const Tensor& w, const Tensor& y) {
  const auto& stride = op.numbers("convolution.stride");
  const auto padding = [&](const char* side) {
    return static_cast<int64_t>(op.number(std::string("convolution.padding.") + side));
  };
  return {x.dim(0),
          x.dim(1),
          x.dim(2),
          x.dim(3),
          w.dim(0),
          w.dim(1),
          y.dim(1),
          y.dim(2),
          y.dim(3),
          static_cast<int64_t>(stride[0]),
          static_cast<int64_t>(stride[1]),
          padding("top"),
          padding("left"),
          padding("bottom"),
          padding("right")};
}

}  // namespace

PreparedOp conv2d(const OpContext& op) {
  const Tensor x = op.slot("in.x"), w = op.slot("in.w"), b = op.optional("in.b"), y = op.slot("out.y");
  const Activation activation = Activation::of(op);
  const ConvolutionShape shape = shapeOf(op, x, w, y);
  const auto convolution = winograd::suits(shape) ? winograd::convolution : onednn::convolution;
  return withActivation(convolution(shape, x.f32(), w.f32(), b ? b.f32() : nullptr, y.f32(), activation.fused()),
                        activation, y);
}

PreparedOp conv2dGradInput(const OpContext& op) {
  const Tensor dy = op.slot("in.dy"), w = op.slot("in.w"), dx = op.slot("out.dx");
  const ConvolutionShape shape = shapeOf(op, dx, w, dy);
  const auto gradient = winograd::suits(shape) ? winograd::convolutionGradInput : onednn::convolutionGradInput;
  return gradient(shape, dy.f32(), w.f32(), dx.f32());
}

PreparedOp conv2dGradFilter(const OpContext& op) {
  const Tensor x = op.slot("in.x"), dy = op.slot("in.dy"), dw = op.slot("out.dw"), db = op.optional("out.db");
  const ConvolutionShape shape = shapeOf(op, x, dw, dy);
  const auto gradient = winograd::suits(shape) ? winograd::convolutionGradFilter : onednn::convolutionGradFilter;
  return gradient(shape, x.f32(), dy.f32(), dw.f32(), db ? db.f32() : nullptr);
}

}  // namespace trainyard::cpu::ops
