#include "ops-cpu/ops.h"

namespace trainyard::cpu::ops {
namespace {

PoolShape shapeOf(const Window& window, const Tensor& x, const Tensor& y) {
  const auto& [size, stride] = window;
  return {x.dim(1), x.dim(2), x.dim(3), y.dim(1), y.dim(2), size[0], size[1], stride[0], stride[1]};
}

/** The whole map is one window: [B,H,W,C] -> [B,C]. */
PoolShape wholeMap(const Tensor& x) { return {x.dim(1), x.dim(2), x.dim(3), 1, 1, x.dim(1), x.dim(2), 1, 1}; }

/** Calls body(index of image) for each, spread over the threads. */
template <class Body>
void eachImage(int64_t images, const PoolShape& s, const Body& body) {
  const int64_t size = s.height * s.width * s.channels;
  parallel(images, std::max<int64_t>(1, worthSharing / size), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) body(i);
  });
}

struct Sizes {
  explicit Sizes(const PoolShape& s)
      : in(s.height * s.width * s.channels), out(s.outHeight * s.outWidth * s.channels) {}
  int64_t in, out;
};

PreparedOp average(const PoolShape& shape, const Tensor& x, const Tensor& y) {
  return {[shape, n = Sizes(shape), images = x.dim(0), x = x.f32(), y = y.f32()](std::byte*) {
    eachImage(images, shape, [&](int64_t i) { kernels.avgPool(y + i * n.out, x + i * n.in, shape); });
  }};
}

PreparedOp averageGrad(const PoolShape& shape, const Tensor& dy, const Tensor& dx) {
  return {[shape, n = Sizes(shape), images = dx.dim(0), dy = dy.f32(), dx = dx.f32()](std::byte*) {
    eachImage(images, shape, [&](int64_t i) { kernels.avgPoolGrad(dx + i * n.in, dy + i * n.out, shape); });
  }};
}

}  // namespace

PreparedOp maxPool(const MaxPoolOp<Tensor>& op) {
  const Tensor x = op.in.x, y = op.out.y;
  const PoolShape shape = shapeOf(op.window, x, y);
  return {[shape, n = Sizes(shape), images = x.dim(0), x = x.f32(), y = y.f32()](std::byte*) {
    eachImage(images, shape, [&](int64_t i) { kernels.maxPool(y + i * n.out, x + i * n.in, shape); });
  }};
}

PreparedOp maxPoolGrad(const MaxPoolGradOp<Tensor>& op) {
  const Tensor x = op.in.x, y = op.in.y, dy = op.in.dy, dx = op.out.dx;
  const PoolShape shape = shapeOf(op.window, x, y);
  return {
      [shape, n = Sizes(shape), images = x.dim(0), x = x.f32(), y = y.f32(), dy = dy.f32(), dx = dx.f32()](std::byte*) {
        eachImage(images, shape, [&](int64_t i) {
          kernels.maxPoolGrad(dx + i * n.in, x + i * n.in, y + i * n.out, dy + i * n.out, shape);
        });
      }};
}

PreparedOp avgPool(const AvgPoolOp<Tensor>& op) {
  const Tensor x = op.in.x, y = op.out.y;
  return average(shapeOf(op.window, x, y), x, y);
}

PreparedOp avgPoolGrad(const AvgPoolGradOp<Tensor>& op) {
  const Tensor dy = op.in.dy, dx = op.out.dx;
  return averageGrad(shapeOf(op.window, dx, dy), dy, dx);
}

PreparedOp globalAvgPool(const GlobalAvgPoolOp<Tensor>& op) {
  const Tensor x = op.in.x, y = op.out.y;
  return average(wholeMap(x), x, y);
}

PreparedOp globalAvgPoolGrad(const GlobalAvgPoolGradOp<Tensor>& op) {
  const Tensor dy = op.in.dy, dx = op.out.dx;
  return averageGrad(wholeMap(dx), dy, dx);
}

}  // namespace trainyard::cpu::ops
