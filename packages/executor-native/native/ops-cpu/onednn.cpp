#include "ops-cpu/onednn.h"

#include <memory>

#include "ops-cpu/onednn_versions.h"

namespace trainyard::cpu::onednn {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;
using Arguments = std::unordered_map<int, memory>;

dnnl::engine& engine() {
  static auto* engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *engine;
}
dnnl::stream& stream() {
  static auto* stream = new dnnl::stream(engine());
  return *stream;
}

memory::desc dense(const memory::dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

/** A primitive, the reorders around it, and the offset in the scratch memory of each of its temporaries. */
class Call {
 public:
  /** The memory of a slot; null: without memory until a step runs. */
  memory make(const memory::desc& desc, float* data) { return {desc, engine(), data ? data : DNNL_MEMORY_NONE}; }

  void add(dnnl::primitive primitive, Arguments arguments) {
    calls_.push_back({std::move(primitive), std::move(arguments)});
  }

  memory temporary(const memory::desc& desc) {
    memory m(desc, engine(), DNNL_MEMORY_NONE);
    temporaries_.push_back({m, bytes_});
    bytes_ += aligned(desc.get_size());
    return m;
  }

  /** `from` in the layout `wanted`: itself, or a copy that each step makes. */
  memory inLayout(const memory& from, const memory::desc& wanted) {
    if (from.get_desc() == wanted) return from;
    memory to = temporary(wanted);
    add(dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
    return to;
  }

  PreparedOp prepared() && {
    auto self = std::make_shared<Call>(std::move(*this));
    return {[self](std::byte* scratch) {
              for (auto& [memory, offset] : self->temporaries_) memory.set_data_handle(scratch + offset);
              for (auto& [primitive, arguments] : self->calls_) primitive.execute(stream(), arguments);
            },
            self->bytes_};
  }

 private:
  std::vector<std::pair<dnnl::primitive, Arguments>> calls_;
  std::vector<std::pair<memory, size_t>> temporaries_;
  size_t bytes_ = 0;
};

/** Descriptors of a convolution: activations NHWC, kernel in the layout that the primitive prefers. */
struct ConvolutionLayout {
  explicit ConvolutionLayout(const ConvolutionShape& s)
      : x(dense({s.batch, s.channels, s.height, s.width}, Tag::nhwc)),
        w(dense(kernelOf(s), Tag::any)),
        wStored(dense(kernelOf(s), s.groups == 1 ? Tag::hwio : Tag::hwigo)),
        b(dense({s.outChannels}, Tag::x)),
        y(dense({s.batch, s.outChannels, s.outHeight, s.outWidth}, Tag::nhwc)),
        strides{s.strideHeight, s.strideWidth},
        // oneDNN counts the pixels that are left out.
        dilates{s.dilationHeight - 1, s.dilationWidth - 1},
        before{s.top, s.left},
        after{s.bottom, s.right} {}
  /** oneDNN has the groups as an axis of their own. */
  static memory::dims kernelOf(const ConvolutionShape& s) {
    if (s.groups == 1) return {s.outChannels, s.channels, s.kernelHeight, s.kernelWidth};
    return {s.groups, s.outChannels / s.groups, s.channels / s.groups, s.kernelHeight, s.kernelWidth};
  }

  memory::desc x, w, wStored, b, y;
  memory::dims strides, dilates, before, after;
};

constexpr auto direct = dnnl::algorithm::convolution_direct;
constexpr auto training = dnnl::prop_kind::forward_training;

dnnl::convolution_forward::primitive_desc forwardDescriptor(const ConvolutionLayout& l, bool bias,
                                                            const dnnl::primitive_attr& attr) {
  const memory::desc b = bias ? l.b : memory::desc();
  return describe<dnnl::convolution_forward>(engine(), attr, training, direct, l.x, l.w, b, l.y, l.strides, l.dilates,
                                             l.before, l.after);
}

dnnl::convolution_backward_data::primitive_desc gradInputDescriptor(const ConvolutionLayout& l,
                                                                    const dnnl::primitive_attr& attr) {
  const auto forward = forwardDescriptor(l, false, dnnl::primitive_attr());
  return describeBackward<dnnl::convolution_backward_data>(engine(), attr, forward, direct, l.x, l.w, l.y, l.strides,
                                                           l.dilates, l.before, l.after);
}

dnnl::convolution_backward_weights::primitive_desc gradFilterDescriptor(const ConvolutionLayout& l, bool bias,
                                                                        const dnnl::primitive_attr& attr) {
  const auto forward = forwardDescriptor(l, bias, dnnl::primitive_attr());
  const memory::desc b = bias ? l.b : memory::desc();
  return describeBackward<dnnl::convolution_backward_weights>(engine(), attr, forward, direct, l.x, l.w, b, l.y,
                                                              l.strides, l.dilates, l.before, l.after);
}

}  // namespace

PreparedOp convolution(const ConvolutionShape& shape, float* x, float* w, float* b, float* y) {
  const ConvolutionLayout l(shape);
  const auto pd = forwardDescriptor(l, b != nullptr, attributes());
  Call call;
  Arguments arguments{{DNNL_ARG_SRC, call.make(l.x, x)},
                      {DNNL_ARG_WEIGHTS, call.inLayout(call.make(l.wStored, w), pd.weights_desc())},
                      {DNNL_ARG_DST, call.make(l.y, y)},
                      {DNNL_ARG_SCRATCHPAD, call.temporary(pd.scratchpad_desc())}};
  if (b) arguments.emplace(DNNL_ARG_BIAS, call.make(l.b, b));
  call.add(dnnl::convolution_forward(pd), std::move(arguments));
  return std::move(call).prepared();
}

PreparedOp convolutionGradInput(const ConvolutionShape& shape, float* dy, float* w, float* dx) {
  const ConvolutionLayout l(shape);
  const auto pd = gradInputDescriptor(l, attributes());
  Call call;
  Arguments arguments{{DNNL_ARG_DIFF_DST, call.make(l.y, dy)},
                      {DNNL_ARG_WEIGHTS, call.inLayout(call.make(l.wStored, w), pd.weights_desc())},
                      {DNNL_ARG_DIFF_SRC, call.make(l.x, dx)},
                      {DNNL_ARG_SCRATCHPAD, call.temporary(pd.scratchpad_desc())}};
  call.add(dnnl::convolution_backward_data(pd), std::move(arguments));
  return std::move(call).prepared();
}

PreparedOp convolutionGradFilter(const ConvolutionShape& shape, float* x, float* dy, float* dw, float* db) {
  const ConvolutionLayout l(shape);
  const auto pd = gradFilterDescriptor(l, db != nullptr, attributes());
  Call call;
  const memory stored = call.make(l.wStored, dw);
  const bool asStored = pd.diff_weights_desc() == l.wStored;
  const memory computed = asStored ? stored : call.temporary(pd.diff_weights_desc());
  Arguments arguments{{DNNL_ARG_SRC, call.make(l.x, x)},
                      {DNNL_ARG_DIFF_DST, call.make(l.y, dy)},
                      {DNNL_ARG_DIFF_WEIGHTS, computed},
                      {DNNL_ARG_SCRATCHPAD, call.temporary(pd.scratchpad_desc())}};
  if (db) arguments.emplace(DNNL_ARG_DIFF_BIAS, call.make(l.b, db));
  call.add(dnnl::convolution_backward_weights(pd), std::move(arguments));
  if (!asStored) call.add(dnnl::reorder(computed, stored), {{DNNL_ARG_FROM, computed}, {DNNL_ARG_TO, stored}});
  return std::move(call).prepared();
}

PreparedOp matrixProduct(const MatrixProduct& s, float* a, float* b, float* bias, float* c) {
  const auto aDesc = dense({s.m, s.k}, s.transposeA ? Tag::ba : Tag::ab);
  const auto bDesc = dense({s.k, s.n}, s.transposeB ? Tag::ba : Tag::ab);
  const auto cDesc = dense({s.m, s.n}, Tag::ab);
  const auto biasDesc = bias ? dense({1, s.n}, Tag::ab) : memory::desc();
  const auto attr = attributes();
  const auto pd = bias ? describe<dnnl::matmul>(engine(), attr, aDesc, bDesc, biasDesc, cDesc)
                       : describe<dnnl::matmul>(engine(), attr, aDesc, bDesc, cDesc);
  Call call;
  Arguments arguments{{DNNL_ARG_SRC, call.make(aDesc, a)},
                      {DNNL_ARG_WEIGHTS, call.make(bDesc, b)},
                      {DNNL_ARG_DST, call.make(cDesc, c)},
                      {DNNL_ARG_SCRATCHPAD, call.temporary(pd.scratchpad_desc())}};
  if (bias) arguments.emplace(DNNL_ARG_BIAS, call.make(biasDesc, bias));
  call.add(dnnl::matmul(pd), std::move(arguments));
  return std::move(call).prepared();
}

std::string version() {
  const dnnl_version_t* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
}

}  // namespace trainyard::cpu::onednn
