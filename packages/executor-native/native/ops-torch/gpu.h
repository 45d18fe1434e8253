#pragma once

#include <deque>
#include <functional>
#include <memory>

#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "ops-torch/aten.h"

namespace trainyard::aten {

/** Steps whose kernels were recorded once and are launched together. */
class Graph {
 public:
  virtual ~Graph() = default;
  virtual void launch() = 0;
};

/** One CUDA device and the stream on it that all work is put on. All methods belong to the engine thread. */
class Gpu {
 public:
  /** GPUs that PyTorch sees. */
  static int count();
  /** Throws Failure where PyTorch sees no such device. */
  explicit Gpu(int index);

  at::Device device() const { return device_; }
  /** Makes the device and the stream this thread's. */
  void enter();
  void synchronize();
  /** Keeps the host at most two launches before the device, so that a run can be stopped. */
  void keepPace();
  /**
   * Records what `work` puts on the stream, without running it; null where the addon was built without CUDA's headers.
   */
  std::unique_ptr<Graph> record(const std::function<void()>& work);

 private:
  const at::Device device_;
  c10::impl::VirtualGuardImpl guard_;
  c10::Stream stream_;
  std::deque<c10::Event> launched_;
};

}  // namespace trainyard::aten
