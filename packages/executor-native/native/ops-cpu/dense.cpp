#include "ops-cpu/activation.h"
#include "ops-cpu/families.h"
#include "ops-cpu/onednn.h"

namespace trainyard::cpu::ops {
namespace {

/** db [O] = sums of dy [B,O] over the batch. */
void sumRows(float* db, const float* dy, int64_t rows, int64_t columns, double* sums) {
  std::fill_n(sums, columns, 0.0);
  kernels.columnSums(sums, dy, rows, columns);
  for (int64_t c = 0; c < columns; c++) db[c] = static_cast<float>(sums[c]);
}

}  // namespace

PreparedOp dense(const OpContext& op) {
  const Tensor x = op.slot("in.x"), w = op.slot("in.w"), b = op.optional("in.b"), y = op.slot("out.y");
  const Activation activation = Activation::of(op);
  return withActivation(onednn::matrixProduct({x.dim(0), w.dim(1), w.dim(0)}, x.f32(), w.f32(), b ? b.f32() : nullptr,
                                              y.f32(), activation.fused()),
                        activation, y);
}

PreparedOp denseGradInput(const OpContext& op) {
  const Tensor dy = op.slot("in.dy"), w = op.slot("in.w"), dx = op.slot("out.dx");
  return onednn::matrixProduct({dy.dim(0), w.dim(0), w.dim(1), false, true}, dy.f32(), w.f32(), nullptr, dx.f32(), {});
}

PreparedOp denseGradFilter(const OpContext& op) {
  const Tensor x = op.slot("in.x"), dy = op.slot("in.dy"), dw = op.slot("out.dw"), db = op.optional("out.db");
  PreparedOp product =
      onednn::matrixProduct({dw.dim(0), dw.dim(1), x.dim(0), true, false}, x.f32(), dy.f32(), nullptr, dw.f32(), {});
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
