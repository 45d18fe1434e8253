#include "kernels/kernels.h"

/** Sums over rows, loops with a value a column, copies: batch norm, gradients of biases and of factors of channels. */
namespace trainyard::cpu::ISA {
namespace {

constexpr int64_t rowsPerBlock = 64;

/**
 * Calls body(tile width, first column) over all columns, with widths known at compile time so that sums stay in
 * registers.
 */
template <class Body>
inline void tiles(int64_t columns, const Body& body) {
  int64_t c = 0;
  for (; c + 64 <= columns; c += 64) body.template tile<64>(c);
  for (; c + 16 <= columns; c += 16) body.template tile<16>(c);
  for (; c + 4 <= columns; c += 4) body.template tile<4>(c);
  for (; c < columns; c++) body.template tile<1>(c);
}

/** Adds the sum over rows of `term(element, column)` to the sum of each column. */
template <class Term>
struct Sums {
  double* sums;
  int64_t rows, columns;
  Term term;
  template <int width>
  void tile(int64_t c) const {
    for (int64_t block = 0; block < rows; block += rowsPerBlock) {
      const int64_t end = block + rowsPerBlock < rows ? block + rowsPerBlock : rows;
      float sum[width] = {};
      for (int64_t r = block; r < end; r++)
        for (int i = 0; i < width; i++) sum[i] += term(r * columns + c + i, c + i);
      for (int i = 0; i < width; i++) sums[c + i] += sum[i];
    }
  }
};

template <class Term>
inline void addSums(double* sums, int64_t rows, int64_t columns, const Term& term) {
  tiles(columns, Sums<Term>{sums, rows, columns, term});
}

struct GradSums {
  double* dy1;
  double* dyXc;
  const float* x;
  const float* dy;
  const float* mean;
  int64_t rows, columns;
  template <int width>
  void tile(int64_t c) const {
    for (int64_t block = 0; block < rows; block += rowsPerBlock) {
      const int64_t end = block + rowsPerBlock < rows ? block + rowsPerBlock : rows;
      float sum1[width] = {}, sumXc[width] = {};
      for (int64_t r = block; r < end; r++)
        for (int i = 0; i < width; i++) {
          const float d = dy[r * columns + c + i];
          sum1[i] += d;
          sumXc[i] += d * (x[r * columns + c + i] - mean[c + i]);
        }
      for (int i = 0; i < width; i++) {
        dy1[c + i] += sum1[i];
        dyXc[c + i] += sumXc[i];
      }
    }
  }
};

}  // namespace

void copyColumns(float* y, int64_t yRow, const float* x, int64_t xRow, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c++) y[r * yRow + c] = x[r * xRow + c];
}

void columnSums(double* sums, const float* x, int64_t rows, int64_t columns) {
  addSums(sums, rows, columns, [=](int64_t i, int64_t) { return x[i]; });
}

void columnProducts(double* sums, const float* a, const float* b, int64_t rows, int64_t columns) {
  addSums(sums, rows, columns, [=](int64_t i, int64_t) { return a[i] * b[i]; });
}

void columnSquares(double* sums, const float* x, const float* mean, int64_t rows, int64_t columns) {
  addSums(sums, rows, columns, [=](int64_t i, int64_t c) {
    const float d = x[i] - mean[c];
    return d * d;
  });
}

void batchNorm(float* y, const float* x, const float* __restrict mean, const float* __restrict scale,
               const float* __restrict shift, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
#pragma GCC ivdep
    for (int64_t c = 0; c < columns; c++) y[r * columns + c] = (x[r * columns + c] - mean[c]) * scale[c] + shift[c];
  }
}

void batchNormGradSums(double* dy1, double* dyXc, const float* x, const float* dy, const float* mean, int64_t rows,
                       int64_t columns) {
  tiles(columns, GradSums{dy1, dyXc, x, dy, mean, rows, columns});
}

void batchNormGrad(float* dx, const float* x, const float* dy, const float* __restrict mean,
                   const float* __restrict scale, const float* __restrict a, const float* __restrict b, int64_t rows,
                   int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
#pragma GCC ivdep
    for (int64_t c = 0; c < columns; c++) {
      const int64_t i = r * columns + c;
      dx[i] = scale[c] * (dy[i] - a[c] - (x[i] - mean[c]) * b[c]);
    }
  }
}

}  // namespace trainyard::cpu::ISA
