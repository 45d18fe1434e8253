#pragma once

#include "ops-torch/op.h"

/** One function an op kind, one file a family; registry.cpp names them all. */
namespace trainyard::aten::ops {

Step gatherImages(const OpContext& op);
Step gatherLabels(const OpContext& op);
Step conv2d(const OpContext& op);
Step conv2dGradInput(const OpContext& op);
Step conv2dGradFilter(const OpContext& op);
Step biasGrad(const OpContext& op);
Step dense(const OpContext& op);
Step denseGradInput(const OpContext& op);
Step denseGradFilter(const OpContext& op);
Step maxPool(const OpContext& op);
Step maxPoolGrad(const OpContext& op);
Step avgPool(const OpContext& op);
Step avgPoolGrad(const OpContext& op);
Step globalAvgPool(const OpContext& op);
Step globalAvgPoolGrad(const OpContext& op);
Step batchNorm(const OpContext& op);
Step batchNormInference(const OpContext& op);
Step batchNormGrad(const OpContext& op);
Step activation(const OpContext& op);
Step activationGrad(const OpContext& op);
Step dropout(const OpContext& op);
Step spatialDropout(const OpContext& op);
Step scale(const OpContext& op);
Step add(const OpContext& op);
Step softmaxCrossEntropy(const OpContext& op);
Step softmax(const OpContext& op);
Step sgd(const OpContext& op);
Step adam(const OpContext& op);
Step ema(const OpContext& op);
Step lookahead(const OpContext& op);
Step accumulate(const OpContext& op);
Step confusion(const OpContext& op);

}  // namespace trainyard::aten::ops
