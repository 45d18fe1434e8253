#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/memory.h"
#include "engine/program.h"

namespace trainyard {

/** One op's share of a program's time, of all its profiled runs. */
struct OpTime {
  std::string kind;
  double seconds;
};

/**
 * The values of every feed slot, in the order of the program's slots, for all steps of a run: one step after another.
 */
using Feeds = std::vector<std::vector<std::byte>>;

/** A program ready to run. All methods belong to the engine thread. */
class Executable {
 public:
  virtual ~Executable() = default;
  /**
   * Begins a run of `steps` steps, whatever became of the last; `feeds` outlive it. Throws Failure on values that no
   * step can work with.
   */
  virtual void begin(int64_t steps, const Feeds& feeds) = 0;
  /** Starts the next steps of the run, at least one, and says how many; they may still compute when this returns. */
  virtual int64_t advance() = 0;
  /** Does the next step, waits for each of its ops and adds its time. */
  virtual void profile() = 0;
  /** Waits for all steps that were started. */
  virtual void end() = 0;
  /** One an op, in the order in which they run. */
  virtual std::vector<OpTime> times() const = 0;
  /** Bytes of host memory that ops need for themselves while they run. */
  virtual size_t scratchBytes() const { return 0; }
};

/**
 * Where the slots of a session live and what computes on them. Each addon is linked with one backend, ops-cpu/ or
 * ops-torch/, which brings its devices. All methods belong to the engine thread.
 */
class Device {
 public:
  virtual ~Device() = default;
  /**
   * Comes before all other calls of a session's turn: sets what belongs to a thread, as the number of OpenMP threads.
   */
  virtual void enter() = 0;
  /** Gives a buffer zeroed memory of its size. Throws OutOfMemory. */
  virtual void allocate(Buffer& buffer) = 0;
  virtual void write(Buffer& buffer, const std::byte* values) = 0;
  virtual void read(const Buffer& buffer, std::byte* values) = 0;
  /**
   * Fills a buffer with the part of a file that `pages` maps. `aligned`: the part begins at a multiple of an element's
   * size.
   */
  virtual void fill(Buffer& buffer, Pages pages, bool aligned) = 0;
  /**
   * Compiles a program: everything that can be decided or created once is. `slots[i]` is the buffer of slot i where it
   * is persistent; the memory of all other slots is the executable's own, and so null here.
   */
  virtual std::unique_ptr<Executable> compile(const ProgramSpec& program, const std::vector<Buffer*>& slots) = 0;
};

/** What the backend that an addon is linked with offers: ops-cpu/ and ops-torch/ each implement it. */
namespace backend {

/** What computes, and on which kernels, e.g. `oneDNN 2.6.3 (avx2)`. */
std::string version();

/** How many GPUs it can compute on. */
int gpus();

struct Options {
  /** `cpu`, `cuda:0` */
  std::string device;
  /** Of the CPU. */
  int threads;
  /** `fp32`, `tf32`, `bf16`: what matrix products and convolutions may compute in. */
  std::string precision;
};

/** On any thread. Throws Failure on a device that is not there. */
std::unique_ptr<Device> open(const Options& options);

/** Rethrows the exception in flight: as Failure or OutOfMemory if a library of the backend threw it. */
[[noreturn]] void rethrow();

}  // namespace backend
}  // namespace trainyard
