#include "kernels/kernels.h"
#include "kernels/lanes.h"

/** The matrix products between Winograd's transforms, on matrices stored in panels of 32 columns. */
namespace trainyard::cpu::ISA {
namespace {

// Of the result, in registers: rows times vectors, which with the row of b and one value of a fill the register file.
#if defined(__AVX512F__)
constexpr int mostRows = 12, gradRows = 8;
#elif defined(__AVX2__)
constexpr int mostRows = 6, gradRows = 4;
#else
constexpr int mostRows = 4, gradRows = 4;
#endif
constexpr int vectors = 2;
constexpr int64_t strip = vectors * lanes;

/**
 * c [rows][width vectors] = or += the sum over k of a[k aStep + r aRow] b[k][...]; b and c have rows of a panel's
 * width. a is walked in pieces of `piece` steps, which are `pieceDistance` floats apart.
 */
struct Product {
  float* c;
  const float* a;
  const float* b;
  int64_t k, piece, pieceDistance;
  bool add;
};

template <int rows, int width, int64_t aRow, int64_t aStep>
inline void product(const Product& p) {
  Floats sum[rows][width] = {};
  // The result to add to is not in the nearest cache: it is fetched while the sums are computed.
  if (p.add)
    for (int r = 0; r < rows; r++)
      for (int v = 0; v < width; v += 64 / static_cast<int>(sizeof(Floats)))
        __builtin_prefetch(p.c + r * winogradPanel + v * lanes, 1);
  const float *a = p.a, *b = p.b;
  for (int64_t left = p.k; left > 0; left -= p.piece, a += p.pieceDistance) {
    const int64_t steps = left < p.piece ? left : p.piece;
    for (int64_t k = 0; k < steps; k++, b += winogradPanel) {
      Floats row[width];
#pragma GCC unroll 2
      for (int v = 0; v < width; v++) row[v] = load(b + v * lanes);
#pragma GCC unroll 16
      for (int r = 0; r < rows; r++) {
        const float value = a[k * aStep + r * aRow];
#pragma GCC unroll 2
        for (int v = 0; v < width; v++) sum[r][v] += value * row[v];
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int v = 0; v < width; v++) {
      float* c = p.c + r * winogradPanel + v * lanes;
      store(c, p.add ? load(c) + sum[r][v] : sum[r][v]);
    }
}

/** The next smaller number of rows for which `product` is compiled. */
constexpr int fewerRows(int rows) {
  if (rows > 8) return 8;
  return rows > 4 ? 4 : rows / 2;
}

/** All of `rows`, the most at a time first. */
template <int most, int width, int64_t aRow, int64_t aStep>
inline void productRows(Product p, int64_t rows) {
  for (; rows >= most; rows -= most, p.c += most * winogradPanel, p.a += most * aRow)
    product<most, width, aRow, aStep>(p);
  if constexpr (most > 1) {
    if (rows > 0) productRows<fewerRows(most), width, aRow, aStep>(p, rows);
  }
}

/** Every strip of `columns` columns, all in one panel. */
template <int most, int64_t aRow, int64_t aStep>
inline void productPanel(Product p, int64_t rows, int64_t columns) {
  for (; columns > 0; columns -= strip, p.c += strip, p.b += strip) {
    if (columns > lanes)
      productRows<most, vectors, aRow, aStep>(p, rows);
    else
      productRows<most, 1, aRow, aStep>(p, rows);
  }
}

inline int64_t columnsOfPanel(int64_t columns, int64_t first) {
  return columns - first < winogradPanel ? columns - first : winogradPanel;
}

}  // namespace

void winogradProduct(float* m, const float* v, const float* u, int64_t rows, int64_t channels, int64_t filters,
                     const WinogradBlock& block) {
  for (int64_t f = 0; f < filters; f += winogradPanel)
    productPanel<mostRows, winogradPanel, 1>(
        {m + f * block.rows, v, u + f * channels, channels, winogradPanel, block.rows * winogradPanel, false}, rows,
        columnsOfPanel(filters, f));
}

void winogradProductGrad(float* du, const float* v, const float* dm, int64_t rows, int64_t channels, int64_t filters,
                         int64_t panel, bool add, const WinogradBlock& block) {
  // As many rows at a time as leave both panels in the first-level cache.
  constexpr int64_t most = 128;
  const int64_t pieces = (rows + most - 1) / most, piece = (rows + pieces - 1) / pieces;
  const int64_t c = panel * winogradPanel;
  for (int64_t first = 0; first < rows; first += piece)
    for (int64_t f = 0; f < filters; f += winogradPanel) {
      const int64_t n = rows - first < piece ? rows - first : piece;
      productPanel<gradRows, 1, winogradPanel>(
          {du + f * channels + c * winogradPanel, v + c * block.rows + first * winogradPanel,
           dm + f * block.rows + first * winogradPanel, n, n, 0, add || first > 0},
          columnsOfPanel(channels, c), columnsOfPanel(filters, f));
    }
}

}  // namespace trainyard::cpu::ISA
