#include "engine/session.h"

#include "engine/engine.h"
#include "engine/errors.h"

namespace trainyard {

Executable& Session::load(const ProgramSpec& spec) {
  device_->enter();
  // New persistent slots are kept aside until the whole program has loaded.
  std::map<std::string, std::unique_ptr<Buffer>> created;
  const auto persistent = [&](const SlotSpec& slot) {
    auto existing = persistent_.find(slot.name);
    if (existing == persistent_.end()) {
      auto& buffer = created[slot.name] = std::make_unique<Buffer>();
      buffer->name = slot.name;
      buffer->shape = slot.shape;
      buffer->type = slot.type;
      device_->allocate(*buffer);
      return buffer.get();
    }
    if (existing->second->shape != slot.shape || existing->second->type != slot.type)
      throw Failure("slot " + slot.name + " exists in this session with another shape or type");
    return existing->second.get();
  };
  std::vector<Buffer*> slots(spec.slots.size(), nullptr);
  for (size_t i = 0; i < spec.slots.size(); i++)
    if (spec.slots[i].role == Role::persistent) slots[i] = persistent(spec.slots[i]);
  programs_.push_back(device_->compile(spec, slots));
  persistent_.merge(created);
  return *programs_.back();
}

Buffer& Session::find(const std::string& name) {
  auto found = persistent_.find(name);
  if (found == persistent_.end()) throw Failure("no loaded program has a persistent slot named " + name);
  return *found->second;
}

void Session::write(const std::string& name, DataType type, const std::vector<std::byte>& values) {
  device_->enter();
  Buffer& buffer = find(name);
  if (buffer.type != type) throw Failure("slot " + name + " holds values of another type");
  if (buffer.bytes() != values.size())
    throw Failure("slot " + name + " holds " + std::to_string(buffer.count()) + " values, not " +
                  std::to_string(values.size() / bytesPerElement(type)));
  device_->write(buffer, values.data());
}

void Session::writeFromFile(const std::string& name, const std::string& file, size_t offset) {
  device_->enter();
  Buffer& buffer = find(name);
  device_->fill(buffer, Pages::ofFile(file, offset, buffer.bytes()), offset % bytesPerElement(buffer.type) == 0);
}

SlotValues Session::read(const std::string& name) {
  device_->enter();
  const Buffer& buffer = find(name);
  SlotValues values{buffer.type, std::vector<std::byte>(buffer.bytes())};
  device_->read(buffer, values.bytes.data());
  return values;
}

int64_t Session::run(Executable& program, int64_t steps, const Feeds& feeds, const std::atomic<bool>& stop,
                     bool profile) {
  device_->enter();
  program.begin(steps, feeds);
  int64_t done = 0;
  while (done < steps && !stop.load(std::memory_order_relaxed) && !closing() && !Engine::get().stopping()) {
    if (!profile) {
      done += program.advance();
      continue;
    }
    program.profile();
    done++;
  }
  program.end();
  return done;
}

void Session::close() {
  device_->enter();
  programs_.clear();
  persistent_.clear();
}

}  // namespace trainyard
