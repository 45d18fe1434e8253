#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/errors.h"
#include "engine/memory.h"

namespace trainyard {

/** A program as it comes over the bridge (src/wire.ts): the ops of @trainyard/program with their fields flattened. */

enum class Role { persistent, feed, transient };

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

struct OpSpec {
  std::string kind;
  /** `in.x`, `out.y`, `update.w` -> index of a slot. */
  std::map<std::string, int> slots;
  /** `convolution.stride` -> values; absent where null. */
  std::map<std::string, std::vector<double>> numbers;
  /** `activation.kind` -> text. */
  std::map<std::string, std::string> texts;

  /** Throws Failure where the op has no such slot. */
  int slot(const std::string& name) const {
    auto found = slots.find(name);
    if (found == slots.end()) throw Failure(kind + ": no slot " + name);
    return found->second;
  }
  /** Throws Failure where the attribute is absent. */
  const std::vector<double>& values(const std::string& name) const {
    auto found = numbers.find(name);
    if (found == numbers.end()) throw Failure(kind + ": no attribute " + name);
    return found->second;
  }
  /** Empty where absent. */
  std::string text(const std::string& name) const {
    auto found = texts.find(name);
    return found == texts.end() ? std::string() : found->second;
  }
};

struct ProgramSpec {
  std::string name;
  std::vector<SlotSpec> slots;
  std::vector<OpSpec> ops;
  size_t arenaBytes;
};

}  // namespace trainyard
