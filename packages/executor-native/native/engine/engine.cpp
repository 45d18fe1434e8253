#include "engine/engine.h"

#include <cstdlib>

namespace trainyard {

Engine& Engine::get() {
  // Never destroyed: static destructors run while other threads may still post.
  static Engine* engine = new Engine();
  return *engine;
}

Engine::Engine() : thread_([this] { loop(); }) {
  // A process that exits while the thread computes crashes in libraries whose globals are gone. Exit handlers run in
  // reverse order of registration, so this one runs before those of the libraries, which were loaded earlier.
  std::atexit([] { Engine::get().shutDown(); });
}

void Engine::post(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    if (stopping()) return;
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void Engine::loop() {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping() || !tasks_.empty(); });
      if (stopping()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    try {
      task();
    } catch (...) {
      // One session's failure must not end the process, and there is no promise to reject: the task has none.
    }
  }
}

void Engine::shutDown() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace trainyard
