#include "kernels/kernels.h"

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
#define ENTRY(name) name,

namespace trainyard::cpu::ISA {

extern const Kernels table;
const Kernels table = {TEXT(ISA), TRAINYARD_KERNELS(ENTRY)};

}  // namespace trainyard::cpu::ISA
