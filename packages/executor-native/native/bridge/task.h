#pragma once

#include <napi.h>

#include <functional>

namespace trainyard {

/** Builds the value that a promise resolves to, on JavaScript's thread. */
using Result = std::function<Napi::Value(Napi::Env)>;

/** The result of a task that returns nothing. */
inline Result undefinedResult() {
  return [](Napi::Env env) -> Napi::Value { return env.Undefined(); };
}

/**
 * Calls `work` on the engine thread, after all that was posted before it. Returns a promise of the result, which
 * rejects with the exception that `work` throws: see `toError` in to_js.h. A process that exits before its turn drops
 * the task.
 */
Napi::Value runOnEngine(Napi::Env env, std::function<Result()> work);

}  // namespace trainyard
