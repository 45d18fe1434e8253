#include "ops-cpu/column_sums.h"
#include "ops-cpu/ops.h"

namespace trainyard::cpu::ops {

PreparedOp biasGrad(const BiasGradOp<Tensor>& op) {
  const Tensor dy = op.in.dy, db = op.out.db;
  const int64_t columns = dy.last(), rows = dy.count() / columns;
  const ColumnSums sums(rows, columns, 1);
  return {[=, dy = dy.f32(), db = db.f32()](std::byte* scratch) {
            const double* total = sums.run(scratch, [&](double* part, int64_t row, int64_t n) {
              kernels.columnSums(part, dy + row * columns, n, columns);
            });
            for (int64_t c = 0; c < columns; c++) db[c] = static_cast<float>(total[c]);
          },
          sums.bytes()};
}

}  // namespace trainyard::cpu::ops
