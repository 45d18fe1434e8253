#include "engine/session.h"

#include <omp.h>

#include <cstring>
#include <ctime>

#include "engine/engine.h"
#include "engine/errors.h"

namespace trainyard {
namespace {

/** Processor time of this thread: unlike the wall's it does not count what other programs took away. */
double secondsOfThread() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

void Session::useThreads() const { omp_set_num_threads(threads_); }

LoadedProgram& Session::load(const ProgramSpec& spec) {
  useThreads();
  auto program = std::make_unique<LoadedProgram>();
  program->name = spec.name;
  program->transientBytes = spec.arenaBytes;
  program->arena = Pages::zeroed(spec.arenaBytes);

  // Made persistent slots are kept aside until the whole program is known to load.
  std::map<std::string, std::unique_ptr<Buffer>> made;
  std::vector<Tensor> tensors(spec.slots.size());
  const auto place = [&](size_t index) {
    const SlotSpec& slot = spec.slots[index];
    auto buffer = std::make_unique<Buffer>();
    buffer->name = slot.name;
    buffer->shape = slot.shape;
    buffer->type = slot.type;
    Buffer* result = buffer.get();
    if (slot.role == Role::persistent) {
      auto existing = persistent_.find(slot.name);
      if (existing != persistent_.end()) {
        if (existing->second->shape != slot.shape || existing->second->type != slot.type)
          throw Failure("slot " + slot.name + " exists in this session with another shape or type");
        result = existing->second.get();
      } else {
        buffer->pages = Pages::zeroed(buffer->bytes());
        buffer->data = buffer->pages.data();
        made.emplace(slot.name, std::move(buffer));
      }
    } else {
      if (slot.role == Role::feed) {
        buffer->pages = Pages::zeroed(buffer->bytes());
        buffer->data = buffer->pages.data();
        program->feeds.push_back(buffer.get());
      } else {
        buffer->data = program->arena.data() + slot.offset;
      }
      program->buffers.push_back(std::move(buffer));
    }
    tensors[index] = Tensor{result, slot.shape};
  };
  for (size_t i = 0; i < spec.slots.size(); i++)
    if (spec.slots[i].root == static_cast<int>(i)) place(i);
  for (size_t i = 0; i < spec.slots.size(); i++)
    if (spec.slots[i].root != static_cast<int>(i)) tensors[i] = Tensor{tensors[spec.slots[i].root].buffer, spec.slots[i].shape};

  size_t scratchBytes = 0;
  for (const OpSpec& op : spec.ops) {
    PreparedOp prepared = prepareOp(OpContext{op, tensors});
    scratchBytes = std::max(scratchBytes, prepared.scratchBytes);
    program->steps.push_back(std::move(prepared.step));
    program->times.push_back({op.kind, 0});
  }
  program->scratch = Pages::zeroed(scratchBytes);
  persistent_.merge(made);
  programs_.push_back(std::move(program));
  return *programs_.back();
}

const Buffer& Session::find(const std::string& name) const {
  auto found = persistent_.find(name);
  if (found == persistent_.end()) throw Failure("no loaded program has a persistent slot named " + name);
  return *found->second;
}

void Session::write(const std::string& name, DataType type, const void* data, size_t bytes) {
  const Buffer& buffer = find(name);
  if (buffer.type != type) throw Failure("slot " + name + " holds values of another type");
  if (buffer.bytes() != bytes)
    throw Failure("slot " + name + " holds " + std::to_string(buffer.count()) + " values, not " +
                  std::to_string(bytes / bytesPerElement(type)));
  std::memcpy(buffer.data, data, bytes);
}

void Session::writeFromFile(const std::string& name, const std::string& file, size_t offset) {
  Buffer& buffer = const_cast<Buffer&>(find(name));
  Pages pages = Pages::ofFile(file, offset, buffer.bytes());
  if (buffer.type == DataType::f32 || offset % bytesPerElement(buffer.type) != 0) {
    std::memcpy(buffer.data, pages.data(), buffer.bytes());
    return;
  }
  buffer.pages = std::move(pages);
  buffer.data = buffer.pages.data();
}

int64_t Session::run(LoadedProgram& program, int64_t steps, const std::vector<std::vector<std::byte>>& values,
                     const std::atomic<bool>& stop, bool profile) {
  useThreads();
  std::byte* scratch = program.scratch.data();
  for (int64_t step = 0; step < steps; step++) {
    if (stop.load(std::memory_order_relaxed) || closing() || Engine::get().stopping()) return step;
    for (size_t i = 0; i < program.feeds.size(); i++) {
      const size_t bytes = program.feeds[i]->bytes();
      std::memcpy(program.feeds[i]->data, values[i].data() + step * bytes, bytes);
    }
    if (!profile) {
      for (Step& op : program.steps) op(scratch);
      continue;
    }
    for (size_t i = 0; i < program.steps.size(); i++) {
      const double start = secondsOfThread();
      program.steps[i](scratch);
      program.times[i].seconds += secondsOfThread() - start;
    }
  }
  return steps;
}

void Session::close() {
  programs_.clear();
  persistent_.clear();
}

}  // namespace trainyard
