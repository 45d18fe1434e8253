#pragma once

#include <napi.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/errors.h"
#include "engine/program.h"

/** JavaScript's values as the engine's. All throw, Failure or Napi::Error, if a value is of another kind. */
namespace trainyard {

/** A number that `Integer` can hold; throws Failure for fractions, NaN and numbers out of its range. */
template <class Integer>
Integer integerOf(const Napi::Value& value) {
  const double number = value.As<Napi::Number>().DoubleValue();
  // The upper limit plus one is a power of two, so it is exact as a double; the limit itself need not be.
  const double end = 2 * static_cast<double>(std::numeric_limits<Integer>::max() / 2 + 1);
  if (!(number >= static_cast<double>(std::numeric_limits<Integer>::min()) && number < end) ||
      std::trunc(number) != number)
    throw Failure(std::to_string(number) + " is not a valid integer here");
  return static_cast<Integer>(number);
}

std::string textOf(const Napi::Value& value);
Napi::Object objectOf(const Napi::Value& value);
Napi::Array arrayOf(const Napi::Value& value);

/** A `NativeProgram` of src/addon.ts. Every index of a slot is one of the program's. */
ProgramSpec programOf(const Napi::Value& value);

/** A copy of a typed array: the engine must not read memory that JavaScript may change or collect. */
std::vector<std::byte> bytesOf(const Napi::Value& value);

/** The type of a typed array's elements. */
DataType typeOf(const Napi::Value& value);

}  // namespace trainyard
