#include "ops-torch/families.h"

namespace trainyard::aten::ops {
namespace {

struct Window {
  explicit Window(const OpContext& op) : size(op.integers("window.size")), stride(op.integers("window.stride")) {}

  std::tuple<at::Tensor, at::Tensor> largest(const Operand& x) const {
    return at::max_pool2d_with_indices(channelsFirst(x.get()), size, stride, {0, 0}, {1, 1}, false);
  }

  std::vector<int64_t> size, stride;
};

}  // namespace

Step maxPool(const OpContext& op) {
  const auto winners = std::make_shared<Winners>();
  op.workspace.winners[op.spec.slot("out.y")] = winners;
  return [winners, x = op.slot("in.x"), y = op.slot("out.y"), window = Window(op)] {
    const auto [largest, indices] = window.largest(x);
    y.set(channelsLast(largest));
    if (winners->wanted) winners->indices = indices;
  };
}

Step maxPoolGrad(const OpContext& op) {
  // A program that has no such pool before this finds the places again.
  auto winners = op.workspace.winners[op.spec.slot("in.y")];
  if (winners) winners->wanted = true;
  return [winners, x = op.slot("in.x"), dy = op.slot("in.dy"), dx = op.slot("out.dx"), window = Window(op)] {
    const at::Tensor indices = winners ? winners->indices : std::get<1>(window.largest(x));
    const at::Tensor input = channelsFirst(x.get()), gradient = channelsFirst(dy.get().to(input.scalar_type()));
    dx.set(channelsLast(at::max_pool2d_with_indices_backward(gradient, input, window.size, window.stride, {0, 0},
                                                             {1, 1}, false, indices)));
    if (winners) winners->indices.reset();
  };
}

Step avgPool(const OpContext& op) {
  return [x = op.slot("in.x"), y = op.slot("out.y"), window = Window(op)] {
    y.set(channelsLast(at::avg_pool2d(channelsFirst(x.get()), window.size, window.stride)));
  };
}

Step avgPoolGrad(const OpContext& op) {
  return [dy = op.slot("in.dy"), dx = op.slot("out.dx"), window = Window(op)] {
    const at::Tensor gradient = channelsFirst(dy.get());
    // The operator reads its shape alone.
    const at::Tensor input = at::empty({dx.dim(0), dx.dim(3), dx.dim(1), dx.dim(2)},
                                       gradient.options().memory_format(at::MemoryFormat::ChannelsLast));
    dx.set(channelsLast(at::avg_pool2d_backward(gradient, input, window.size, window.stride, {0, 0}, false, true, {})));
  };
}

Step globalAvgPool(const OpContext& op) {
  return [x = op.slot("in.x"), y = op.slot("out.y")] { y.set(x.get().mean(at::IntArrayRef{1, 2})); };
}

Step globalAvgPoolGrad(const OpContext& op) {
  const Operand dy = op.slot("in.dy"), dx = op.slot("out.dx");
  return [=, pixels = dx.dim(1) * dx.dim(2)] {
    dx.set((dy.get() / pixels).view({dx.dim(0), 1, 1, dx.dim(3)}).expand(dx.shape));
  };
}

}  // namespace trainyard::aten::ops
