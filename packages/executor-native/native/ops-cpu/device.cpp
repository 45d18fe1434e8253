#include "engine/device.h"

#include <omp.h>

#include <cstring>
#include <ctime>

#include "kernels/kernels.h"
#include "ops-cpu/onednn.h"
#include "ops-cpu/op.h"

namespace trainyard::cpu {
namespace {

/** Processor time of this thread: unlike the wall's it does not count what other programs took away. */
double secondsOfThread() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void own(Buffer& buffer, Pages pages) {
  auto owner = std::make_shared<Pages>(std::move(pages));
  buffer.data = owner->data();
  buffer.owner = std::move(owner);
}

/** Steps over host memory: one arena for the transient slots, one scratch area for whatever op runs. */
class CpuExecutable : public Executable {
 public:
  CpuExecutable(const ProgramSpec& program, const std::vector<Buffer*>& slots)
      : arena_(sharedPages(Use::arena, program.arenaBytes)) {
    std::vector<Tensor> tensors(slots.size());
    for (size_t i = 0; i < slots.size(); i++) {
      const size_t root = program.slots[i].root;
      if (!slots[root] && !own_.count(root)) place(program.slots[root], own_[root]);
      tensors[i] = {slots[root] ? slots[root] : &own_[root], program.slots[i].shape};
      if (program.slots[i].role == Role::feed) fed_.push_back(&own_[i]);
    }
    for (const OpSpec& op : program.ops) {
      PreparedOp prepared = prepareOp(op, tensors);
      scratchBytes_ = std::max(scratchBytes_, prepared.scratchBytes);
      steps_.push_back(std::move(prepared.step));
      times_.push_back({op.name(), 0});
    }
    scratch_ = sharedPages(Use::scratch, scratchBytes_);
  }

  void begin(int64_t, const Feeds& feeds) override {
    feeds_ = &feeds;
    next_ = 0;
  }

  int64_t advance() override {
    feed(next_++);
    for (Step& op : steps_) op(scratch_->data());
    return 1;
  }

  void profile() override {
    feed(next_++);
    for (size_t i = 0; i < steps_.size(); i++) {
      const double start = secondsOfThread();
      steps_[i](scratch_->data());
      times_[i].seconds += secondsOfThread() - start;
    }
  }

  void end() override {}
  std::vector<OpTime> times() const override { return times_; }
  size_t scratchBytes() const override { return scratchBytes_; }

 private:
  void place(const SlotSpec& slot, Buffer& buffer) {
    buffer.name = slot.name;
    buffer.shape = slot.shape;
    buffer.type = slot.type;
    if (slot.role == Role::feed)
      own(buffer, Pages::zeroed(buffer.bytes()));
    else
      buffer.data = arena_->data() + slot.offset;
  }

  void feed(int64_t index) {
    for (size_t i = 0; i < fed_.size(); i++) {
      const size_t bytes = fed_[i]->bytes();
      std::memcpy(fed_[i]->data, (*feeds_)[i].data() + index * bytes, bytes);
    }
  }

  std::shared_ptr<Pages> arena_, scratch_;
  size_t scratchBytes_ = 0;
  /** Of the slots that are no view and not persistent. */
  std::map<size_t, Buffer> own_;
  std::vector<Buffer*> fed_;
  const Feeds* feeds_ = nullptr;
  int64_t next_ = 0;
  std::vector<Step> steps_;
  std::vector<OpTime> times_;
};

class CpuDevice : public Device {
 public:
  explicit CpuDevice(int threads) : threads_(threads) {}

  void enter() override { omp_set_num_threads(threads_); }

  void allocate(Buffer& buffer) override { own(buffer, Pages::zeroed(buffer.bytes())); }

  void write(Buffer& buffer, const std::byte* values) override { std::memcpy(buffer.data, values, buffer.bytes()); }

  void read(const Buffer& buffer, std::byte* values) override { std::memcpy(values, buffer.data, buffer.bytes()); }

  void fill(Buffer& buffer, Pages pages, bool aligned) override {
    // Ops keep pointers to f32 memory.
    if (buffer.type == DataType::f32 || !aligned)
      std::memcpy(buffer.data, pages.data(), buffer.bytes());
    else
      own(buffer, std::move(pages));
  }

  std::unique_ptr<Executable> compile(const ProgramSpec& program, const std::vector<Buffer*>& slots) override {
    return std::make_unique<CpuExecutable>(program, slots);
  }

 private:
  const int threads_;
};

}  // namespace
}  // namespace trainyard::cpu

namespace trainyard::backend {

std::string version() { return cpu::onednn::version() + " (" + cpu::kernels.isa + ")"; }

int gpus() { return 0; }

std::unique_ptr<Device> open(const Options& options) {
  if (options.device != "cpu") throw Failure("oneDNN computes on the CPU alone, not on " + options.device);
  return std::make_unique<cpu::CpuDevice>(options.threads);
}

void rethrow() {
  try {
    throw;
  } catch (const dnnl::error& e) {
    if (e.status == dnnl_out_of_memory) throw OutOfMemory(0);
    throw Failure(std::string("oneDNN: ") + e.what());
  }
}

}  // namespace trainyard::backend
