#pragma once

#include "engine/ops.h"
#include "ops-torch/op.h"

namespace trainyard::aten::ops {

/**
 * One function an op: decides once all that can be decided before the first step. Hidden, because an op without its
 * function then fails at link time; of a visible symbol the linker would leave that to the loader.
 */
#define TRAINYARD_DECLARE(kind, Op) \
  [[gnu::visibility("hidden")]] Step kind(const Op<Operand>& op, Workspace& workspace);
TRAINYARD_OPS(TRAINYARD_DECLARE)
#undef TRAINYARD_DECLARE

}  // namespace trainyard::aten::ops
