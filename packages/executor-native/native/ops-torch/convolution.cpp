#include "ops-torch/activation.h"
#include "ops-torch/ops.h"

namespace trainyard::aten::ops {
namespace {

/** ATen pads both sides alike; the other paddings are written out. */
struct PaddedWindow {
  explicit PaddedWindow(const Convolution& convolution)
      : stride(convolution.stride.begin(), convolution.stride.end()),
        dilation(convolution.dilation.begin(), convolution.dilation.end()),
        groups(convolution.groups) {
    const auto& [top, bottom, left, right] = convolution.padding;
    if (top == bottom && left == right)
      padding = {top, left};
    else
      written = {left, right, top, bottom};
  }

  at::Tensor padded(const at::Tensor& x) const {
    return written.empty() ? x : at::constant_pad_nd(x, written, 0).contiguous(at::MemoryFormat::ChannelsLast);
  }
  /** [B,C,H,W] of an input [B,H,W,C] once it is padded. */
  std::vector<int64_t> paddedShape(const std::vector<int64_t>& x) const {
    if (written.empty()) return {x[0], x[3], x[1], x[2]};
    return {x[0], x[3], x[1] + written[2] + written[3], x[2] + written[0] + written[1]};
  }
  at::Tensor cropped(const at::Tensor& padded, const std::vector<int64_t>& x) const {
    return written.empty() ? padded : padded.narrow(2, written[2], x[1]).narrow(3, written[0], x[2]);
  }

  std::vector<int64_t> stride, dilation, padding{0, 0}, written;
  int64_t groups;
};

std::tuple<at::Tensor, at::Tensor, at::Tensor> backward(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& w,
                                                        const PaddedWindow& window, std::array<bool, 3> wanted) {
  return at::convolution_backward(dy, x, w, at::OptionalIntArrayRef(), window.stride, window.padding, window.dilation,
                                  false, {0, 0}, window.groups, wanted);
}

/** Of a shape and layout that an operator asks for though it does not read the values. */
at::Tensor unread(at::IntArrayRef shape, const at::TensorOptions& options) {
  return at::empty(shape, options.memory_format(at::MemoryFormat::ChannelsLast));
}

/** db [O] = sums of dy [...,O] in fp32. */
at::Tensor sumOfRows(const at::Tensor& dy) {
  return dy.reshape({-1, dy.size(-1)}).sum(at::IntArrayRef{0}, false, at::kFloat);
}

}  // namespace

Step conv2d(const Conv2dOp<Operand>& op, Workspace& workspace) {
  const Operand b = op.in.b;
  return [=, x = op.in.x, w = workspace.kernel(op.in.w), y = op.out.y, window = PaddedWindow(op.convolution),
          activation = op.activation, type = workspace.computeType()] {
    const at::Tensor bias = b ? b.get().to(type) : at::Tensor();
    const at::Tensor input = window.padded(channelsFirst(x.get().to(type)));
    y.set(activate(activation, channelsLast(at::convolution(input, w->get(), bias, window.stride, window.padding,
                                                            window.dilation, false, {0, 0}, window.groups))));
  };
}

Step conv2dGradInput(const Conv2dGradInputOp<Operand>& op, Workspace& workspace) {
  return [dy = op.in.dy, w = workspace.kernel(op.in.w), dx = op.out.dx, window = PaddedWindow(op.convolution),
          options = workspace.options(workspace.computeType()), type = workspace.computeType()] {
    const at::Tensor input = unread(window.paddedShape(dx.shape), options);
    const at::Tensor gradient =
        std::get<0>(backward(channelsFirst(dy.get().to(type)), input, w->get(), window, {true, false, false}));
    dx.set(channelsLast(window.cropped(gradient, dx.shape)));
  };
}

Step conv2dGradFilter(const Conv2dGradFilterOp<Operand>& op, Workspace& workspace) {
  const Operand dw = op.out.dw, db = op.out.db;
  const std::vector<int64_t> shape{dw.dim(3), dw.dim(2), dw.dim(0), dw.dim(1)};
  return [=, x = op.in.x, dy = op.in.dy, window = PaddedWindow(op.convolution),
          options = workspace.options(workspace.computeType()), type = workspace.computeType()] {
    const at::Tensor input = window.padded(channelsFirst(x.get().to(type))), gradient = dy.get().to(type);
    dw.set(std::get<1>(backward(channelsFirst(gradient), input, unread(shape, options), window, {false, true, false}))
               .permute({2, 3, 1, 0})
               .to(at::kFloat));
    if (db) db.set(sumOfRows(gradient));
  };
}

Step biasGrad(const BiasGradOp<Operand>& op, Workspace&) {
  return [dy = op.in.dy, db = op.out.db] { db.set(sumOfRows(dy.get())); };
}

Step dense(const DenseOp<Operand>& op, Workspace& workspace) {
  const Operand b = op.in.b;
  return [=, x = op.in.x, w = op.in.w, y = op.out.y, activation = op.activation, type = workspace.computeType()] {
    const at::Tensor input = x.get().to(type), weight = w.get().to(type);
    y.set(activate(activation, b ? at::addmm(b.get().to(type), input, weight) : at::mm(input, weight)));
  };
}

Step denseGradInput(const DenseGradInputOp<Operand>& op, Workspace& workspace) {
  return [dy = op.in.dy, w = op.in.w, dx = op.out.dx, type = workspace.computeType()] {
    dx.set(at::mm(dy.get().to(type), w.get().to(type).t()));
  };
}

Step denseGradFilter(const DenseGradFilterOp<Operand>& op, Workspace& workspace) {
  const Operand db = op.out.db;
  return [=, x = op.in.x, dy = op.in.dy, dw = op.out.dw, type = workspace.computeType()] {
    const at::Tensor gradient = dy.get().to(type);
    dw.set(at::mm(x.get().to(type).t(), gradient).to(at::kFloat));
    if (db) db.set(sumOfRows(gradient));
  };
}

}  // namespace trainyard::aten::ops
