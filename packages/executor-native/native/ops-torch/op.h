#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/errors.h"
#include "engine/program.h"
#include "ops-torch/aten.h"

namespace trainyard::aten {

inline at::ScalarType scalarType(DataType type) {
  if (type == DataType::f32) return at::kFloat;
  return type == DataType::i32 ? at::kInt : at::kByte;
}

/**
 * What convolutions and matrix products compute in. Weights, gradients of weights and losses are fp32 in all of them.
 */
enum class Precision { fp32, tf32, bf16 };

/**
 * A slot as an op sees it, NHWC and contiguous. Persistent slots keep their memory; transient ones have the tensor that
 * an op assigned last, in bf16 where the precision is.
 */
class Operand {
 public:
  Operand() = default;
  Operand(int slot, at::Tensor* value, std::vector<int64_t> shape, bool keepsMemory)
      : slot(slot), shape(std::move(shape)), value_(value), keepsMemory_(keepsMemory) {}

  at::Tensor get() const { return value_->sizes() == shape ? *value_ : value_->view(shape); }
  at::Tensor f32() const { return get().to(at::kFloat); }
  void set(const at::Tensor& result) const {
    if (keepsMemory_)
      value_->copy_(result.reshape(value_->sizes()));
    else
      *value_ = result.contiguous();
  }

  explicit operator bool() const { return value_ != nullptr; }
  int64_t dim(size_t axis) const { return shape.at(axis); }
  int64_t last() const { return shape.empty() ? 1 : shape.back(); }

  /** Its index in the program. */
  int slot = -1;
  std::vector<int64_t> shape;

 private:
  at::Tensor* value_ = nullptr;
  bool keepsMemory_ = false;
};

/** The activations of a map as ATen's operators take them, [B,C,H,W] in channels-last memory, and back: no copies. */
inline at::Tensor channelsFirst(const at::Tensor& nhwc) { return nhwc.permute({0, 3, 1, 2}); }
inline at::Tensor channelsLast(const at::Tensor& nchw) { return nchw.permute({0, 2, 3, 1}); }

/**
 * A value that follows from what is fed alone, such as what is drawn for dropout: computed for several steps at once,
 * so that its many small kernels cost a step next to nothing.
 */
class Precomputed {
 public:
  /** `compute` returns the values of all steps that are fed, [steps, ...]. */
  explicit Precomputed(std::function<at::Tensor()> compute) : compute_(std::move(compute)) {}

  /** Of the step that runs. */
  const at::Tensor& get() const { return row_; }

  void compute(int64_t mostSteps);
  void select(int64_t row) { row_ = values_.select(0, row); }

 private:
  std::function<at::Tensor()> compute_;
  /** Stays where it is: captured graphs read it. */
  at::Tensor values_, row_;
};

/** A kernel as convolutions take it; see Workspace::kernel. */
class Kernel {
 public:
  Kernel(Operand w, at::ScalarType type) : w_(std::move(w)), type_(type) {}
  const at::Tensor& get();
  void forget() { value_.reset(); }

 private:
  Operand w_;
  at::ScalarType type_;
  at::Tensor value_;
};

/** The places of a max-pool's largest elements, kept for its gradient. */
struct Winners {
  at::Tensor indices;
  bool wanted = false;
};

/** What the ops of a program share. */
class Workspace {
 public:
  Workspace(at::Device device, Precision precision) : device(device), precision(precision) {}

  at::ScalarType computeType() const { return precision == Precision::bf16 ? at::kBFloat16 : at::kFloat; }
  at::TensorOptions options(at::ScalarType type) const { return at::TensorOptions(device).dtype(type); }
  at::Tensor constant(const std::vector<double>& values, at::ScalarType type = at::kFloat) const;

  /** Ops with equal keys share the value. */
  std::shared_ptr<Precomputed> precompute(const std::string& key, std::function<at::Tensor()> compute);

  /** The values that a slot is fed, [steps, ...], when an Precomputed is computed. Throws Failure where it is not a
   * feed. */
  std::function<at::Tensor()> fedValues(const Operand& operand) const;

  /**
   * A weight [h,w,C,O] as [O,C,h,w], channels-last and of the type to compute in: copied once a step, for the forward
   * pass and the input gradient alike.
   */
  std::shared_ptr<Kernel> kernel(const Operand& weight);

  const at::Device device;
  const Precision precision;
  /** In the order in which they were asked for. */
  std::vector<std::shared_ptr<Precomputed>> precomputed;
  /** By the slot of the weight. */
  std::map<int, std::shared_ptr<Kernel>> kernels;
  /** By the slot of the pool's output. */
  std::map<int, std::shared_ptr<Winners>> winners;
  /** The fed values of the steps that come next, by slot: [steps, ...]. */
  std::map<int, at::Tensor> fed;

 private:
  std::map<std::string, std::shared_ptr<Precomputed>> byKey_;
};

using Step = std::function<void()>;

/** Decides once all that can be decided before the first step. `slots[i]`: slot i. */
Step prepareOp(const OpSpec& spec, const std::vector<Operand>& slots, Workspace& workspace);

}  // namespace trainyard::aten
