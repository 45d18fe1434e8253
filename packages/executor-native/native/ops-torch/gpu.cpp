#include "ops-torch/gpu.h"

#include <chrono>
#include <thread>

#include "engine/errors.h"

#if TRAINYARD_CUDA_GRAPHS
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#endif

namespace trainyard::aten {
namespace {

/** Throws unless the device is there. */
at::Device checked(int index) {
  if (index < 0 || index >= Gpu::count()) throw Failure("PyTorch sees no device cuda:" + std::to_string(index));
  return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
}

}  // namespace

int Gpu::count() { return at::globalContext().hasCUDA() ? c10::impl::VirtualGuardImpl(at::kCUDA).deviceCount() : 0; }

Gpu::Gpu(int index) : device_(checked(index)), guard_(at::kCUDA), stream_(guard_.getStreamFromGlobalPool(device_)) {}

void Gpu::enter() {
  guard_.setDevice(device_);
  guard_.exchangeStream(stream_);
}

void Gpu::synchronize() {
  guard_.synchronizeStream(stream_);
  launched_.clear();
}

void Gpu::keepPace() {
  launched_.emplace_back(at::kCUDA);
  launched_.back().record(stream_);
  if (launched_.size() <= 2) return;
  while (!launched_.front().query()) std::this_thread::sleep_for(std::chrono::microseconds(20));
  launched_.pop_front();
}

#if TRAINYARD_CUDA_GRAPHS

namespace {

class CudaGraph : public Graph {
 public:
  explicit CudaGraph(const std::function<void()>& work) {
    // What earlier steps left in the allocator is of no use to a graph, which has memory of its own.
    c10::cuda::CUDACachingAllocator::emptyCache();
    graph_.capture_begin();
    try {
      work();
    } catch (...) {
      end();
      throw;
    }
    graph_.capture_end();
  }
  void launch() override { graph_.replay(); }

 private:
  /** After a failure, whose own message matters more than that of a capture cut short. */
  void end() noexcept {
    try {
      graph_.capture_end();
    } catch (...) {
    }
  }

  at::cuda::CUDAGraph graph_;
};

}  // namespace

std::unique_ptr<Graph> Gpu::record(const std::function<void()>& work) {
  synchronize();
  return std::make_unique<CudaGraph>(work);
}

#else

std::unique_ptr<Graph> Gpu::record(const std::function<void()>&) { return nullptr; }

#endif

}  // namespace trainyard::aten
