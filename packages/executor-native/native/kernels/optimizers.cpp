#include "kernels/kernels.h"

namespace trainyard::cpu::ISA {

void sgd(float* __restrict w, float* __restrict v, const float* __restrict g, int64_t n, float rate, float momentum,
         bool nesterov, float decay) {
  if (!v) {
    for (int64_t i = 0; i < n; i++) w[i] -= rate * (g[i] + decay * w[i]);
    return;
  }
  const float direct = nesterov ? 1.0f : 0.0f, through = nesterov ? momentum : 1.0f;
  for (int64_t i = 0; i < n; i++) {
    const float gradient = g[i] + decay * w[i];
    v[i] = momentum * v[i] + gradient;
    w[i] -= rate * (direct * gradient + through * v[i]);
  }
}

void adam(float* __restrict w, float* __restrict m, float* __restrict v, const float* __restrict g, int64_t n,
          float correctedRate, float root, float beta1, float share1, float beta2, float share2, float epsilon,
          float decay, float keep) {
  for (int64_t i = 0; i < n; i++) {
    const float gradient = g[i] + decay * w[i];
    m[i] = beta1 * m[i] + share1 * gradient;
    v[i] = beta2 * v[i] + share2 * gradient * gradient;
    w[i] = keep * w[i] - correctedRate * m[i] / (__builtin_sqrtf(v[i]) / root + epsilon);
  }
}

void blend(float* __restrict average, const float* __restrict w, int64_t n, float decay, float share) {
  for (int64_t i = 0; i < n; i++) average[i] = decay * average[i] + share * w[i];
}

void lookahead(float* __restrict slow, float* __restrict w, int64_t n, float decay, float pull) {
  const float moved = 1 - decay, kept = 1 - pull;
  for (int64_t i = 0; i < n; i++) {
    slow[i] = decay * slow[i] + moved * w[i];
    w[i] = pull * slow[i] + kept * w[i];
  }
}

}  // namespace trainyard::cpu::ISA
