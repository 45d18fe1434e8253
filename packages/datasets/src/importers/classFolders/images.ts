/** Extensions of files that are certainly no images; a file with any other extension, or none, is tried. */
const otherExtensions = new Set(
  (
    'txt md rst csv tsv json jsonl yaml yml xml toml ini cfg conf log html htm css js ts py ipynb r m sh ' +
    'bat ps1 c cc cpp h java go rs lnk url pdf doc docx xls xlsx ppt pptx odt db sqlite sql pkl pickle ' +
    'npy npz mat h5 hdf5 pt pth onnx parquet arrow feather tfrecord tfrecords zip tar gz tgz bz2 xz zst ' +
    '7z rar mp4 avi mov mkv wav mp3 flac names data lock bak tmp part crdownload md5 sha1 sha256 asc sig ' +
    'license torrent cache caffemodel prototxt exe dll so'
  ).split(' '),
);

export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** @returns whether the file may be an image, by its name; the decoder finds out by its content. */
export function mayBeImage(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (
    !otherExtensions.has(extensionOf(path)) && !/^(?:readme|license|licence|copying|makefile|dockerfile)$/i.test(name)
  );
}
