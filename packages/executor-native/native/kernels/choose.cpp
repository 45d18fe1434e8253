#include <cstdlib>
#include <cstring>

#include "kernels/kernels.h"

namespace trainyard::cpu {

namespace baseline {
extern const Kernels table;
}
namespace avx2 {
extern const Kernels table;
}
namespace avx512 {
extern const Kernels table;
}

namespace {

/** TRAINYARD_ISA, for tests: the best instruction set that may be chosen. A value without a meaning allows all. */
bool isAllowed(const char* isa) {
  const char* most = std::getenv("TRAINYARD_ISA");
  if (most == nullptr) return true;
  if (std::strcmp(most, "baseline") == 0) return false;
  return std::strcmp(most, "avx2") != 0 || std::strcmp(isa, "avx2") == 0;
}

const Kernels& choose() {
#ifdef HAVE_ISA_avx512
  if (isAllowed("avx512") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
    return avx512::table;
#endif
#ifdef HAVE_ISA_avx2
  if (isAllowed("avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2"))
    return avx2::table;
#endif
  return baseline::table;
}

}  // namespace

const Kernels& kernels = choose();

}  // namespace trainyard::cpu
