#include "kernels/kernels.h"

#include <math.h>

namespace trainyard::cpu::ISA {

void normalize(float* __restrict y, const uint8_t* __restrict x, const float* __restrict scale,
               const float* __restrict shift, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] = static_cast<float>(x[i]) * scale[i] + shift[i];
}

// The loops below may work in place: element i of the output depends on element i of the inputs alone.
void add(float* y, const float* a, const float* b, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) y[i] = a[i] + b[i];
}

void scale(float* y, const float* x, float factor, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) y[i] = factor * x[i];
}

// Not `x > 0 ? x : 0`: that turns NaN into 0, and a network that has diverged would look healthy.
void relu(float* y, const float* x, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) y[i] = x[i] <= 0 ? 0 : x[i];
}

void reluGrad(float* dx, const float* y, const float* dy, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) dx[i] = y[i] <= 0 ? 0 : dy[i];
}

void leakyRelu(float* y, const float* x, float slope, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

void leakyReluGrad(float* dx, const float* y, const float* dy, float slope, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) dx[i] = y[i] > 0 ? dy[i] : slope * dy[i];
}

void tanh(float* y, const float* x, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] = tanhf(x[i]);
}

void tanhGrad(float* dx, const float* y, const float* dy, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) dx[i] = dy[i] * (1 - y[i] * y[i]);
}

void sigmoid(float* y, const float* x, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] = 1 / (1 + expf(-x[i]));
}

void sigmoidGrad(float* dx, const float* y, const float* dy, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) dx[i] = dy[i] * y[i] * (1 - y[i]);
}

void scaleColumns(float* y, const float* x, const float* __restrict factor, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
#pragma GCC ivdep
    for (int64_t c = 0; c < columns; c++) y[r * columns + c] = x[r * columns + c] * factor[c];
  }
}

}  // namespace trainyard::cpu::ISA
