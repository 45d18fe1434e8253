#pragma once

#include <oneapi/dnnl/dnnl.hpp>

/** The differences between oneDNN 2.x (Debian 12 has 2.6) and 3.x. */
namespace trainyard::cpu::onednn {

/** The descriptor of a primitive: oneDNN 3 takes all arguments at once, oneDNN 2 those of the operation as a `desc`. */
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(const dnnl::engine& engine, const dnnl::primitive_attr& attr,
                                            const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, arguments..., attr};
#else
  return {typename Primitive::desc(arguments...), attr, engine};
#endif
}

/** The same for a gradient, which is described with its forward pass. */
template <class Primitive, class Forward, class... Arguments>
typename Primitive::primitive_desc describeBackward(const dnnl::engine& engine, const dnnl::primitive_attr& attr,
                                                    const Forward& forward, const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, arguments..., forward, attr};
#else
  return {typename Primitive::desc(arguments...), attr, engine, forward};
#endif
}

}  // namespace trainyard::cpu::onednn
