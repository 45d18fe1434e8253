#include "ops-cpu/ops.h"

namespace trainyard::cpu::ops {
namespace {

/** Columns of a matrix: an input of a concatenate, and where it is in the output. */
struct Part {
  const float* x;
  int64_t from, columns;
};

}  // namespace

PreparedOp concatenate(const ConcatenateOp<Tensor>& op) {
  const auto& in = op.in;
  std::vector<Part> parts;
  int64_t from = 0;
  for (const Tensor& x : {in.x0, in.x1, in.x2, in.x3, in.x4, in.x5, in.x6, in.x7}) {
    if (!x) continue;
    parts.push_back({x.f32(), from, x.last()});
    from += x.last();
  }
  const Tensor y = op.out.y;
  const int64_t columns = y.last(), rows = y.count() / columns;
  // So many rows at a time stay in the cache while part after part is written.
  const int64_t block = std::max<int64_t>(1, worthSharing / columns);
  return {[=, y = y.f32()](std::byte*) {
    parallel(rows, block, [&](int64_t begin, int64_t end, int) {
      for (int64_t r = begin; r < end; r += block) {
        const int64_t height = std::min(block, end - r);
        for (const Part& part : parts)
          kernels.copyColumns(y + r * columns + part.from, columns, part.x + r * part.columns, part.columns, height,
                              part.columns);
      }
    });
  }};
}

PreparedOp slice(const SliceOp<Tensor>& op) {
  const Tensor x = op.in.x, y = op.out.y;
  const int64_t columns = y.last(), rows = y.count() / columns;
  return {[=, x = x.f32() + op.from, y = y.f32(), all = x.last()](std::byte*) {
    parallel(rows, std::max<int64_t>(1, worthSharing / columns), [&](int64_t begin, int64_t end, int) {
      kernels.copyColumns(y + begin * columns, columns, x + begin * all, all, end - begin, columns);
    });
  }};
}

}  // namespace trainyard::cpu::ops
