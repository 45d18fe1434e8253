#include <map>

#include "ops-cpu/families.h"

namespace trainyard::cpu {

PreparedOp prepareOp(const OpContext& op) {
  using Prepare = PreparedOp (*)(const OpContext&);
  static const auto& prepare = *new std::map<std::string, Prepare>{
      {"gatherImages", ops::gatherImages},
      {"gatherLabels", ops::gatherLabels},
      {"conv2d", ops::conv2d},
      {"conv2dGradInput", ops::conv2dGradInput},
      {"conv2dGradFilter", ops::conv2dGradFilter},
      {"biasGrad", ops::biasGrad},
      {"convReluPool", ops::convReluPool},
      {"convReluPoolGrad", ops::convReluPoolGrad},
      {"dense", ops::dense},
      {"denseGradInput", ops::denseGradInput},
      {"denseGradFilter", ops::denseGradFilter},
      {"maxPool", ops::maxPool},
      {"maxPoolGrad", ops::maxPoolGrad},
      {"avgPool", ops::avgPool},
      {"avgPoolGrad", ops::avgPoolGrad},
      {"globalAvgPool", ops::globalAvgPool},
      {"globalAvgPoolGrad", ops::globalAvgPoolGrad},
      {"batchNorm", ops::batchNorm},
      {"batchNormInference", ops::batchNormInference},
      {"batchNormGrad", ops::batchNormGrad},
      {"activation", ops::activation},
      {"activationGrad", ops::activationGrad},
      {"dropout", ops::dropout},
      {"spatialDropout", ops::spatialDropout},
      {"scale", ops::scale},
      {"add", ops::add},
      {"softmaxCrossEntropy", ops::softmaxCrossEntropy},
      {"softmax", ops::softmax},
      {"sgd", ops::sgd},
      {"adam", ops::adam},
      {"ema", ops::ema},
      {"lookahead", ops::lookahead},
      {"accumulate", ops::accumulate},
      {"confusion", ops::confusion},
  };
  auto found = prepare.find(op.spec.kind);
  if (found == prepare.end()) throw Failure("unknown op " + op.spec.kind);
  return found->second(op);
}

}  // namespace trainyard::cpu
