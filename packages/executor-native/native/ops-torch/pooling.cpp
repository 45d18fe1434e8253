#include "ops-torch/ops.h"

namespace trainyard::aten::ops {
namespace {

struct PoolWindow {
  explicit PoolWindow(const Window& window)
      : size(window.size.begin(), window.size.end()), stride(window.stride.begin(), window.stride.end()) {}

  std::tuple<at::Tensor, at::Tensor> largest(const Operand& x) const {
    return at::max_pool2d_with_indices(channelsFirst(x.get()), size, stride, {0, 0}, {1, 1}, false);
  }

  std::vector<int64_t> size, stride;
};

}  // namespace

Step maxPool(const MaxPoolOp<Operand>& op, Workspace& workspace) {
  const auto winners = std::make_shared<Winners>();
  workspace.winners[op.out.y.slot] = winners;
  return [winners, x = op.in.x, y = op.out.y, window = PoolWindow(op.window)] {
    const auto [largest, indices] = window.largest(x);
    y.set(channelsLast(largest));
    if (winners->wanted) winners->indices = indices;
  };
}

Step maxPoolGrad(const MaxPoolGradOp<Operand>& op, Workspace& workspace) {
  // A program that has no such pool before this finds the places again.
  auto winners = workspace.winners[op.in.y.slot];
  if (winners) winners->wanted = true;
  return [winners, x = op.in.x, dy = op.in.dy, dx = op.out.dx, window = PoolWindow(op.window)] {
    const at::Tensor indices = winners ? winners->indices : std::get<1>(window.largest(x));
    const at::Tensor input = channelsFirst(x.get()), gradient = channelsFirst(dy.get().to(input.scalar_type()));
    dx.set(channelsLast(at::max_pool2d_with_indices_backward(gradient, input, window.size, window.stride, {0, 0},
                                                             {1, 1}, false, indices)));
    if (winners) winners->indices.reset();
  };
}

Step avgPool(const AvgPoolOp<Operand>& op, Workspace&) {
  return [x = op.in.x, y = op.out.y, window = PoolWindow(op.window)] {
    y.set(channelsLast(at::avg_pool2d(channelsFirst(x.get()), window.size, window.stride)));
  };
}

Step avgPoolGrad(const AvgPoolGradOp<Operand>& op, Workspace&) {
  return [dy = op.in.dy, dx = op.out.dx, window = PoolWindow(op.window)] {
    const at::Tensor gradient = channelsFirst(dy.get());
    // The operator reads its shape alone.
    const at::Tensor input = at::empty({dx.dim(0), dx.dim(3), dx.dim(1), dx.dim(2)},
                                       gradient.options().memory_format(at::MemoryFormat::ChannelsLast));
    dx.set(channelsLast(at::avg_pool2d_backward(gradient, input, window.size, window.stride, {0, 0}, false, true, {})));
  };
}

Step globalAvgPool(const GlobalAvgPoolOp<Operand>& op, Workspace&) {
  return [x = op.in.x, y = op.out.y] { y.set(x.get().mean(at::IntArrayRef{1, 2})); };
}

Step globalAvgPoolGrad(const GlobalAvgPoolGradOp<Operand>& op, Workspace&) {
  const Operand dy = op.in.dy, dx = op.out.dx;
  return [=, pixels = dx.dim(1) * dx.dim(2)] {
    dx.set((dy.get() / pixels).view({dx.dim(0), 1, 1, dx.dim(3)}).expand(dx.shape));
  };
}

}  // namespace trainyard::aten::ops
