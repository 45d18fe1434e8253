/** A file at a URL, which one of the importers reads. */
export interface Download {
  /** Name of the dataset. */
  name: string;
  url: string;
  /** Lower-case hexadecimal. */
  md5: string;
}

/** The archives that https://www.cs.toronto.edu/~kriz/cifar.html offers, with the MD5 sums that the page lists. */
export const cifar10Downloads = {
  python: {
    name: 'cifar10',
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz',
    md5: 'c58f30108f718f92721af3b95e74349a',
  },
  binary: {
    name: 'cifar10',
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  },
} satisfies Record<string, Download>;
