#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/device.h"
#include "engine/memory.h"
#include "engine/program.h"

namespace trainyard {

struct SlotValues {
  DataType type;
  std::vector<std::byte> bytes;
};

/**
 * A set of persistent slots and the programs over them, on one device. All methods but `stop` belong to the engine
 * thread.
 */
class Session {
 public:
  explicit Session(std::unique_ptr<Device> device) : device_(std::move(device)) {}

  Executable& load(const ProgramSpec& spec);
  void write(const std::string& name, DataType type, const std::vector<std::byte>& values);
  void writeFromFile(const std::string& name, const std::string& file, size_t offset);
  SlotValues read(const std::string& name);
  /** Returns the steps done; fewer when `stop` was set. */
  int64_t run(Executable& program, int64_t steps, const Feeds& feeds, const std::atomic<bool>& stop, bool profile);
  void close();

  /** Any thread: ends the run in progress after its current step, and all later ones. */
  void stop() { closing_ = true; }
  bool closing() const { return closing_; }

 private:
  Buffer& find(const std::string& name);

  const std::unique_ptr<Device> device_;
  std::atomic<bool> closing_{false};
  std::map<std::string, std::unique_ptr<Buffer>> persistent_;
  std::vector<std::unique_ptr<Executable>> programs_;
};

}  // namespace trainyard
