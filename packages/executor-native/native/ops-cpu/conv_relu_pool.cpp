#include <cstring>

#include "ops-cpu/families.h"
#include "ops-cpu/parts.h"

/**
 * Ops of this executor alone, made of several by src/fuseConvPool.ts:
 * convReluPool      x [B,H,W,C], w [h,w,C,O], b [O] or null -> y [B,H",W",O], winner u8 of y's shape
 * convReluPoolGrad  x, w, dy, winner -> dw, db or null, dx or null
 */
namespace trainyard::ops {
namespace {

struct Geometry {
  Geometry(const OpContext& op, const Tensor& x, const Tensor& w, const Tensor& y) {
    top = static_cast<int64_t>(op.number("convolution.padding.top"));
    left = static_cast<int64_t>(op.number("convolution.padding.left"));
    height = x.dim(1);
    width = x.dim(2);
    batch = x.dim(0);
    s.height = height + top + static_cast<int64_t>(op.number("convolution.padding.bottom"));
    s.width = width + left + static_cast<int64_t>(op.number("convolution.padding.right"));
    s.channels = x.dim(3);
    s.kernelHeight = w.dim(0);
    s.kernelWidth = w.dim(1);
    s.outHeight = y.dim(1);
    s.outWidth = y.dim(2);
    s.outChannels = y.dim(3);
    s.weightLanes = (s.outChannels + 15) / 16 * 16;
    if (s.kernelWidth * s.channels > convPoolLongestRow) throw Failure("convReluPool: kernel too wide");
    kernels.convPoolRowLength(&kernelRow, s);
  }

  int64_t imageSize() const { return height * width * s.channels; }
  int64_t paddedSize() const { return s.height * s.width * s.channels + convPoolSlack; }
  int64_t outSize() const { return s.outHeight * s.outWidth * s.outChannels; }
  int64_t taps() const { return s.kernelWidth * s.channels; }
  /** Of the filters as the gradient kernels lay them out. */
  int64_t filtersSize() const { return s.outChannels * s.kernelHeight * kernelRow; }

  /** `padded` has zeros around the image already. */
  void pad(float* padded, const float* image) const {
    for (int64_t i = 0; i < height; i++)
      std::memcpy(padded + ((i + top) * s.width + left) * s.channels, image + i * width * s.channels,
                  width * s.channels * sizeof(float));
  }
  void crop(float* image, const float* padded) const {
    for (int64_t i = 0; i < height; i++)
      std::memcpy(image + i * width * s.channels, padded + ((i + top) * s.width + left) * s.channels,
                  width * s.channels * sizeof(float));
  }

  int64_t batch, height, width, top, left, kernelRow;
  ConvPoolShape s;
};

/** HWIO, the output channels of each tap padded to `weightLanes`. */
void padFilters(float* padded, const float* w, int64_t taps, const ConvPoolShape& s) {
  for (int64_t t = 0; t < taps; t++)
    std::memcpy(padded + t * s.weightLanes, w + t * s.outChannels, s.outChannels * sizeof(float));
}

struct ForwardScratch {
  ForwardScratch(std::byte* scratch, const Geometry& g) {
    Parts parts(scratch);
    w = parts.take<float>(g.s.kernelHeight * g.taps() * g.s.weightLanes);
    b = parts.take<float>(g.s.weightLanes);
    for (int t = 0; t < omp_get_max_threads(); t++) {
      float* image = parts.take<float>(g.paddedSize());
      if (t == 0) images = image;
      if (t == 1) distance = image - images;
    }
    bytes = parts.used();
  }
  float *w, *b, *images;
  int64_t distance = 0;
  size_t bytes;
};

struct BackwardScratch {
  BackwardScratch(std::byte* scratch, const Geometry& g, bool input) {
    Parts parts(scratch);
    // Everything that starts as zero, a set a thread, in one piece.
    sets = parts.take<float>(0);
    const auto start = parts.used();
    dw = parts.take<float>(g.filtersSize());
    db = parts.take<float>(g.s.outChannels);
    image = parts.take<float>(g.paddedSize());
    setSize = static_cast<int64_t>((parts.used() - start) / sizeof(float));
    parts.take<float>(setSize * (omp_get_max_threads() - 1));
    w = input ? parts.take<float>(g.filtersSize()) : nullptr;
    // Not zeroed: lists and the padded input gradient.
    const auto listsStart = parts.used();
    list = parts.take<int32_t>(std::max(g.s.outHeight * g.s.outWidth + 1, 5 * g.s.outChannels));
    values = parts.take<float>(std::max(g.s.outHeight * g.s.outWidth + 1, 5 * g.s.outChannels));
    dx = parts.take<float>(input ? g.paddedSize() : 0);
    listsSize = static_cast<int64_t>((parts.used() - listsStart) / sizeof(float));
    parts.take<float>(listsSize * (omp_get_max_threads() - 1));
    bytes = parts.used();
  }
  float *sets, *dw, *db, *image, *w, *values, *dx;
  int32_t* list;
  int64_t setSize, listsSize;
  size_t bytes;
};

}  // namespace

PreparedOp convReluPool(const OpContext& op) {
  const Tensor x = op.slot("in.x"), w = op.slot("in.w"), b = op.optional("in.b"), y = op.slot("out.y");
  const Tensor winner = op.slot("out.winner");
  const Geometry g(op, x, w, y);
  const bool padded = g.s.height != g.height || g.s.width != g.width;
  const bool wide = g.s.outChannels == g.s.weightLanes;
  return {[=, x = x.f32(), w = w.f32(), b = b ? b.f32() : nullptr, y = y.f32()](std::byte* memory) {
            const ForwardScratch scratch(memory, g);
            auto* winners = reinterpret_cast<uint8_t*>(winner.buffer->data);
            if (!wide) padFilters(scratch.w, w, g.s.kernelHeight * g.taps(), g.s);
            std::memset(scratch.b, 0, g.s.weightLanes * sizeof(float));
            if (b) std::memcpy(scratch.b, b, g.s.outChannels * sizeof(float));
            parallel(g.batch, 1, [&](int64_t begin, int64_t end, int thread) {
              float* image = scratch.images + thread * scratch.distance;
              if (padded) std::memset(image, 0, g.paddedSize() * sizeof(float));
              for (int64_t i = begin; i < end; i++) {
                const float* from = x + i * g.imageSize();
                if (padded) g.pad(image, from);
                kernels.convReluPool(y + i * g.outSize(), winners + i * g.outSize(), padded ? image : from,
                                     wide ? w : scratch.w, scratch.b, g.s);
              }
            });
          },
          ForwardScratch(nullptr, g).bytes};
}

PreparedOp convReluPoolGrad(const OpContext& op) {
  const Tensor x = op.slot("in.x"), w = op.slot("in.w"), dy = op.slot("in.dy"), winner = op.slot("in.winner");
  const Tensor dw = op.slot("out.dw"), db = op.optional("out.db"), dx = op.optional("out.dx");
  const Geometry g(op, x, w, dy);
  return {[=, x = x.f32(), w = w.f32(), dy = dy.f32(), dw = dw.f32(), db = db ? db.f32() : nullptr,
           dx = dx ? dx.f32() : nullptr](std::byte* memory) {
            const BackwardScratch scratch(memory, g, dx != nullptr);
            const ConvPoolShape& s = g.s;
            const auto* winners = reinterpret_cast<const uint8_t*>(winner.buffer->data);
            const int64_t kernelSize = s.kernelHeight * g.kernelRow, taps = g.taps();
            if (dx) {
              std::memset(scratch.w, 0, g.filtersSize() * sizeof(float));
              for (int64_t kh = 0; kh < s.kernelHeight; kh++)
                for (int64_t t = 0; t < taps; t++)
                  for (int64_t o = 0; o < s.outChannels; o++)
                    scratch.w[o * kernelSize + kh * g.kernelRow + t] = w[(kh * taps + t) * s.outChannels + o];
            }
            std::memset(scratch.sets, 0, scratch.setSize * omp_get_max_threads() * sizeof(float));
            parallel(g.batch, 1, [&](int64_t begin, int64_t end, int thread) {
              const int64_t set = thread * scratch.setSize, lists = thread * scratch.listsSize;
              for (int64_t i = begin; i < end; i++) {
                const float* gradient = dy + i * g.outSize();
                const uint8_t* won = winners + i * g.outSize();
                g.pad(scratch.image + set, x + i * g.imageSize());
                kernels.convReluPoolGradFilter(scratch.dw + set, scratch.db + set, scratch.image + set, gradient, won,
                                               scratch.list + lists, scratch.values + lists, s);
                if (!dx) continue;
                std::memset(scratch.dx + lists, 0, g.paddedSize() * sizeof(float));
                kernels.convReluPoolGradInput(scratch.dx + lists, scratch.w, gradient, won, scratch.list + lists,
                                              scratch.values + lists, s);
                g.crop(dx + i * g.imageSize(), scratch.dx + lists);
              }
            });
            for (int t = 1; t < omp_get_max_threads(); t++) {
              kernels.add(scratch.dw, scratch.dw, scratch.dw + t * scratch.setSize, g.filtersSize());
              kernels.add(scratch.db, scratch.db, scratch.db + t * scratch.setSize, s.outChannels);
            }
            for (int64_t o = 0; o < s.outChannels; o++)
              for (int64_t kh = 0; kh < s.kernelHeight; kh++)
                for (int64_t t = 0; t < taps; t++)
                  dw[(kh * taps + t) * s.outChannels + o] = scratch.dw[o * kernelSize + kh * g.kernelRow + t];
            if (db) std::memcpy(db, scratch.db, s.outChannels * sizeof(float));
          },
          BackwardScratch(nullptr, g, static_cast<bool>(dx)).bytes};
}

}  // namespace trainyard::ops
