#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace trainyard {

/**
 * The one compute thread of the process. Everything that touches sessions or opens an OpenMP region runs on it, in the
 * order in which it was posted: libgomp counts every thread that ever opened a region and, with more of them than
 * processors, stops spinning at barriers, which makes small models several times slower.
 */
class Engine {
 public:
  /** Starts the thread at the first call. */
  static Engine& get();

  /**
   * Runs `task` after all tasks that were posted before it. An exception that leaves a task is discarded, so a task
   * that has someone to report to catches its own. A task that has not begun when the process shuts down is dropped.
   */
  void post(std::function<void()> task);

  /** True once the process is exiting; long tasks check it between two steps. */
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  /** Ends the thread after the step that it computes, and waits for it; without a thread, does nothing. */
  static void shutDown();

 private:
  Engine();
  void loop();
  void join();

  static std::atomic<Engine*> started_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace trainyard
