#include "engine/engine.h"

#include <cstdlib>

namespace trainyard {

std::atomic<Engine*> Engine::started_{nullptr};

Engine& Engine::get() {
  // Never destroyed: static destructors run while other threads may still post.
  static Engine* engine = new Engine();
  return *engine;
}

Engine::Engine() : thread_([this] { loop(); }) {
  started_ = this;
  // For a process that ends without the event `exit`, see `shutDownAtExit` of the bridge.
  std::atexit(Engine::shutDown);
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
  if (Engine* engine = started_) engine->join();
}

void Engine::join() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace trainyard
