#pragma once

#include "ops-cpu/op.h"

/** One function an op kind, one file a family; registry.cpp names them all. */
namespace trainyard::cpu::ops {

PreparedOp gatherImages(const OpContext& op);
PreparedOp gatherLabels(const OpContext& op);
PreparedOp conv2d(const OpContext& op);
PreparedOp conv2dGradInput(const OpContext& op);
PreparedOp conv2dGradFilter(const OpContext& op);
PreparedOp biasGrad(const OpContext& op);
PreparedOp convReluPool(const OpContext& op);
PreparedOp convReluPoolGrad(const OpContext& op);
PreparedOp dense(const OpContext& op);
PreparedOp denseGradInput(const OpContext& op);
PreparedOp denseGradFilter(const OpContext& op);
PreparedOp maxPool(const OpContext& op);
PreparedOp maxPoolGrad(const OpContext& op);
PreparedOp avgPool(const OpContext& op);
PreparedOp avgPoolGrad(const OpContext& op);
PreparedOp globalAvgPool(const OpContext& op);
PreparedOp globalAvgPoolGrad(const OpContext& op);
PreparedOp batchNorm(const OpContext& op);
PreparedOp batchNormInference(const OpContext& op);
PreparedOp batchNormGrad(const OpContext& op);
PreparedOp activation(const OpContext& op);
PreparedOp activationGrad(const OpContext& op);
PreparedOp dropout(const OpContext& op);
PreparedOp spatialDropout(const OpContext& op);
PreparedOp scale(const OpContext& op);
PreparedOp add(const OpContext& op);
PreparedOp softmaxCrossEntropy(const OpContext& op);
PreparedOp softmax(const OpContext& op);
PreparedOp sgd(const OpContext& op);
PreparedOp adam(const OpContext& op);
PreparedOp ema(const OpContext& op);
PreparedOp lookahead(const OpContext& op);
PreparedOp accumulate(const OpContext& op);
PreparedOp confusion(const OpContext& op);

}  // namespace trainyard::cpu::ops
