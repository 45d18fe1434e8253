#include "bridge/task.h"

#include <exception>
#include <memory>
#include <variant>

#include "bridge/to_js.h"
#include "engine/engine.h"

namespace trainyard {
namespace {

/** One call of JavaScript's into the engine, until its promise is settled. */
class Task : public std::enable_shared_from_this<Task> {
 public:
  Task(Napi::Env env, std::function<Result()> work)
      : deferred_(Napi::Promise::Deferred::New(env)), work_(std::move(work)) {}

  Napi::Value start(Napi::Env env) {
    napi_value name = Napi::String::New(env, "trainyard");
    // The thread-safe function keeps the process alive until the promise is settled.
    const napi_status status =
        napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, settle, &settle_);
    if (status != napi_ok) throw Napi::Error::New(env, "cannot create the function that settles the promise");
    try {
      Engine::get().post([self = shared_from_this()] { self->runOnEngineThread(); });
    } catch (...) {
      napi_release_threadsafe_function(settle_, napi_tsfn_abort);
      throw;
    }
    return deferred_.Promise();
  }

 private:
  void runOnEngineThread() {
    try {
      outcome_ = work_();
    } catch (...) {
      outcome_ = std::current_exception();
    }
    work_ = nullptr;
    const napi_threadsafe_function function = settle_;
    ownUntilSettled_ = shared_from_this();
    if (napi_call_threadsafe_function(function, this, napi_tsfn_nonblocking) != napi_ok) {
      // The environment is gone and the function with it, so nothing waits for the promise.
      ownUntilSettled_.reset();
      return;
    }
    napi_release_threadsafe_function(function, napi_tsfn_release);
  }

  /** On JavaScript's thread; without an environment once that has ended. */
  static void settle(napi_env rawEnv, napi_value, void*, void* data) {
    Task& task = *static_cast<Task*>(data);
    const std::shared_ptr<Task> owner = std::move(task.ownUntilSettled_);
    if (!rawEnv) return;
    Napi::Env env(rawEnv);
    Napi::HandleScope scope(env);
    try {
      try {
        if (auto* result = std::get_if<Result>(&task.outcome_)) return task.deferred_.Resolve((*result)(env));
        task.deferred_.Reject(toError(env, std::get<std::exception_ptr>(task.outcome_)));
      } catch (const Napi::Error& error) {
        task.deferred_.Reject(error.Value());
      } catch (...) {
        task.deferred_.Reject(toError(env, std::current_exception()));
      }
    } catch (...) {
      // Not even an error can be created: JavaScript is ending, or its heap is full.
    }
  }

  Napi::Promise::Deferred deferred_;
  std::function<Result()> work_;
  std::variant<Result, std::exception_ptr> outcome_;
  napi_threadsafe_function settle_ = nullptr;
  /** Keeps this task alive between the engine thread's call of `settle_` and its execution. */
  std::shared_ptr<Task> ownUntilSettled_;
};

}  // namespace

Napi::Value runOnEngine(Napi::Env env, std::function<Result()> work) {
  return std::make_shared<Task>(env, std::move(work))->start(env);
}

}  // namespace trainyard
