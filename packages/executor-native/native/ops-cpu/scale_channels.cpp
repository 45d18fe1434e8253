#include "ops-cpu/ops.h"

namespace trainyard::cpu::ops {
namespace {

/** Of a map [B,H,W,C]. */
struct Map {
  explicit Map(const Tensor& x) : images(x.dim(0)), pixels(x.dim(1) * x.dim(2)), channels(x.dim(3)) {}
  int64_t size() const { return pixels * channels; }
  int64_t images, pixels, channels;
};

/** Calls body(index of image, thread) for each image, spread over the threads. */
template <class Body>
void eachImage(const Map& map, const Body& body) {
  parallel(map.images, std::max<int64_t>(1, worthSharing / map.size()), [&](int64_t begin, int64_t end, int thread) {
    for (int64_t i = begin; i < end; i++) body(i, thread);
  });
}

}  // namespace

PreparedOp scaleChannels(const ScaleChannelsOp<Tensor>& op) {
  const Tensor x = op.in.x, s = op.in.s, y = op.out.y;
  return {[map = Map(x), x = x.f32(), s = s.f32(), y = y.f32()](std::byte*) {
    eachImage(map, [&](int64_t i, int) {
      const int64_t at = i * map.size();
      kernels.scaleColumns(y + at, x + at, s + i * map.channels, map.pixels, map.channels);
    });
  }};
}

PreparedOp scaleChannelsGrad(const ScaleChannelsGradOp<Tensor>& op) {
  const Tensor x = op.in.x, dy = op.in.dy, ds = op.out.ds;
  const Map map(x);
  return {[=, x = x.f32(), dy = dy.f32(), ds = ds.f32()](std::byte* scratch) {
            eachImage(map, [&](int64_t i, int thread) {
              auto* sums = reinterpret_cast<double*>(scratch) + thread * map.channels;
              std::fill_n(sums, map.channels, 0.0);
              kernels.columnProducts(sums, x + i * map.size(), dy + i * map.size(), map.pixels, map.channels);
              for (int64_t c = 0; c < map.channels; c++) ds[i * map.channels + c] = static_cast<float>(sums[c]);
            });
          },
          sizeof(double) * map.channels * omp_get_max_threads()};
}

}  // namespace trainyard::cpu::ops
