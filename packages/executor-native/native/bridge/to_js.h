#pragma once

#include <napi.h>

#include <exception>
#include <vector>

#include "engine/device.h"
#include "engine/memory.h"

namespace trainyard {

/**
 * An exception of C++ as JavaScript's error, which src/errors.ts turns into a class of its own. The error has a
 * property `bytes`, the bytes that were requested (0: unknown), exactly if memory was refused.
 */
Napi::Value toError(Napi::Env env, const std::exception_ptr& exception);

/** A copy of a slot's values: Float32Array, Int32Array or Uint8Array. */
Napi::Value toTypedArray(Napi::Env env, DataType type, const std::vector<std::byte>& bytes);

/** An array of `OpTime` of src/addon.ts. */
Napi::Value toOpTimes(Napi::Env env, const std::vector<OpTime>& times);

/** Calls `body`, and throws what it throws as an error of JavaScript: see `toError`. */
template <class Body>
auto throwingInJs(Napi::Env env, const Body& body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw Napi::Error(env, toError(env, std::current_exception()));
  }
}

}  // namespace trainyard
