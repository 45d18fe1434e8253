#pragma once

#include "engine/device.h"
#include "ops-torch/gpu.h"
#include "ops-torch/op.h"

namespace trainyard::aten {

/**
 * A program as calls of ATen. What is fed, and what follows from that alone, is brought to the device for a group of
 * steps at once; on a GPU the kernels of a whole group are recorded as one CUDA graph, and launched together from then
 * on.
 */
class TorchExecutable : public Executable {
 public:
  /** gpu null: on the CPU. `persistent[i]` is the tensor of slot i where it is persistent. */
  TorchExecutable(const ProgramSpec& program, const std::vector<at::Tensor>& persistent, Gpu* gpu, at::Device device,
                  Precision precision);

  void begin(int64_t steps, const Feeds& feeds) override;
  int64_t advance() override;
  void profile() override;
  void end() override;
  std::vector<OpTime> times() const override { return times_; }

 private:
  /** Steps whose feeds are brought to the device at once. */
  static constexpr int64_t groupSize = 8;

  struct Feed {
    int slot;
    /** [groupSize, ...]; stays where it is: graphs read it. */
    at::Tensor group;
    /** [steps, ...] of the run, on the device. */
    at::Tensor all;
  };
  /** Values that would be out of the bounds of another slot, where a GPU could but abort. */
  struct Check {
    std::string what;
    /** Index in `feeds_`; -1: of the persistent slot. */
    int feed;
    int slot;
    int64_t below;
  };

  void prepare(const ProgramSpec& program);
  void addChecks(const ProgramSpec& program);
  void addReleases(const ProgramSpec& program);
  void check(const Feeds& feeds) const;
  void loadGroup(int64_t steps);
  void select(int64_t row);
  void runStep(int64_t row);
  void finishOp(size_t op);
  Graph* graphOf(int64_t steps);

  Gpu* const gpu_;
  Workspace workspace_;
  /** By slot; views have none. */
  std::vector<at::Tensor> values_;
  std::vector<Feed> feeds_;
  std::vector<Check> checks_;
  std::vector<Step> steps_;
  /** What an op is the last to read, and the kernels of the weights that it changes. */
  std::vector<std::vector<int>> releases_;
  std::vector<std::vector<std::shared_ptr<Kernel>>> changes_;
  std::vector<OpTime> times_;
  std::map<int64_t, std::unique_ptr<Graph>> graphs_;
  /** The first step creates what a recording must not: handles, workspaces, choices of algorithms. */
  bool warm_ = false;
  int64_t runSteps_ = 0, next_ = 0, row_ = 0, group_ = 0;
};

}  // namespace trainyard::aten
