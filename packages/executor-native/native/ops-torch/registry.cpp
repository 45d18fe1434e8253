#include "engine/op_reader.h"
#include "ops-torch/ops.h"

// An op of the header that has no case below is an error in every build.
#pragma GCC diagnostic error "-Wswitch"

namespace trainyard::aten {

Step prepareOp(const OpSpec& spec, const std::vector<Operand>& slots, Workspace& workspace) {
  switch (spec.kind) {
#define TRAINYARD_PREPARE(kind, Op) \
  case OpKind::kind: return ops::kind(readOp<Op<Operand>>(spec, slots), workspace);
    TRAINYARD_OPS(TRAINYARD_PREPARE)
#undef TRAINYARD_PREPARE
#define TRAINYARD_REFUSE(kind, Op) case OpKind::kind:
    TRAINYARD_FUSED_OPS(TRAINYARD_REFUSE)
#undef TRAINYARD_REFUSE
    break;
  }
  throw Failure(spec.name() + " does not run on PyTorch");
}

}  // namespace trainyard::aten
