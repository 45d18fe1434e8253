#pragma once

#include "ops-cpu/op.h"

namespace trainyard::cpu {

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
    parallel(rows_, std::max<int64_t>(1, worthSharing / columns_),
             [&](int64_t begin, int64_t end, int thread) { body(sums + thread * n, begin, end - begin); });
    for (int t = 1; t < omp_get_max_threads(); t++)
      for (int64_t i = 0; i < n; i++) sums[i] += sums[t * n + i];
    return sums;
  }

 private:
  int64_t rows_, columns_;
  int sets_;
};

}  // namespace trainyard::cpu
