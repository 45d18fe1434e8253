#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/errors.h"
#include "engine/program.h"

namespace trainyard {

/**
 * Fills the generated struct of an op (ops.h) from what the bridge sent: the only place that looks operands and fields
 * up by name. Throws Failure where one is missing or an enum has an unknown name.
 */
template <class Slot>
class OpReader {
 public:
  /** `slots[i]`: slot i of the program. */
  OpReader(const OpSpec& spec, const std::vector<Slot>& slots, std::string prefix = {})
      : spec(spec), slots_(slots), prefix_(std::move(prefix)) {}

  Slot required(const std::map<std::string, int>& operands, const char* name) const {
    auto found = operands.find(name);
    if (found == operands.end()) throw Failure(spec.name() + ": no slot " + name);
    return slots_.at(found->second);
  }
  Slot optional(const std::map<std::string, int>& operands, const char* name) const {
    return operands.count(name) ? required(operands, name) : Slot{};
  }

  void field(const char* name, double& value) const { value = numbers(name).at(0); }
  void field(const char* name, int64_t& value) const { value = static_cast<int64_t>(numbers(name).at(0)); }
  void field(const char* name, bool& value) const { value = numbers(name).at(0) != 0; }
  void field(const char* name, std::vector<double>& value) const { value = numbers(name); }
  void field(const char* name, std::array<int64_t, 2>& value) const {
    const auto& pair = numbers(name);
    value = {static_cast<int64_t>(pair.at(0)), static_cast<int64_t>(pair.at(1))};
  }
  /** Empty where the program says null: then neither the field nor one below it was sent. */
  template <class T>
  void field(const char* name, std::optional<T>& value) const {
    const bool sent = spec.numbers.count(prefix_ + name) || spec.texts.count(prefix_ + name);
    if (sent || anyBelow(spec.numbers, name) || anyBelow(spec.texts, name)) field(name, value.emplace());
  }
  /** An enum is sent as its name. */
  template <class T>
  std::enable_if_t<std::is_enum_v<T>> field(const char* name, T& value) const {
    auto found = spec.texts.find(prefix_ + name);
    if (found == spec.texts.end()) throw Failure(spec.name() + ": no field " + prefix_ + name);
    value = enumOf<T>(found->second, spec.name() + ": " + prefix_ + name);
  }
  template <class T>
  std::enable_if_t<std::is_class_v<T>> field(const char* name, T& record) const {
    record.fill(OpReader(spec, slots_, prefix_ + name + "."));
  }

  const OpSpec& spec;

 private:
  const std::vector<double>& numbers(const char* name) const {
    auto found = spec.numbers.find(prefix_ + name);
    if (found == spec.numbers.end()) throw Failure(spec.name() + ": no field " + prefix_ + name);
    return found->second;
  }
  template <class Values>
  bool anyBelow(const Values& values, const char* name) const {
    const std::string start = prefix_ + name + ".";
    auto first = values.lower_bound(start);
    return first != values.end() && first->first.compare(0, start.size(), start) == 0;
  }

  const std::vector<Slot>& slots_;
  const std::string prefix_;
};

/** The op as a struct; its operands are elements of `slots`, empty where the program says null. */
template <class Op, class Slot>
Op readOp(const OpSpec& spec, const std::vector<Slot>& slots) {
  Op op;
  op.fill(OpReader<Slot>(spec, slots));
  return op;
}

}  // namespace trainyard
