#include "engine/op_reader.h"
#include "ops-cpu/ops.h"

// An op of the header that has no case below is an error in every build.
#pragma GCC diagnostic error "-Wswitch"

namespace trainyard::cpu {

PreparedOp prepareOp(const OpSpec& spec, const std::vector<Tensor>& slots) {
  switch (spec.kind) {
#define TRAINYARD_PREPARE(kind, Op) \
  case OpKind::kind: return ops::kind(readOp<Op<Tensor>>(spec, slots));
    TRAINYARD_OPS(TRAINYARD_PREPARE)
    TRAINYARD_FUSED_OPS(TRAINYARD_PREPARE)
#undef TRAINYARD_PREPARE
  }
  throw Failure("unknown op");
}

}  // namespace trainyard::cpu
