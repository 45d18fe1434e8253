#include "engine/device.h"

#include <c10/core/GradMode.h>
#include <torch/version.h>

#include <regex>

#include "ops-torch/executable.h"

namespace trainyard::aten {
namespace {

at::Tensor& tensorOf(const Buffer& buffer) { return *static_cast<at::Tensor*>(buffer.owner.get()); }

at::Tensor onHost(const Buffer& buffer, const std::byte* values) {
  return at::from_blob(const_cast<std::byte*>(values), buffer.shape, scalarType(buffer.type));
}

/** The CPU, or one GPU, as PyTorch computes on it. */
class TorchDevice : public Device {
 public:
  TorchDevice(std::unique_ptr<Gpu> gpu, int threads, Precision precision)
      : gpu_(std::move(gpu)),
        device_(gpu_ ? gpu_->device() : at::Device(at::kCPU)),
        threads_(threads),
        precision_(precision) {}

  void enter() override {
    c10::GradMode::set_enabled(false);
    if (at::get_num_threads() != threads_) at::set_num_threads(threads_);
    auto& context = at::globalContext();
    context.setAllowTF32CuDNN(precision_ != Precision::fp32);
    context.setAllowTF32CuBLAS(precision_ != Precision::fp32);
    // Runs repeat to the bit: no algorithm that adds up in the order in which threads come, none chosen by a stopwatch.
    context.setDeterministicCuDNN(true);
    context.setBenchmarkCuDNN(false);
    if (gpu_) gpu_->enter();
  }

  void allocate(Buffer& buffer) override {
    const auto options = at::TensorOptions(device_).dtype(scalarType(buffer.type));
    auto owner = std::make_shared<at::Tensor>(at::zeros(buffer.shape, options));
    buffer.data = static_cast<std::byte*>(owner->data_ptr());
    buffer.owner = std::move(owner);
  }

  void write(Buffer& buffer, const std::byte* values) override { tensorOf(buffer).copy_(onHost(buffer, values)); }

  void read(const Buffer& buffer, std::byte* values) override {
    at::Tensor host = onHost(buffer, values);
    host.copy_(tensorOf(buffer));
  }

  void fill(Buffer& buffer, Pages pages, bool) override { write(buffer, pages.data()); }

  std::unique_ptr<Executable> compile(const ProgramSpec& program, const std::vector<Buffer*>& slots) override {
    std::vector<at::Tensor> persistent;
    for (const Buffer* slot : slots) persistent.push_back(slot ? tensorOf(*slot) : at::Tensor());
    return std::make_unique<TorchExecutable>(program, persistent, gpu_.get(), device_, precision_);
  }

 private:
  const std::unique_ptr<Gpu> gpu_;
  const at::Device device_;
  const int threads_;
  const Precision precision_;
};

Precision precisionOf(const std::string& name) {
  if (name == "fp32") return Precision::fp32;
  if (name == "tf32") return Precision::tf32;
  if (name == "bf16") return Precision::bf16;
  throw Failure("unknown precision " + name);
}

/** How many bytes a message of one of PyTorch's allocators says that were asked for; 0 where it does not. */
size_t bytesAskedFor(const std::string& message) {
  static const std::regex pattern("tried to allocate ([0-9.]+) ?(bytes|[KMGT]iB)?", std::regex::icase);
  std::smatch found;
  if (!std::regex_search(message, found, pattern)) return 0;
  double bytes = std::stod(found[1]);
  const auto power = std::string("KMGT").find(found[2].str().substr(0, 1));
  if (found[2].length() == 3 && power != std::string::npos)
    for (size_t i = 0; i <= power; i++) bytes *= 1024;
  return static_cast<size_t>(bytes);
}

}  // namespace
}  // namespace trainyard::aten

namespace trainyard::backend {

std::string version() { return std::string("PyTorch ") + TORCH_VERSION; }

int gpus() { return aten::Gpu::count(); }

std::unique_ptr<Device> open(const Options& options) {
  using namespace aten;
  static const std::regex cuda("cuda(:([0-9]{1,3}))?");
  std::smatch found;
  if (options.device != "cpu" && !std::regex_match(options.device, found, cuda))
    throw Failure("PyTorch computes on cpu, cuda or cuda:<number>, not on " + options.device);
  auto gpu = found.empty() ? nullptr : std::make_unique<Gpu>(found[2].matched ? std::stoi(found[2]) : 0);
  return std::make_unique<TorchDevice>(std::move(gpu), options.threads, precisionOf(options.precision));
}

void rethrow() {
  try {
    throw;
  } catch (const c10::Error& e) {
    const std::string message = e.what_without_backtrace();
    const bool refused =
        dynamic_cast<const c10::OutOfMemoryError*>(&e) || message.find("can't allocate memory") != std::string::npos;
    if (refused) throw OutOfMemory(aten::bytesAskedFor(message));
    throw Failure("PyTorch: " + message);
  }
}

}  // namespace trainyard::backend
