#include <cmath>

#include "ops-cpu/column_sums.h"
#include "ops-cpu/ops.h"

namespace trainyard::cpu::ops {
namespace {

template <class Body>
void eachRowBlock(int64_t rows, int64_t columns, const Body& body) {
  parallel(rows, std::max<int64_t>(1, worthSharing / columns),
           [&](int64_t begin, int64_t end, int) { body(begin * columns, end - begin); });
}

float factor(const float* gamma, int64_t channel) { return gamma ? gamma[channel] : 1.0f; }

}  // namespace

PreparedOp batchNorm(const BatchNormOp<Tensor>& op) {
  const Tensor x = op.in.x;
  const int64_t columns = x.last(), rows = x.count() / columns;
  const ColumnSums sums(rows, columns, 1);
  const size_t scaleBytes = (columns * sizeof(float) + 63) / 64 * 64;
  return {[=, x = x.f32(), gamma = op.in.gamma.f32(), beta = op.in.beta.f32(), y = op.out.y.f32(),
           mean = op.out.mean.f32(), invStd = op.out.invStd.f32(), runningMean = op.update.runningMean.f32(),
           runningVariance = op.update.runningVariance.f32(), epsilon = op.epsilon,
           momentum = op.momentum](std::byte* scratch) {
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
              scale[c] = factor(gamma, c) * invStd[c];
              runningMean[c] = static_cast<float>((1 - momentum) * runningMean[c] + momentum * mean[c]);
              runningVariance[c] = static_cast<float>((1 - momentum) * runningVariance[c] + momentum * unbiased);
            }
            eachRowBlock(rows, columns,
                         [&](int64_t i, int64_t n) { kernels.batchNorm(y + i, x + i, mean, scale, beta, n, columns); });
          },
          scaleBytes + sums.bytes()};
}

PreparedOp batchNormInference(const BatchNormInferenceOp<Tensor>& op) {
  const Tensor x = op.in.x;
  const int64_t columns = x.last(), rows = x.count() / columns;
  return {[=, x = x.f32(), gamma = op.in.gamma.f32(), beta = op.in.beta.f32(), y = op.out.y.f32(),
           mean = op.in.runningMean.f32(), variance = op.in.runningVariance.f32(),
           epsilon = op.epsilon](std::byte* scratch) {
            auto* scale = reinterpret_cast<float*>(scratch);
            for (int64_t c = 0; c < columns; c++)
              scale[c] = static_cast<float>(factor(gamma, c) / std::sqrt(variance[c] + epsilon));
            eachRowBlock(rows, columns,
                         [&](int64_t i, int64_t n) { kernels.batchNorm(y + i, x + i, mean, scale, beta, n, columns); });
          },
          columns * sizeof(float)};
}

/**
 * dbeta = sum dy, dgamma = sum dy (x - mean) invStd,
 * dx = gamma invStd (dy - dbeta/N - (x - mean) invStd dgamma/N); Ioffe and Szegedy 2015.
 */
PreparedOp batchNormGrad(const BatchNormGradOp<Tensor>& op) {
  const Tensor x = op.in.x;
  const int64_t columns = x.last(), rows = x.count() / columns;
  const ColumnSums sums(rows, columns, 2);
  const size_t factorBytes = (columns * 3 * sizeof(float) + 63) / 64 * 64;
  return {[=, x = x.f32(), dy = op.in.dy.f32(), gamma = op.in.gamma.f32(), mean = op.in.mean.f32(),
           invStd = op.in.invStd.f32(), dx = op.out.dx.f32(), dgamma = op.out.dgamma.f32(),
           dbeta = op.out.dbeta.f32()](std::byte* scratch) {
            auto* scale = reinterpret_cast<float*>(scratch);
            float *a = scale + columns, *b = a + columns;
            const double* total = sums.run(scratch + factorBytes, [&](double* part, int64_t row, int64_t n) {
              kernels.batchNormGradSums(part, part + columns, x + row * columns, dy + row * columns, mean, n, columns);
            });
            for (int64_t c = 0; c < columns; c++) {
              const double sumDy = total[c], sumDyXc = total[columns + c];
              dbeta[c] = static_cast<float>(sumDy);
              if (dgamma) dgamma[c] = static_cast<float>(sumDyXc * invStd[c]);
              scale[c] = factor(gamma, c) * invStd[c];
              a[c] = static_cast<float>(sumDy / rows);
              b[c] = static_cast<float>(sumDyXc * invStd[c] * invStd[c] / rows);
            }
            eachRowBlock(rows, columns, [&](int64_t i, int64_t n) {
              kernels.batchNormGrad(dx + i, x + i, dy + i, mean, scale, a, b, n, columns);
            });
          },
          factorBytes + sums.bytes()};
}

}  // namespace trainyard::cpu::ops
