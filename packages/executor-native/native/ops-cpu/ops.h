#pragma once

#include "engine/ops.h"
#include "ops-cpu/op.h"

namespace trainyard::cpu::ops {

/**
 * One function an op: compiles it, so that a step allocates nothing. Hidden, because an op without its function then
 * fails at link time; of a visible symbol the linker would leave that to the loader.
 */
#define TRAINYARD_DECLARE(kind, Op) [[gnu::visibility("hidden")]] PreparedOp kind(const Op<Tensor>& op);
TRAINYARD_OPS(TRAINYARD_DECLARE)
TRAINYARD_FUSED_OPS(TRAINYARD_DECLARE)
#undef TRAINYARD_DECLARE

}  // namespace trainyard::cpu::ops
