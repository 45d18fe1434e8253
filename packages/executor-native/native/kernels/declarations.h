// The kernels of one instruction set. kernels.h includes this in the namespace of each, so there is no include guard.

/** y = pixel * scale + shift; scale and shift as long as x. */
void normalize(float* y, const uint8_t* x, const float* scale, const float* shift, int64_t n);
void add(float* y, const float* a, const float* b, int64_t n);
void scale(float* y, const float* x, float factor, int64_t n);
/** 0 where x <= 0; so NaN passes, and so does infinity. */
void relu(float* y, const float* x, int64_t n);
/** 0 where y <= 0, whatever dy is. */
void reluGrad(float* dx, const float* y, const float* dy, int64_t n);
void leakyRelu(float* y, const float* x, float slope, int64_t n);
void leakyReluGrad(float* dx, const float* y, const float* dy, float slope, int64_t n);
void gelu(float* y, const float* x, int64_t n);
void geluGrad(float* dx, const float* x, const float* dy, int64_t n);
void tanh(float* y, const float* x, int64_t n);
void tanhGrad(float* dx, const float* y, const float* dy, int64_t n);
void sigmoid(float* y, const float* x, int64_t n);
void sigmoidGrad(float* dx, const float* y, const float* dy, int64_t n);
/** Words of the counters first, first + 1, ...: four a counter. */
void philoxWords(uint32_t* words, uint32_t first, int64_t counters, RandomStream stream, uint32_t block);
/** Elements [begin, end) of the whole; keeps where the upper 24 bits of the draw are at least `threshold`. */
void dropout(float* y, const float* x, int64_t begin, int64_t end, uint32_t threshold, float scale,
             RandomStream stream);
void scaleColumns(float* y, const float* x, const float* factor, int64_t rows, int64_t columns);
/** Copies a block between matrices whose rows begin yRow and xRow floats apart. */
void copyColumns(float* y, int64_t yRow, const float* x, int64_t xRow, int64_t rows, int64_t columns);
/** Sums are added to doubles in blocks of rows, so that they keep fp32's precision over millions of rows. */
void columnSums(double* sums, const float* x, int64_t rows, int64_t columns);
void columnProducts(double* sums, const float* a, const float* b, int64_t rows, int64_t columns);
void columnSquares(double* sums, const float* x, const float* mean, int64_t rows, int64_t columns);
/** y = (x - mean) scale + shift. */
void batchNorm(float* y, const float* x, const float* mean, const float* scale, const float* shift, int64_t rows,
               int64_t columns);
/** dyXc = sum dy (x - mean). */
void batchNormGradSums(double* dy1, double* dyXc, const float* x, const float* dy, const float* mean, int64_t rows,
                       int64_t columns);
/** dx = scale (dy - a - (x - mean) b). */
void batchNormGrad(float* dx, const float* x, const float* dy, const float* mean, const float* scale, const float* a,
                   const float* b, int64_t rows, int64_t columns);
/** One image each. As in PyTorch, NaN is the largest number: it passes a max-pool. */
void maxPool(float* y, const float* x, const PoolShape& shape);
void maxPoolGrad(float* dx, const float* x, const float* y, const float* dy, const PoolShape& shape);
void avgPool(float* y, const float* x, const PoolShape& shape);
void avgPoolGrad(float* dx, const float* dy, const PoolShape& shape);
/** x padded; `winner`: which of its four pixels each pool took (row-major), 255 where ReLU cut the largest. NaN is the
 * largest number, and no ReLU cuts it. */
void convReluPool(float* y, uint8_t* winner, const float* x, const float* w, const float* b,
                  const ConvPoolShape& shape);
/** Length of a kernel's row [kernelWidth * channels] rounded up to whole registers, as the two below lay kernels out:
 * [outChannels][kernelHeight][length]. */
void convPoolRowLength(int64_t* length, const ConvPoolShape& shape);
/** Adds to dw and db [outChannels]; offsets and values: room for outHeight * outWidth + 1. */
void convReluPoolGradFilter(float* dw, float* db, const float* x, const float* dy, const uint8_t* winner,
                            int32_t* offsets, float* values, const ConvPoolShape& shape);
/** Adds to dx, padded; channels and values: room for 5 * outChannels. */
void convReluPoolGradInput(float* dx, const float* w, const float* dy, const uint8_t* winner, int32_t* channels,
                           float* values, const ConvPoolShape& shape);
/** x [B,H,W,C] -> v [36][tiles][C] of the tiles from `first` on. */
void winogradInput(float* v, const float* x, const WinogradMap& map, int64_t first, int64_t tiles,
                   const WinogradBlock& block);
/** dy [B,H',W',O] -> dm [36][tiles][O]. */
void winogradOutputGrad(float* dm, const float* dy, const WinogradMap& map, int64_t first, int64_t tiles,
                        const WinogradBlock& block);
/** m [36][tiles][O] -> y [B,H',W',O] with bias (or null) and a leaky ReLU where activated; relu is the slope 0. */
void winogradOutput(float* y, const float* m, const float* bias, bool activated, float slope, const WinogradMap& map,
                    int64_t first, int64_t tiles, const WinogradBlock& block);
/** w [3,3,C,O] -> u [36][C][O] of the channels [first, end), and back. */
void winogradFilter(float* u, const float* w, int64_t channels, int64_t filters, int64_t first, int64_t end,
                    int64_t position);
void winogradFilterGrad(float* dw, const float* du, int64_t channels, int64_t filters, int64_t first, int64_t end,
                        int64_t position);
/** One position: m = v u. */
void winogradProduct(float* m, const float* v, const float* u, int64_t rows, int64_t channels, int64_t filters,
                     const WinogradBlock& block);
/** One position, the channels of one panel: du = or += v^T dm. */
void winogradProductGrad(float* du, const float* v, const float* dm, int64_t rows, int64_t channels, int64_t filters,
                         int64_t panel, bool add, const WinogradBlock& block);
void sgd(float* w, float* v, const float* g, int64_t n, float rate, float momentum, bool nesterov, float decay);
/** corrected rate = rate / (1 - beta1^t), root = sqrt(1 - beta2^t); keep = 1 - rate decay where decoupled, else 1;
 * share = 1 - beta, rounded once. */
void adam(float* w, float* m, float* v, const float* g, int64_t n, float correctedRate, float root, float beta1,
          float share1, float beta2, float share2, float epsilon, float decay, float keep);
/** average = decay average + share w. */
void blend(float* average, const float* w, int64_t n, float decay, float share);
/** slow = decay slow + (1 - decay) w, then w = pull slow + (1 - pull) w. */
void lookahead(float* slow, float* w, int64_t n, float decay, float pull);
