#include <napi.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <variant>

#include "engine/device.h"
#include "engine/engine.h"
#include "engine/errors.h"
#include "engine/session.h"

/**
 * The bridge: turns JavaScript values into the engine's and back, and every C++ exception into a rejected promise. What
 * it offers is declared in src/addon.ts.
 */
namespace trainyard {
namespace {

/** Made on the engine thread, called on JavaScript's. */
using Result = std::function<Napi::Value(Napi::Env)>;

/** What went wrong on the engine thread. */
struct Fault {
  std::string message;
  /** Set where memory was refused. */
  std::optional<size_t> bytes;

  Napi::Value toError(Napi::Env env) const {
    Napi::Object error = Napi::Error::New(env, message).Value();
    if (bytes) error.Set("bytes", Napi::Number::New(env, static_cast<double>(*bytes)));
    return error;
  }
};

std::variant<Result, Fault> attempt(const std::function<Result()>& work) {
  try {
    try {
      return work();
    } catch (...) {
      backend::rethrow();
    }
  } catch (const OutOfMemory& e) {
    return Fault{e.what(), e.bytes};
  } catch (const std::bad_alloc& e) {
    return Fault{"out of memory", 0};
  } catch (const std::exception& e) {
    return Fault{e.what(), {}};
  } catch (...) {
    return Fault{"unknown failure", {}};
  }
}

/** A promise of what `work` returns once the engine thread has come to it. */
class Task {
 public:
  static Napi::Value start(Napi::Env env, std::function<Result()> work) {
    auto* task = new Task(env, std::move(work));
    Napi::Value promise = task->deferred_.Promise();
    napi_value name = Napi::String::New(env, "trainyard");
    const napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr,
                                                               nullptr, settle, &task->settle_);
    if (status != napi_ok) {
      delete task;
      throw Napi::Error::New(env, "cannot reach the engine thread");
    }
    Engine::get().post([task] {
      task->outcome_ = attempt(task->work_);
      task->work_ = nullptr;
      const napi_threadsafe_function settle = task->settle_;
      // The environment may be gone meanwhile; then nobody waits and the call has already let go of the function.
      if (napi_call_threadsafe_function(settle, task, napi_tsfn_nonblocking) == napi_ok)
        napi_release_threadsafe_function(settle, napi_tsfn_release);
    });
    return promise;
  }

 private:
  Task(Napi::Env env, std::function<Result()> work)
      : deferred_(Napi::Promise::Deferred::New(env)), work_(std::move(work)) {}

  static void settle(napi_env rawEnv, napi_value, void*, void* data) {
    std::unique_ptr<Task> task(static_cast<Task*>(data));
    if (!rawEnv) return;
    Napi::Env env(rawEnv);
    Napi::HandleScope scope(env);
    try {
      if (auto* result = std::get_if<Result>(&task->outcome_))
        task->deferred_.Resolve((*result)(env));
      else
        task->deferred_.Reject(std::get<Fault>(task->outcome_).toError(env));
    } catch (const Napi::Error& e) {
      task->deferred_.Reject(e.Value());
    }
  }

  Napi::Promise::Deferred deferred_;
  std::function<Result()> work_;
  std::variant<Result, Fault> outcome_;
  napi_threadsafe_function settle_ = nullptr;
};

Result nothing() {
  return [](Napi::Env env) -> Napi::Value { return env.Undefined(); };
}

// ---- JavaScript -> C++ ----

DataType dataTypeOf(const std::string& name) {
  if (name == "f32") return DataType::f32;
  if (name == "i32") return DataType::i32;
  if (name == "u8") return DataType::u8;
  throw Failure("unknown data type " + name);
}

Role roleOf(const std::string& name) {
  if (name == "persistent") return Role::persistent;
  if (name == "feed") return Role::feed;
  if (name == "transient") return Role::transient;
  throw Failure("unknown role " + name);
}

template <class T>
std::vector<T> numbersOf(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  std::vector<T> numbers(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++)
    numbers[i] = static_cast<T>(array.Get(i).As<Napi::Number>().DoubleValue());
  return numbers;
}

std::string textOf(const Napi::Object& object, const char* key) { return object.Get(key).As<Napi::String>(); }

template <class Body>
void eachEntry(const Napi::Object& object, const Body& body) {
  const Napi::Array names = object.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); i++) {
    const std::string name = names.Get(i).As<Napi::String>();
    body(name, object.Get(name));
  }
}

/** Operand -> index of its slot. */
std::map<std::string, int> operandsOf(const Napi::Value& from) {
  std::map<std::string, int> operands;
  eachEntry(from.As<Napi::Object>(), [&](const std::string& name, const Napi::Value& value) {
    operands[name] = value.As<Napi::Number>().Int32Value();
  });
  return operands;
}

OpSpec opOf(const Napi::Object& from) {
  OpSpec op;
  op.kind = enumOf<OpKind>(textOf(from, "kind"), "op");
  op.in = operandsOf(from.Get("in"));
  op.out = operandsOf(from.Get("out"));
  op.update = operandsOf(from.Get("update"));
  eachEntry(from.Get("numbers").As<Napi::Object>(),
            [&](const std::string& name, const Napi::Value& value) { op.numbers[name] = numbersOf<double>(value); });
  eachEntry(from.Get("texts").As<Napi::Object>(),
            [&](const std::string& name, const Napi::Value& value) { op.texts[name] = value.As<Napi::String>(); });
  return op;
}

ProgramSpec programOf(const Napi::Object& from) {
  ProgramSpec program;
  program.name = textOf(from, "name");
  program.arenaBytes = static_cast<size_t>(from.Get("arenaBytes").As<Napi::Number>().DoubleValue());
  const auto slots = from.Get("slots").As<Napi::Array>();
  for (uint32_t i = 0; i < slots.Length(); i++) {
    const auto slot = slots.Get(i).As<Napi::Object>();
    program.slots.push_back({textOf(slot, "name"), numbersOf<int64_t>(slot.Get("shape")),
                             dataTypeOf(textOf(slot, "dtype")), roleOf(textOf(slot, "role")),
                             slot.Get("root").As<Napi::Number>().Int32Value(),
                             static_cast<size_t>(slot.Get("offset").As<Napi::Number>().DoubleValue())});
  }
  const auto ops = from.Get("ops").As<Napi::Array>();
  for (uint32_t i = 0; i < ops.Length(); i++) program.ops.push_back(opOf(ops.Get(i).As<Napi::Object>()));
  return program;
}

/** A copy of a typed array: the engine must not read memory that JavaScript may change or collect. */
std::vector<std::byte> bytesOf(const Napi::Value& value) {
  const auto array = value.As<Napi::TypedArray>();
  const auto* data = static_cast<const std::byte*>(array.ArrayBuffer().Data()) + array.ByteOffset();
  return {data, data + array.ByteLength()};
}

DataType typeOf(const Napi::Value& value) {
  switch (value.As<Napi::TypedArray>().TypedArrayType()) {
    case napi_float32_array: return DataType::f32;
    case napi_int32_array: return DataType::i32;
    case napi_uint8_array: return DataType::u8;
    default: throw Failure("slots are written from Float32Array, Int32Array or Uint8Array");
  }
}

/** A copy of a slot's values as the typed array of its type. */
Napi::Value toTypedArray(Napi::Env env, DataType type, const std::vector<std::byte>& bytes) {
  Napi::ArrayBuffer memory = Napi::ArrayBuffer::New(env, bytes.size());
  if (!bytes.empty()) std::memcpy(memory.Data(), bytes.data(), bytes.size());
  const size_t count = bytes.size() / bytesPerElement(type);
  if (type == DataType::f32) return Napi::Float32Array::New(env, count, memory, 0);
  if (type == DataType::i32) return Napi::Int32Array::New(env, count, memory, 0);
  return Napi::Uint8Array::New(env, count, memory, 0);
}

/** Faults of the arguments themselves: thrown at once. */
template <class Body>
auto reading(Napi::Env env, const Body& body) {
  try {
    return body();
  } catch (const Failure& e) {
    throw Napi::Error::New(env, e.what());
  }
}

// ---- classes ----

/** Set by JavaScript, looked at between steps. */
class StopFlag : public Napi::ObjectWrap<StopFlag> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "StopFlag", {InstanceMethod<&StopFlag::set>("set")});
  }
  explicit StopFlag(const Napi::CallbackInfo& info) : ObjectWrap(info) {}
  std::shared_ptr<std::atomic<bool>> flag = std::make_shared<std::atomic<bool>>(false);

 private:
  void set(const Napi::CallbackInfo&) { *flag = true; }
};

class NativeSession : public Napi::ObjectWrap<NativeSession> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Session",
        {InstanceMethod<&NativeSession::load>("load"), InstanceMethod<&NativeSession::write>("write"),
         InstanceMethod<&NativeSession::writeFromFile>("writeFromFile"), InstanceMethod<&NativeSession::read>("read"),
         InstanceMethod<&NativeSession::run>("run"), InstanceMethod<&NativeSession::times>("times"),
         InstanceMethod<&NativeSession::close>("close")});
  }

  explicit NativeSession(const Napi::CallbackInfo& info)
      : ObjectWrap(info), session_(std::make_shared<Session>(reading(info.Env(), [&] {
          return backend::open(
              {info[0].As<Napi::String>(), info[1].As<Napi::Number>().Int32Value(), info[2].As<Napi::String>()});
        }))) {
    // An environment that ends must not leave a run behind that nobody hears of.
    info.Env().AddCleanupHook([session = std::weak_ptr<Session>(session_)] {
      if (auto alive = session.lock()) alive->stop();
    });
  }

  ~NativeSession() override {
    // Memory is freed on the engine thread, after whatever still runs there.
    session_->stop();
    Engine::get().post([session = std::move(session_)] { session->close(); });
  }

 private:
  using Work = std::function<Result(Session&)>;

  Napi::Value start(Napi::Env env, Work work) {
    return Task::start(env, [session = session_, work = std::move(work)] {
      if (session->closing()) throw Failure("the session is closed");
      return work(*session);
    });
  }

  Napi::Value load(const Napi::CallbackInfo& info) {
    auto spec =
        std::make_shared<ProgramSpec>(reading(info.Env(), [&] { return programOf(info[0].As<Napi::Object>()); }));
    return start(info.Env(), [spec, programs = programs_](Session& session) -> Result {
      programs->push_back(&session.load(*spec));
      return
          [id = programs->size() - 1, scratchBytes = programs->back()->scratchBytes()](Napi::Env env) -> Napi::Value {
            Napi::Object loaded = Napi::Object::New(env);
            loaded.Set("id", Napi::Number::New(env, static_cast<double>(id)));
            loaded.Set("scratchBytes", Napi::Number::New(env, static_cast<double>(scratchBytes)));
            return loaded;
          };
    });
  }

  Napi::Value write(const Napi::CallbackInfo& info) {
    const std::string name = info[0].As<Napi::String>();
    const DataType type = reading(info.Env(), [&] { return typeOf(info[1]); });
    auto bytes = std::make_shared<std::vector<std::byte>>(bytesOf(info[1]));
    return start(info.Env(), [=](Session& session) {
      session.write(name, type, *bytes);
      return nothing();
    });
  }

  Napi::Value writeFromFile(const Napi::CallbackInfo& info) {
    const std::string name = info[0].As<Napi::String>(), file = info[1].As<Napi::String>();
    const auto offset = static_cast<size_t>(info[2].As<Napi::Number>().DoubleValue());
    return start(info.Env(), [=](Session& session) {
      session.writeFromFile(name, file, offset);
      return nothing();
    });
  }

  Napi::Value read(const Napi::CallbackInfo& info) {
    const std::string name = info[0].As<Napi::String>();
    return start(info.Env(), [=](Session& session) -> Result {
      DataType type;
      auto bytes = std::make_shared<std::vector<std::byte>>(session.read(name, type));
      return [type, bytes](Napi::Env env) { return toTypedArray(env, type, *bytes); };
    });
  }

  Napi::Value run(const Napi::CallbackInfo& info) {
    const auto id = static_cast<size_t>(info[0].As<Napi::Number>().DoubleValue());
    const int64_t steps = info[1].As<Napi::Number>().Int64Value();
    const auto feeds = info[2].As<Napi::Array>();
    auto values = std::make_shared<Feeds>();
    for (uint32_t i = 0; i < feeds.Length(); i++) values->push_back(bytesOf(feeds.Get(i)));
    auto stop = StopFlag::Unwrap(info[3].As<Napi::Object>())->flag;
    const bool profile = info[4].ToBoolean();
    return start(info.Env(), [=, programs = programs_](Session& session) -> Result {
      const int64_t done = session.run(*programs->at(id), steps, *values, *stop, profile);
      return [done](Napi::Env env) -> Napi::Value { return Napi::Number::New(env, static_cast<double>(done)); };
    });
  }

  Napi::Value times(const Napi::CallbackInfo& info) {
    const auto id = static_cast<size_t>(info[0].As<Napi::Number>().DoubleValue());
    return start(info.Env(), [=, programs = programs_](Session&) -> Result {
      return [times = programs->at(id)->times()](Napi::Env env) -> Napi::Value {
        Napi::Array list = Napi::Array::New(env, times.size());
        for (uint32_t i = 0; i < times.size(); i++) {
          Napi::Object entry = Napi::Object::New(env);
          entry.Set("kind", times[i].kind);
          entry.Set("seconds", times[i].seconds);
          list.Set(i, entry);
        }
        return list;
      };
    });
  }

  Napi::Value close(const Napi::CallbackInfo& info) {
    session_->stop();
    return Task::start(info.Env(), [session = session_] {
      session->close();
      return nothing();
    });
  }

  std::shared_ptr<Session> session_;
  /** By the number that JavaScript knows them by; touched on the engine thread alone. */
  std::shared_ptr<std::vector<Executable*>> programs_ = std::make_shared<std::vector<Executable*>>();
};

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("version", backend::version());
  exports.Set("gpus", backend::gpus());
  exports.Set("StopFlag", StopFlag::define(env));
  exports.Set("Session", NativeSession::define(env));
  return exports;
}

}  // namespace
}  // namespace trainyard

static Napi::Object initialize(Napi::Env env, Napi::Object exports) { return trainyard::initialize(env, exports); }
NODE_API_MODULE(trainyard, initialize)
