#include "ops-cpu/activation.h"
#include "ops-cpu/onednn.h"
#include "ops-cpu/ops.h"

namespace trainyard::cpu::ops {
namespace {

/** db [O] = sums of dy [B,O] over the batch. */
void sumRows(float* db, const float* dy, int64_t rows, int64_t columns, double* sums) {
  std::fill_n(sums, columns, 0.0);
  kernels.columnSums(sums, dy, rows, columns);
  for (int64_t c = 0; c < columns; c++) db[c] = static_cast<float>(sums[c]);
}

}  // namespace

PreparedOp dense(const DenseOp<Tensor>& op) {
  const Tensor x = op.in.x, w = op.in.w, b = op.in.b, y = op.out.y;
  return withActivation(onednn::matrixProduct({x.dim(0), w.dim(1), w.dim(0)}, x.f32(), w.f32(), b.f32(), y.f32()),
                        op.activation, y);
}

PreparedOp denseGradInput(const DenseGradInputOp<Tensor>& op) {
  const Tensor dy = op.in.dy, w = op.in.w, dx = op.out.dx;
  return onednn::matrixProduct({dy.dim(0), w.dim(0), w.dim(1), false, true}, dy.f32(), w.f32(), nullptr, dx.f32());
}

PreparedOp denseGradFilter(const DenseGradFilterOp<Tensor>& op) {
  const Tensor x = op.in.x, dy = op.in.dy, dw = op.out.dw, db = op.out.db;
  PreparedOp product =
      onednn::matrixProduct({dw.dim(0), dw.dim(1), x.dim(0), true, false}, x.f32(), dy.f32(), nullptr, dw.f32());
  if (!db) return product;
  const size_t sumsBytes = dy.dim(1) * sizeof(double);
  return {[product = std::move(product.step), db = db.f32(), dy = dy.f32(), rows = dy.dim(0),
           columns = dy.dim(1)](std::byte* scratch) {
            product(scratch);
            sumRows(db, dy, rows, columns, reinterpret_cast<double*>(scratch));
          },
          std::max(product.scratchBytes, sumsBytes)};
}

}  // namespace trainyard::cpu::ops
