#include "engine/op_reader.h"
#include "ops-cpu/ops.h"

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
