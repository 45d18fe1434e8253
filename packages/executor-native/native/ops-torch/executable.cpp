#include "ops-torch/executable.h"

#include <chrono>
#include <numeric>

#include "engine/op_reader.h"

namespace trainyard::aten {
namespace {

double secondsNow() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

TorchExecutable::TorchExecutable(const ProgramSpec& program, const std::vector<at::Tensor>& persistent, Gpu* gpu,
                                 at::Device device, Precision precision)
    : gpu_(gpu), workspace_(device, precision), values_(persistent) {
  for (size_t i = 0; i < program.slots.size(); i++) {
    const SlotSpec& slot = program.slots[i];
    if (slot.role != Role::feed) continue;
    auto shape = slot.shape;
    shape.insert(shape.begin(), groupSize);
    feeds_.push_back({static_cast<int>(i), at::zeros(shape, workspace_.options(scalarType(slot.type))), {}});
    workspace_.fed[static_cast<int>(i)] = feeds_.back().group;
  }
  prepare(program);
  addChecks(program);
  addReleases(program);
}

void TorchExecutable::prepare(const ProgramSpec& program) {
  std::vector<Operand> operands;
  for (size_t i = 0; i < program.slots.size(); i++) {
    const SlotSpec& slot = program.slots[i];
    const bool keepsMemory = program.slots[slot.root].role != Role::transient;
    operands.emplace_back(static_cast<int>(i), &values_[slot.root], slot.shape, keepsMemory);
  }
  for (const OpSpec& op : program.ops) {
    steps_.push_back(prepareOp(op, operands, workspace_));
    times_.push_back({op.name(), 0});
  }
}

void TorchExecutable::addChecks(const ProgramSpec& program) {
  const auto feedOf = [&](int slot) {
    for (size_t i = 0; i < feeds_.size(); i++)
      if (feeds_[i].slot == slot) return static_cast<int>(i);
    return -1;
  };
  const auto checkIndices = [&](int indices, int set) {
    checks_.push_back({"image index", feedOf(indices), indices, program.slots[set].shape.at(0)});
  };
  // The set that labels were gathered from, by the slot of the gathered ones.
  std::map<int, int> gathered;
  const auto checkLabels = [&](int labels, int logits) {
    const int source = gathered.count(labels) ? gathered[labels] : labels;
    if (program.slots[source].role != Role::transient)
      checks_.push_back({"label", feedOf(source), source, program.slots[logits].shape.at(1)});
  };
  std::vector<int> slots(program.slots.size());
  std::iota(slots.begin(), slots.end(), 0);
  for (const OpSpec& spec : program.ops) {
    if (spec.kind == OpKind::gatherImages) {
      const auto op = readOp<GatherImagesOp<int>>(spec, slots);
      checkIndices(op.in.indices, op.in.images);
    } else if (spec.kind == OpKind::gatherLabels) {
      const auto op = readOp<GatherLabelsOp<int>>(spec, slots);
      checkIndices(op.in.indices, op.in.labels);
      gathered[op.out.y] = op.in.labels;
    } else if (spec.kind == OpKind::softmaxCrossEntropy) {
      const auto op = readOp<SoftmaxCrossEntropyOp<int>>(spec, slots);
      checkLabels(op.in.labels, op.in.logits);
    } else if (spec.kind == OpKind::confusion) {
      const auto op = readOp<ConfusionOp<int>>(spec, slots);
      checkLabels(op.in.labels, op.in.logits);
    }
  }
}

void TorchExecutable::addReleases(const ProgramSpec& program) {
  releases_.resize(program.ops.size());
  changes_.resize(program.ops.size());
  std::map<int, size_t> lastUse;
  for (size_t i = 0; i < program.ops.size(); i++) {
    const auto use = [&](const std::map<std::string, int>& operands, bool changed) {
      for (const auto& [name, slot] : operands) {
        const int root = program.slots[slot].root;
        if (program.slots[root].role == Role::transient) lastUse[root] = i;
        if (changed && workspace_.kernels.count(slot)) changes_[i].push_back(workspace_.kernels[slot]);
      }
    };
    use(program.ops[i].in, false);
    use(program.ops[i].out, true);
    use(program.ops[i].update, true);
  }
  for (const auto& [slot, op] : lastUse) releases_[op].push_back(slot);
}

void TorchExecutable::check(const Feeds& feeds) const {
  for (const Check& check : checks_) {
    at::Tensor values = values_[check.slot];
    if (check.feed >= 0) {
      const auto& fed = feeds[check.feed];
      values = at::from_blob(const_cast<std::byte*>(fed.data()), {static_cast<int64_t>(fed.size() / sizeof(int32_t))},
                             at::kInt);
    }
    if (values.numel() == 0) continue;
    const auto least = values.min().item<int32_t>(), most = values.max().item<int32_t>();
    if (least < 0 || most >= check.below)
      throw Failure(check.what + " " + std::to_string(least < 0 ? least : most) + " is not below " +
                    std::to_string(check.below));
  }
}

void TorchExecutable::begin(int64_t steps, const Feeds& feeds) {
  runSteps_ = steps;
  next_ = row_ = group_ = 0;
  if (steps == 0) return;
  check(feeds);
  for (size_t i = 0; i < feeds_.size(); i++) {
    auto shape = feeds_[i].group.sizes().vec();
    shape[0] = steps;
    const at::Tensor host =
        at::from_blob(const_cast<std::byte*>(feeds[i].data()), shape, feeds_[i].group.scalar_type());
    feeds_[i].all = host.to(workspace_.device);
  }
}

void TorchExecutable::loadGroup(int64_t steps) {
  for (Feed& feed : feeds_) {
    workspace_.fed[feed.slot] = feed.group.narrow(0, 0, steps);
    workspace_.fed[feed.slot].copy_(feed.all.narrow(0, next_, steps));
  }
  for (const auto& value : workspace_.precomputed) value->compute(groupSize);
  group_ = steps;
  row_ = 0;
}

void TorchExecutable::select(int64_t row) {
  for (const Feed& feed : feeds_) values_[feed.slot] = feed.group.select(0, row);
  for (const auto& value : workspace_.precomputed) value->select(row);
}

void TorchExecutable::finishOp(size_t op) {
  for (int slot : releases_[op]) values_[slot].reset();
  for (const auto& kernel : changes_[op]) kernel->forget();
}

void TorchExecutable::runStep(int64_t row) {
  select(row);
  // Weights may have been written since the last step.
  for (const auto& [slot, kernel] : workspace_.kernels) kernel->forget();
  for (size_t i = 0; i < steps_.size(); i++) {
    steps_[i]();
    finishOp(i);
  }
}

Graph* TorchExecutable::graphOf(int64_t steps) {
  if (!gpu_ || !warm_) return nullptr;
  auto found = graphs_.find(steps);
  if (found == graphs_.end()) {
    const auto work = [&] {
      for (int64_t row = 0; row < steps; row++) runStep(row);
    };
    found = graphs_.emplace(steps, gpu_->record(work)).first;
  }
  return found->second.get();
}

int64_t TorchExecutable::advance() {
  int64_t done = 1;
  if (row_ == group_) {
    const int64_t left = runSteps_ - next_;
    // Graphs are of a whole group or of one step.
    const int64_t few = gpu_ ? 1 : left;
    const int64_t steps = left >= groupSize ? groupSize : few;
    Graph* const graph = graphOf(steps);
    loadGroup(steps);
    if (graph) {
      graph->launch();
      done = row_ = steps;
    }
  }
  if (row_ < group_) runStep(row_++);
  next_ += done;
  warm_ = true;
  if (gpu_) gpu_->keepPace();
  return done;
}

void TorchExecutable::profile() {
  if (row_ == group_) loadGroup(1);
  select(row_);
  for (const auto& [slot, kernel] : workspace_.kernels) kernel->forget();
  for (size_t i = 0; i < steps_.size(); i++) {
    const double start = secondsNow();
    steps_[i]();
    finishOp(i);
    if (gpu_) gpu_->synchronize();
    times_[i].seconds += secondsNow() - start;
  }
  row_++;
  next_++;
}

void TorchExecutable::end() {
  if (gpu_) gpu_->synchronize();
}

}  // namespace trainyard::aten
