#include "kernels/kernels.h"

namespace trainyard {

namespace baseline {
extern const Kernels table;
}
namespace avx2 {
extern const Kernels table;
}
namespace avx512 {
extern const Kernels table;
}

static const Kernels& choose() {
#ifdef HAVE_ISA_avx512
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
    return avx512::table;
#endif
#ifdef HAVE_ISA_avx2
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    return avx2::table;
#endif
  return baseline::table;
}

const Kernels& kernels = choose();

}  // namespace trainyard
