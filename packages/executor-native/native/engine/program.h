#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/errors.h"
#include "engine/memory.h"
#include "engine/ops.h"

namespace trainyard {

/** A program as it comes over the bridge (src/wire.ts): the ops of @trainyard/program with their fields flattened. */

enum class Role { persistent, feed, transient };
constexpr std::array<const char*, 3> namesOf(Role) { return {"persistent", "feed", "transient"}; }

struct SlotSpec {
  std::string name;
  std::vector<int64_t> shape;
  DataType type;
  Role role;
  /** Index of the slot whose memory this one shares; its own index where it shares none. */
  int root;
  /** Bytes from the beginning of the arena; transient roots only. */
  size_t offset;
};

/** The value of an enum by its name. Throws Failure, which says that it is of `what`, where there is no such value. */
template <class Enum>
Enum enumOf(const std::string& name, const std::string& what) {
  const auto names = namesOf(Enum{});
  for (size_t i = 0; i < names.size(); i++)
    if (name == names[i]) return static_cast<Enum>(i);
  throw Failure("unknown " + what + " " + name);
}

/** An op as the bridge sends it; op_reader.h makes the op's own struct of it. */
struct OpSpec {
  OpKind kind;
  /** Operand -> index of a slot; without those that are null. */
  std::map<std::string, int> in, out, update;
  /** `convolution.stride` -> values; absent where null. */
  std::map<std::string, std::vector<double>> numbers;
  /** `activation.kind` -> text. */
  std::map<std::string, std::string> texts;

  std::string name() const { return namesOf(kind)[static_cast<size_t>(kind)]; }
};

struct ProgramSpec {
  std::string name;
  std::vector<SlotSpec> slots;
  std::vector<OpSpec> ops;
  size_t arenaBytes;
};

}  // namespace trainyard
