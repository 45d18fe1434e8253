#include "bridge/to_js.h"

#include <cstring>
#include <new>
#include <optional>
#include <string>

#include "engine/errors.h"

namespace trainyard {
namespace {

/** What is known of an exception. */
struct Description {
  std::string message;
  /** Only if memory was refused: the bytes that were requested, 0 if unknown. */
  std::optional<size_t> bytes;
};

Description describe(const std::exception_ptr& exception) {
  try {
    try {
      std::rethrow_exception(exception);
    } catch (...) {
      backend::rethrow();
    }
  } catch (const OutOfMemory& e) {
    return {e.what(), e.bytes};
  } catch (const std::bad_alloc&) {
    return {OutOfMemory(0).what(), 0};
  } catch (const std::exception& e) {
    return {e.what(), {}};
  } catch (...) {
    return {"unknown failure", {}};
  }
}

}  // namespace

Napi::Value toError(Napi::Env env, const std::exception_ptr& exception) {
  const Description description = describe(exception);
  Napi::Object error = Napi::Error::New(env, description.message).Value();
  if (description.bytes) error.Set("bytes", Napi::Number::New(env, static_cast<double>(*description.bytes)));
  return error;
}

Napi::Value toTypedArray(Napi::Env env, DataType type, const std::vector<std::byte>& bytes) {
  Napi::ArrayBuffer memory = Napi::ArrayBuffer::New(env, bytes.size());
  if (!bytes.empty()) std::memcpy(memory.Data(), bytes.data(), bytes.size());
  const size_t count = bytes.size() / bytesPerElement(type);
  if (type == DataType::f32) return Napi::Float32Array::New(env, count, memory, 0);
  if (type == DataType::i32) return Napi::Int32Array::New(env, count, memory, 0);
  return Napi::Uint8Array::New(env, count, memory, 0);
}

Napi::Value toOpTimes(Napi::Env env, const std::vector<OpTime>& times) {
  Napi::Array list = Napi::Array::New(env, times.size());
  for (uint32_t i = 0; i < times.size(); i++) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("kind", times[i].kind);
    entry.Set("seconds", times[i].seconds);
    list.Set(i, entry);
  }
  return list;
}

}  // namespace trainyard
