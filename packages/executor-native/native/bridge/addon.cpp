#include <napi.h>
#include <pthread.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <atomic>
#include <memory>
#include <new>

#include "bridge/from_js.h"
#include "bridge/task.h"
#include "bridge/to_js.h"
#include "engine/device.h"
#include "engine/engine.h"
#include "engine/errors.h"
#include "engine/session.h"

/**
 * The bridge: the classes that src/addon.ts declares. Arguments are read on JavaScript's thread, and a fault in them
 * throws there; all else runs on the engine thread, and a fault there rejects the promise. No C++ exception crosses
 * into JavaScript: each becomes an error (to_js.h), also those that nothing here catches (common.mk).
 */
namespace trainyard {
namespace {

/** Set by JavaScript, read by the engine thread between two steps. */
class StopFlag : public Napi::ObjectWrap<StopFlag> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "StopFlag", {InstanceMethod<&StopFlag::set>("set")});
  }

  explicit StopFlag(const Napi::CallbackInfo& info) : ObjectWrap(info) { Value().TypeTag(&tag); }

  static std::shared_ptr<std::atomic<bool>> of(const Napi::Value& value) {
    const Napi::Object object = objectOf(value);
    if (!object.CheckTypeTag(&tag)) throw Failure("expected a StopFlag");
    return Unwrap(object)->flag_;
  }

 private:
  void set(const Napi::CallbackInfo&) { *flag_ = true; }

  /** A random value by which a StopFlag differs from every other object. */
  static constexpr napi_type_tag tag = {0x6a1f0c55d0e64b27, 0x9b7c21f4c8e3a05d};

  std::shared_ptr<std::atomic<bool>> flag_ = std::make_shared<std::atomic<bool>>(false);
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

  explicit NativeSession(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    session_ = throwingInJs(info.Env(), [&] {
      return std::make_shared<Session>(backend::open({textOf(info[0]), integerOf<int>(info[1]), textOf(info[2])}));
    });
    // Once its environment has ended, nothing waits for a run any more.
    info.Env().AddCleanupHook([session = std::weak_ptr<Session>(session_)] {
      if (auto alive = session.lock()) alive->stop();
    });
  }

  ~NativeSession() override {
    if (session_ == nullptr) return;
    session_->stop();
    try {
      // The engine thread frees the memory, after whatever it runs now.
      Engine::get().post([session = session_] { session->close(); });
    } catch (const std::bad_alloc&) {
      // The memory is freed with the session, by this thread or by the last task that holds it.
    }
  }

 private:
  using Work = std::function<Result(Session&)>;

  /** `read` reads the arguments, and returns what to do on the engine thread. */
  template <class Read>
  Napi::Value start(Napi::Env env, const Read& read) {
    return throwingInJs(env, [&] {
      return runOnEngine(env, [session = session_, work = Work(read())] {
        if (session->closing()) throw Failure("the session is closed");
        return work(*session);
      });
    });
  }

  Napi::Value load(const Napi::CallbackInfo& info) {
    return start(info.Env(), [&] {
      return [spec = programOf(info[0]), programs = programs_](Session& session) -> Result {
        programs->push_back(&session.load(spec));
        const size_t id = programs->size() - 1, scratchBytes = programs->back()->scratchBytes();
        return [id, scratchBytes](Napi::Env env) -> Napi::Value {
          Napi::Object loaded = Napi::Object::New(env);
          loaded.Set("id", Napi::Number::New(env, static_cast<double>(id)));
          loaded.Set("scratchBytes", Napi::Number::New(env, static_cast<double>(scratchBytes)));
          return loaded;
        };
      };
    });
  }

  Napi::Value write(const Napi::CallbackInfo& info) {
    return start(info.Env(), [&] {
      return [name = textOf(info[0]), type = typeOf(info[1]), bytes = bytesOf(info[1])](Session& session) {
        session.write(name, type, bytes);
        return undefinedResult();
      };
    });
  }

  Napi::Value writeFromFile(const Napi::CallbackInfo& info) {
    return start(info.Env(), [&] {
      return [name = textOf(info[0]), file = textOf(info[1]), offset = integerOf<size_t>(info[2])](Session& session) {
        session.writeFromFile(name, file, offset);
        return undefinedResult();
      };
    });
  }

  Napi::Value read(const Napi::CallbackInfo& info) {
    return start(info.Env(), [&] {
      return [name = textOf(info[0])](Session& session) -> Result {
        auto [type, bytes] = session.read(name);
        return [type = type, bytes = std::move(bytes)](Napi::Env env) { return toTypedArray(env, type, bytes); };
      };
    });
  }

  Napi::Value run(const Napi::CallbackInfo& info) {
    return start(info.Env(), [&] {
      Feeds feeds;
      const Napi::Array values = arrayOf(info[2]);
      for (uint32_t i = 0; i < values.Length(); i++) feeds.push_back(bytesOf(values.Get(i)));
      return [id = integerOf<size_t>(info[0]), steps = integerOf<int64_t>(info[1]), feeds = std::move(feeds),
              stop = StopFlag::of(info[3]), profile = info[4].ToBoolean().Value(),
              programs = programs_](Session& session) -> Result {
        const int64_t done = session.run(loaded(*programs, id), steps, feeds, *stop, profile);
        return [done](Napi::Env env) -> Napi::Value { return Napi::Number::New(env, static_cast<double>(done)); };
      };
    });
  }

  Napi::Value times(const Napi::CallbackInfo& info) {
    return start(info.Env(), [&] {
      return [id = integerOf<size_t>(info[0]), programs = programs_](Session&) -> Result {
        return [times = loaded(*programs, id).times()](Napi::Env env) { return toOpTimes(env, times); };
      };
    });
  }

  Napi::Value close(const Napi::CallbackInfo& info) {
    session_->stop();
    return throwingInJs(info.Env(), [&] {
      return runOnEngine(info.Env(), [session = session_] {
        session->close();
        return undefinedResult();
      });
    });
  }

  using Programs = std::vector<Executable*>;

  static Executable& loaded(const Programs& programs, size_t id) {
    if (id >= programs.size()) throw Failure("there is no program " + std::to_string(id));
    return *programs[id];
  }

  std::shared_ptr<Session> session_;
  /** A program's index is its id in JavaScript. Only the engine thread uses it. */
  std::shared_ptr<Programs> programs_ = std::make_shared<Programs>();
};

/** Whether this is the first thread of the process: `exit` of another one does not end the process. */
bool onMainThread() {
#ifdef __linux__
  return syscall(SYS_gettid) == getpid();
#else
  return pthread_main_np() != 0;
#endif
}

/**
 * Ends the compute thread at the event `exit`, before any global of a library is destroyed: with AVX2, oneDNN keeps its
 * matrix kernels in statics of functions, which are made at the first step, after every exit handler was registered.
 */
void shutDownAtExit(Napi::Env env) {
  if (!onMainThread()) return;
  const auto process = env.Global().Get("process").As<Napi::Object>();
  const auto shutDown = Napi::Function::New(env, [](const Napi::CallbackInfo&) { Engine::shutDown(); });
  process.Get("once").As<Napi::Function>().Call(process, {Napi::String::New(env, "exit"), shutDown});
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  return throwingInJs(env, [&] {
    shutDownAtExit(env);
    exports.Set("version", backend::version());
    exports.Set("gpus", backend::gpus());
    exports.Set("StopFlag", StopFlag::define(env));
    exports.Set("Session", NativeSession::define(env));
    return exports;
  });
}

}  // namespace
}  // namespace trainyard

static Napi::Object initialize(Napi::Env env, Napi::Object exports) { return trainyard::initialize(env, exports); }
NODE_API_MODULE(trainyard, initialize)
