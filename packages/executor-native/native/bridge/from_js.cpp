#include "bridge/from_js.h"

namespace trainyard {
namespace {

template <class Body>
void eachElement(const Napi::Array& array, const Body& body) {
  for (uint32_t i = 0; i < array.Length(); i++) body(array.Get(i));
}

template <class Body>
void eachEntry(const Napi::Object& object, const Body& body) {
  eachElement(object.GetPropertyNames(), [&](const Napi::Value& key) {
    const std::string name = textOf(key);
    body(name, object.Get(name));
  });
}

std::vector<double> numbersOf(const Napi::Value& value) {
  std::vector<double> numbers;
  eachElement(arrayOf(value),
              [&](const Napi::Value& element) { numbers.push_back(element.As<Napi::Number>().DoubleValue()); });
  return numbers;
}

int slotIndexOf(const Napi::Value& value, size_t slots) {
  const int index = integerOf<int>(value);
  if (index < 0 || static_cast<size_t>(index) >= slots) throw Failure("there is no slot " + std::to_string(index));
  return index;
}

SlotSpec slotOf(const Napi::Object& from, size_t slots) {
  SlotSpec slot;
  slot.name = textOf(from.Get("name"));
  eachElement(arrayOf(from.Get("shape")), [&](const Napi::Value& value) {
    const auto size = integerOf<int64_t>(value);
    if (size < 0) throw Failure("a slot has a negative size");
    slot.shape.push_back(size);
  });
  slot.type = enumOf<DataType>(textOf(from.Get("dtype")), "data type");
  slot.role = enumOf<Role>(textOf(from.Get("role")), "role");
  slot.root = slotIndexOf(from.Get("root"), slots);
  slot.offset = integerOf<size_t>(from.Get("offset"));
  return slot;
}

/** Operand -> index of its slot. */
std::map<std::string, int> operandsOf(const Napi::Value& value, size_t slots) {
  std::map<std::string, int> operands;
  eachEntry(objectOf(value),
            [&](const std::string& name, const Napi::Value& index) { operands[name] = slotIndexOf(index, slots); });
  return operands;
}

OpSpec opOf(const Napi::Object& from, size_t slots) {
  OpSpec op;
  op.kind = enumOf<OpKind>(textOf(from.Get("kind")), "op");
  op.in = operandsOf(from.Get("in"), slots);
  op.out = operandsOf(from.Get("out"), slots);
  op.update = operandsOf(from.Get("update"), slots);
  eachEntry(objectOf(from.Get("numbers")),
            [&](const std::string& name, const Napi::Value& value) { op.numbers[name] = numbersOf(value); });
  eachEntry(objectOf(from.Get("texts")),
            [&](const std::string& name, const Napi::Value& value) { op.texts[name] = textOf(value); });
  return op;
}

Napi::TypedArray typedArrayOf(const Napi::Value& value) {
  if (!value.IsTypedArray()) throw Failure("expected a typed array");
  return value.As<Napi::TypedArray>();
}

}  // namespace

std::string textOf(const Napi::Value& value) {
  if (!value.IsString()) throw Failure("expected a string");
  return value.As<Napi::String>();
}

Napi::Object objectOf(const Napi::Value& value) {
  if (!value.IsObject()) throw Failure("expected an object");
  return value.As<Napi::Object>();
}

Napi::Array arrayOf(const Napi::Value& value) {
  if (!value.IsArray()) throw Failure("expected an array");
  return value.As<Napi::Array>();
}

ProgramSpec programOf(const Napi::Value& value) {
  const Napi::Object from = objectOf(value);
  const Napi::Array slots = arrayOf(from.Get("slots"));
  ProgramSpec program;
  program.name = textOf(from.Get("name"));
  program.arenaBytes = integerOf<size_t>(from.Get("arenaBytes"));
  eachElement(slots, [&](const Napi::Value& slot) { program.slots.push_back(slotOf(objectOf(slot), slots.Length())); });
  eachElement(arrayOf(from.Get("ops")),
              [&](const Napi::Value& op) { program.ops.push_back(opOf(objectOf(op), slots.Length())); });
  return program;
}

std::vector<std::byte> bytesOf(const Napi::Value& value) {
  const Napi::TypedArray array = typedArrayOf(value);
  if (array.ByteLength() == 0) return {};
  const auto* data = static_cast<const std::byte*>(array.ArrayBuffer().Data()) + array.ByteOffset();
  return {data, data + array.ByteLength()};
}

DataType typeOf(const Napi::Value& value) {
  switch (typedArrayOf(value).TypedArrayType()) {
    case napi_float32_array: return DataType::f32;
    case napi_int32_array: return DataType::i32;
    case napi_uint8_array: return DataType::u8;
    default: throw Failure("slots are written from Float32Array, Int32Array or Uint8Array");
  }
}

}  // namespace trainyard
