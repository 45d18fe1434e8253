#include <cmath>

#include "ops-cpu/families.h"

namespace trainyard::ops {
namespace {

/** Sums of `width` values a column; one set a thread, added up in the threads' order so that runs repeat to the bit. */
class ColumnSums {
 public:
  ColumnSums(int64_t rows, int64_t columns, int sets) : rows_(rows), columns_(columns), sets_(sets) {}
  size_t bytes() const { return sizeof(double) * columns_ * sets_ * omp_get_max_threads(); }

  /** body(sums of this thread, first row, rows). The totals, set after set, are at the beginning of `scratch` then. */
  template <class Body>
  double* run(std::byte* scratch, const Body& body) const {
    auto* sums = reinterpret_cast<double*>(scratch);
    const int64_t n = columns_ * sets_;
    std::fill_n(sums, n * omp_get_max_threads(), 0.0);
    parallel(rows_, std::max<int64_t>(1, worthSharing / columns_), [&](int64_t begin, int64_t end, int thread) {
      body(sums + thread * n, begin, end - begin);
    });
    for (int t = 1; t < omp_get_max_threads(); t++)
      for (int64_t i = 0; i < n; i++) sums[i] += sums[t * n + i];
    return sums;
  }

 private:
  int64_t rows_, columns_;
  int sets_;
};

template <class Body>
void eachRowBlock(int64_t rows, int64_t columns, const Body& body) {
  parallel(rows, std::max<int64_t>(1, worthSharing / columns),
           [&](int64_t begin, int64_t end, int) { body(begin * columns, end - begin); });
}

}  // namespace

PreparedOp batchNorm(const OpContext& op) {
  const Tensor x = op.slot("in.x");
  const int64_t columns = x.last(), rows = x.count() / columns;
  const ColumnSums sums(rows, columns, 1);
  const size_t scaleBytes = (columns * sizeof(float) + 63) / 64 * 64;
  return {[=, x = x.f32(), gamma = op.slot("in.gamma").f32(), beta = op.slot("in.beta").f32(),
           y = op.slot("out.y").f32(), mean = op.slot("out.mean").f32(), invStd = op.slot("out.invStd").f32(),
           runningMean = op.slot("update.runningMean").f32(),
           runningVariance = op.slot("update.runningVariance").f32(), epsilon = op.number("epsilon"),
           momentum = op.number("momentum")](std::byte* scratch) {
            auto* scale = reinterpret_cast<float*>(scratch);
            scratch += scaleBytes;
            const double* total = sums.run(scratch, [&](double* part, int64_t row, int64_t n) {
              kernels.columnSums(part, x + row * columns, n, columns);
            });
            for (int64_t c = 0; c < columns; c++) mean[c] = static_cast<float>(total[c] / rows);
            total = sums.run(scratch, [&](double* part, int64_t row, int64_t n) {
              kernels.columnSquares(part, x + row * columns, mean, n, columns);
            });
            for (int64_t c = 0; c < columns; c++) {
              const double variance = total[c] / rows, unbiased = rows > 1 ? total[c] / (rows - 1) : variance;
              invStd[c] = static_cast<float>(1 / std::sqrt(variance + epsilon));
              scale[c] = gamma[c] * invStd[c];
              runningMean[c] = static_cast<float>((1 - momentum) * runningMean[c] + momentum * mean[c]);
              runningVariance[c] = static_cast<float>((1 - momentum) * runningVariance[c] + momentum * unbiased);
            }
            eachRowBlock(rows, columns, [&](int64_t i, int64_t n) {
              kernels.batchNorm(y + i, x + i, mean, scale, beta, n, columns);
            });
          },
          scaleBytes + sums.bytes()};
}

PreparedOp batchNormInference(const OpContext& op) {
  const Tensor x = op.slot("in.x");
  const int64_t columns = x.last(), rows = x.count() / columns;
  return {[=, x = x.f32(), gamma = op.slot("in.gamma").f32(), beta = op.slot("in.beta").f32(),
           y = op.slot("out.y").f32(), mean = op.slot("in.runningMean").f32(),
           variance = op.slot("in.runningVariance").f32(), epsilon = op.number("epsilon")](std::byte* scratch) {
            auto* scale = reinterpret_cast<float*>(scratch);
            for (int64_t c = 0; c < columns; c++)
              scale[c] = static_cast<float>(gamma[c] / std::sqrt(variance[c] + epsilon));
            eachRowBlock(rows, columns, [&](int64_t i, int64_t n) {
              kernels.batchNorm(y + i, x + i, mean, scale, beta, n, columns);
            });
          },
          columns * sizeof(float)};
}

/**
 * dbeta = sum dy, dgamma = sum dy (x - mean) invStd,
 * dx = gamma invStd (dy - dbeta/N - (x - mean) invStd dgamma/N); Ioffe and Szegedy 2015.
 */
PreparedOp batchNormGrad(const OpContext& op) {
  const Tensor x = op.slot("in.x");
  const int64_t columns = x.last(), rows = x.count() / columns;
  const ColumnSums sums(rows, columns, 2);
  const size_t factorBytes = (columns * 3 * sizeof(float) + 63) / 64 * 64;
  return {[=, x = x.f32(), dy = op.slot("in.dy").f32(), gamma = op.slot("in.gamma").f32(),
           mean = op.slot("in.mean").f32(), invStd = op.slot("in.invStd").f32(), dx = op.slot("out.dx").f32(),
           dgamma = op.slot("out.dgamma").f32(), dbeta = op.slot("out.dbeta").f32()](std::byte* scratch) {
            auto* scale = reinterpret_cast<float*>(scratch);
            float *a = scale + columns, *b = a + columns;
            const double* total = sums.run(scratch + factorBytes, [&](double* part, int64_t row, int64_t n) {
              kernels.batchNormGradSums(part, part + columns, x + row * columns, dy + row * columns, mean, n, columns);
            });
            for (int64_t c = 0; c < columns; c++) {
              const double sumDy = total[c], sumDyXc = total[columns + c];
              dbeta[c] = static_cast<float>(sumDy);
              dgamma[c] = static_cast<float>(sumDyXc * invStd[c]);
              scale[c] = gamma[c] * invStd[c];
              a[c] = static_cast<float>(sumDy / rows);
              b[c] = static_cast<float>(sumDyXc * invStd[c] * invStd[c] / rows);
            }
            eachRowBlock(rows, columns, [&](int64_t i, int64_t n) {
              kernels.batchNormGrad(dx + i, x + i, dy + i, mean, scale, a, b, n, columns);
            });
          },
          factorBytes + sums.bytes()};
}

}  // namespace trainyard::ops
