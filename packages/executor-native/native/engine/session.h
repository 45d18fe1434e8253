#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/memory.h"
#include "engine/program.h"
#include "ops-cpu/op.h"

namespace trainyard {

/** One op's share of a program's time, of `run`s since it was loaded. */
struct OpTime {
  std::string kind;
  double seconds;
};

class LoadedProgram {
 public:
  std::string name;
  size_t transientBytes = 0;
  /** Feed slots in the order in which `run` takes their values. */
  std::vector<Buffer*> feeds;
  std::vector<OpTime> times;

 private:
  friend class Session;
  std::vector<std::unique_ptr<Buffer>> buffers;
  Pages arena, scratch;
  std::vector<Step> steps;
};

/** A set of persistent slots and the programs over them. All methods but `stop` belong to the engine thread. */
class Session {
 public:
  explicit Session(int threads) : threads_(threads) {}

  LoadedProgram& load(const ProgramSpec& spec);
  void write(const std::string& name, DataType type, const void* data, size_t bytes);
  void writeFromFile(const std::string& name, const std::string& file, size_t offset);
  const Buffer& find(const std::string& name) const;
  /** `values[i]` holds `steps` values of feed i, one after another. Returns the steps done; fewer when `stop` was set. */
  int64_t run(LoadedProgram& program, int64_t steps, const std::vector<std::vector<std::byte>>& values,
              const std::atomic<bool>& stop, bool profile);
  void close();

  /** Any thread: ends the run in progress after its current step, and all later ones. */
  void stop() { closing_ = true; }
  bool closing() const { return closing_; }

 private:
  void useThreads() const;

  const int threads_;
  std::atomic<bool> closing_{false};
  std::map<std::string, std::unique_ptr<Buffer>> persistent_;
  std::vector<std::unique_ptr<LoadedProgram>> programs_;
};

}  // namespace trainyard
