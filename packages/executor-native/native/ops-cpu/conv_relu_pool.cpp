#include <cstring>
#include <vector>

#include "ops-cpu/ops.h"
#include "ops-cpu/scratch_layout.h"

/**
 * Ops that only this executor has; src/fuseConvPool.ts puts each in the place of several ops:
 * convReluPool      x [B,H,W,C], w [h,w,C,O], b [O] or null -> y [B,H",W",O], winner u8 of y's shape
 * convReluPoolGrad  x, w, dy, winner -> dw, db or null, dx or null
 */
namespace trainyard::cpu::ops {
namespace {

struct Geometry {
  Geometry(const Convolution& convolution, const Tensor& x, const Tensor& w, const Tensor& y) {
    top = convolution.padding.top;
    left = convolution.padding.left;
    height = x.dim(1);
    width = x.dim(2);
    batch = x.dim(0);
    s.height = height + top + convolution.padding.bottom;
    s.width = width + left + convolution.padding.right;
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
  explicit ForwardScratch(const Geometry& g)
      : w(layout.add<float>(g.s.kernelHeight * g.taps() * g.s.weightLanes)), b(layout.add<float>(g.s.weightLanes)) {
    for (int t = 0; t < omp_get_max_threads(); t++) images.push_back(layout.add<float>(g.paddedSize()));
  }
  ScratchLayout layout;
  ScratchPart<float> w, b;
  /** A padded image for each thread. */
  std::vector<ScratchPart<float>> images;
};

/** What a thread of the backward pass has for itself. */
struct BackwardParts {
  // Starts as zero: sums over the thread's images, and the padded image.
  ScratchPart<float> dw, db, image;
  // Written before it is read.
  ScratchPart<int32_t> list;
  ScratchPart<float> values, dx;
};

struct BackwardScratch {
  BackwardScratch(const Geometry& g, bool input) : threads(omp_get_max_threads()) {
    const int64_t listLength = std::max(g.s.outHeight * g.s.outWidth + 1, 5 * g.s.outChannels);
    for (BackwardParts& parts : threads) {
      parts.dw = layout.add<float>(g.filtersSize());
      parts.db = layout.add<float>(g.s.outChannels);
      parts.image = layout.add<float>(g.paddedSize());
    }
    zeroedBytes = layout.bytes();
    if (input) w = layout.add<float>(g.filtersSize());
    for (BackwardParts& parts : threads) {
      parts.list = layout.add<int32_t>(listLength);
      parts.values = layout.add<float>(listLength);
      if (input) parts.dx = layout.add<float>(g.paddedSize());
    }
  }
  ScratchLayout layout;
  std::vector<BackwardParts> threads;
  /** The part at the beginning that starts as zero. */
  size_t zeroedBytes;
  /** The filters [outChannels][kernelHeight][kernelRow]; only for an input gradient. */
  ScratchPart<float> w;
};

/** [outChannels][kernelHeight][kernelRow], as the gradient kernels read filters, of HWIO. The rest of a row is zero. */
void toKernelRows(float* rows, const float* w, const Geometry& g) {
  const ConvPoolShape& s = g.s;
  std::memset(rows, 0, g.filtersSize() * sizeof(float));
  for (int64_t kh = 0; kh < s.kernelHeight; kh++)
    for (int64_t t = 0; t < g.taps(); t++)
      for (int64_t o = 0; o < s.outChannels; o++)
        rows[(o * s.kernelHeight + kh) * g.kernelRow + t] = w[(kh * g.taps() + t) * s.outChannels + o];
}

void fromKernelRows(float* w, const float* rows, const Geometry& g) {
  const ConvPoolShape& s = g.s;
  for (int64_t o = 0; o < s.outChannels; o++)
    for (int64_t kh = 0; kh < s.kernelHeight; kh++)
      for (int64_t t = 0; t < g.taps(); t++)
        w[(kh * g.taps() + t) * s.outChannels + o] = rows[(o * s.kernelHeight + kh) * g.kernelRow + t];
}

}  // namespace

PreparedOp convReluPool(const ConvReluPoolOp<Tensor>& op) {
  const Tensor x = op.in.x, w = op.in.w, b = op.in.b, y = op.out.y;
  const Tensor winner = op.out.winner;
  const Geometry g(op.convolution, x, w, y);
  const bool padded = g.s.height != g.height || g.s.width != g.width;
  const bool wide = g.s.outChannels == g.s.weightLanes;
  const ForwardScratch parts(g);
  return {[=, x = x.f32(), w = w.f32(), b = b.f32(), y = y.f32()](std::byte* scratch) {
            auto* winners = reinterpret_cast<uint8_t*>(winner.buffer->data);
            float *filters = parts.w.in(scratch), *bias = parts.b.in(scratch);
            if (!wide) padFilters(filters, w, g.s.kernelHeight * g.taps(), g.s);
            std::memset(bias, 0, g.s.weightLanes * sizeof(float));
            if (b) std::memcpy(bias, b, g.s.outChannels * sizeof(float));
            parallel(g.batch, 1, [&](int64_t begin, int64_t end, int thread) {
              float* image = parts.images[thread].in(scratch);
              if (padded) std::memset(image, 0, g.paddedSize() * sizeof(float));
              for (int64_t i = begin; i < end; i++) {
                const float* from = x + i * g.imageSize();
                if (padded) g.pad(image, from);
                kernels.convReluPool(y + i * g.outSize(), winners + i * g.outSize(), padded ? image : from,
                                     wide ? w : filters, bias, g.s);
              }
            });
          },
          parts.layout.bytes()};
}

PreparedOp convReluPoolGrad(const ConvReluPoolGradOp<Tensor>& op) {
  const Tensor x = op.in.x, w = op.in.w, dy = op.in.dy, winner = op.in.winner;
  const Tensor dw = op.out.dw, db = op.out.db, dx = op.out.dx;
  const Geometry g(op.convolution, x, w, dy);
  const BackwardScratch parts(g, static_cast<bool>(dx));
  return {
      [=, x = x.f32(), w = w.f32(), dy = dy.f32(), dw = dw.f32(), db = db.f32(), dx = dx.f32()](std::byte* scratch) {
        const ConvPoolShape& s = g.s;
        const auto* winners = reinterpret_cast<const uint8_t*>(winner.buffer->data);
        std::memset(scratch, 0, parts.zeroedBytes);
        if (dx) toKernelRows(parts.w.in(scratch), w, g);
        parallel(g.batch, 1, [&](int64_t begin, int64_t end, int thread) {
          const BackwardParts& own = parts.threads[thread];
          float *image = own.image.in(scratch), *values = own.values.in(scratch);
          int32_t* list = own.list.in(scratch);
          for (int64_t i = begin; i < end; i++) {
            const float* gradient = dy + i * g.outSize();
            const uint8_t* won = winners + i * g.outSize();
            g.pad(image, x + i * g.imageSize());
            kernels.convReluPoolGradFilter(own.dw.in(scratch), own.db.in(scratch), image, gradient, won, list, values,
                                           s);
            if (!dx) continue;
            float* padded = own.dx.in(scratch);
            std::memset(padded, 0, g.paddedSize() * sizeof(float));
            kernels.convReluPoolGradInput(padded, parts.w.in(scratch), gradient, won, list, values, s);
            g.crop(dx + i * g.imageSize(), padded);
          }
        });
        float *sumDw = parts.threads[0].dw.in(scratch), *sumDb = parts.threads[0].db.in(scratch);
        for (size_t t = 1; t < parts.threads.size(); t++) {
          kernels.add(sumDw, sumDw, parts.threads[t].dw.in(scratch), g.filtersSize());
          kernels.add(sumDb, sumDb, parts.threads[t].db.in(scratch), s.outChannels);
        }
        fromKernelRows(dw, sumDw, g);
        if (db) std::memcpy(db, sumDb, s.outChannels * sizeof(float));
      },
      parts.layout.bytes()};
}

}  // namespace trainyard::cpu::ops
