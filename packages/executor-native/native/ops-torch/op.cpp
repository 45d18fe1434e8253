#include "ops-torch/op.h"

namespace trainyard::aten {

void Precomputed::compute(int64_t mostSteps) {
  const at::Tensor values = compute_();
  if (!values_.defined()) {
    auto shape = values.sizes().vec();
    shape[0] = mostSteps;
    values_ = at::empty(shape, values.options());
  }
  values_.narrow(0, 0, values.size(0)).copy_(values);
}

const at::Tensor& Kernel::get() {
  if (!value_.defined()) value_ = w_.get().permute({3, 2, 0, 1}).to(type_).contiguous(at::MemoryFormat::ChannelsLast);
  return value_;
}

at::Tensor Workspace::constant(const std::vector<double>& values, at::ScalarType type) const {
  return at::tensor(values, at::TensorOptions().dtype(at::kDouble)).to(options(type));
}

std::shared_ptr<Precomputed> Workspace::precompute(const std::string& key, std::function<at::Tensor()> compute) {
  auto& known = byKey_[key];
  if (!known) {
    known = std::make_shared<Precomputed>(std::move(compute));
    precomputed.push_back(known);
  }
  return known;
}

std::function<at::Tensor()> Workspace::fedValues(const Operand& operand) const {
  if (!fed.count(operand.slot)) throw Failure("slot " + std::to_string(operand.slot) + " must be a feed");
  return [source = &fed, slot = operand.slot] { return source->at(slot); };
}

std::shared_ptr<Kernel> Workspace::kernel(const Operand& weight) {
  auto& known = kernels[weight.slot];
  if (!known) known = std::make_shared<Kernel>(weight, computeType());
  return known;
}

}  // namespace trainyard::aten
