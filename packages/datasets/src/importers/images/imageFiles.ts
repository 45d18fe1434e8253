/** Extensions of files that are certainly no images; a file with any other extension, or none, is tried. */
const otherExtensions = new Set(
  (
    'txt md rst csv tsv json jsonl yaml yml xml toml ini cfg conf log html htm css js ts py ipynb r m sh ' +
    'bat ps1 c cc cpp h java go rs lnk url pdf doc docx xls xlsx ppt pptx odt db sqlite sql pkl pickle ' +
    'npy npz mat h5 hdf5 pt pth onnx parquet arrow feather tfrecord tfrecords tfrec zip tar gz tgz bz2 xz zst ' +
    'mdb lance beton mds riegeli rec ' +
    '7z rar mp4 avi mov mkv wav mp3 flac names data lock bak tmp part crdownload md5 sha1 sha256 asc sig ' +
    'license torrent cache caffemodel prototxt exe dll so'
  ).split(' '),
);

const imageExtensions = new Set(
  'jpg jpeg jpe jfif png webp gif bmp dib tif tiff avif heic heif ppm pgm pbm pnm jp2 tga ico'.split(' '),
);

/** Folders of images that show regions of other images, as for segmentation. */
const maskFolder =
  /^(?:masks?|trimaps?|segmentations?|segmentation_?masks?|ground_?truths?|gt|Segmentation(?:Class|Object))$/i;

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** @returns the extension in lower case; empty: none */
export function extensionOf(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** @returns the name of the file without folders and extension */
export function stemOf(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? name : name.slice(0, dot);
}

/** @returns whether the file may be an image, by its name; the decoder finds out by its content. */
export function mayBeImage(path: string): boolean {
  return (
    !otherExtensions.has(extensionOf(path)) &&
    !/^(?:readme|license|licence|copying|makefile|dockerfile)$/i.test(baseName(path))
  );
}

export const hasImageExtension = (path: string): boolean => imageExtensions.has(extensionOf(path));

/** Names of folders that say nothing but that images are in them. */
export const plainFolder = /^(?:images?|imgs?|pictures?|pics|photos?|data|dataset|jpegimages|jpe?gs?|pngs?|files)$/i;

/** The paths that may be images, and what was left out of them. */
export interface ImagePaths {
  images: string[];
  notes: string[];
}

/**
 * Leaves out what is no image of a set: annotations without an extension that are beside the images (Stanford Dogs has
 * `Annotation/<class>/<name>` beside `Images/<class>/<name>.jpg`), and masks of other images.
 */
export function imagesAmong(paths: string[]): ImagePaths {
  const candidates = paths.filter(mayBeImage);
  const isMask = maskTest(candidates);
  const isAnnotation = annotationTest(candidates);
  const masks = candidates.filter(isMask);
  const annotations = candidates.filter(isAnnotation);
  const notes: string[] = [];
  if (annotations.length > 0) notes.push(leftOut(annotations, 'without an extension have the names of images'));
  if (masks.length > 0) notes.push(leftOut(masks, 'are masks of other images by their names'));
  return { images: candidates.filter((path) => !isAnnotation(path) && !isMask(path)), notes };
}

const leftOut = (paths: string[], why: string): string =>
  `${paths.length} files ${why} (like ${paths[0]}) and were left out.`;

/** A file without an extension, of the name of an image. */
function annotationTest(paths: string[]): (path: string) => boolean {
  const bare = paths.filter((path) => !hasImageExtension(path));
  if (bare.length === 0 || bare.length === paths.length) return () => false;
  const stems = new Set(paths.filter(hasImageExtension).map(stemOf));
  const annotations = new Set(bare.filter((path) => stems.has(baseName(path))));
  return (path) => annotations.has(path);
}

/**
 * Masks are in a folder of masks beside (or below a folder beside) a folder of images, and have the names of images:
 * `masks/1.png` and `images/1.png`. Or they are beside the image that they belong to: `1_mask.png` and `1.png`. Classes
 * called `mask` and `no_mask` are no masks.
 */
function maskTest(paths: string[]): (path: string) => boolean {
  if (!paths.some((path) => /mask|trimap|seg|truth|gt\//i.test(path))) return () => false;
  const images = paths.filter(hasImageExtension);
  const inMaskFolder = images.filter((path) => path.split('/').slice(0, -1).some(isMaskFolder));
  const suffixed = images.filter((path) => maskSuffix.test(stemOf(path)));
  if (inMaskFolder.length + suffixed.length === 0) return () => false;
  const beside = new Set<string>();
  const stems = new Set<string>();
  const places = new Set<string>();
  for (const path of images) {
    places.add(folderOf(path) + stemOf(path));
    const parts = path.split('/').slice(0, -1);
    if (parts.some(isMaskFolder)) continue;
    stems.add(stemOf(path));
    parts.forEach((part, at) => {
      if (plainFolder.test(part)) beside.add(parts.slice(0, at).join('/'));
    });
  }
  const masks = new Set(suffixed.filter((path) => places.has(folderOf(path) + stemOf(path).replace(maskSuffix, ''))));
  for (const path of inMaskFolder) {
    const parts = path.split('/').slice(0, -1);
    const hasImagesBeside = parts.some((_, at) => beside.has(parts.slice(0, at).join('/')));
    if (hasImagesBeside && stems.has(stemOf(path).replace(maskSuffix, ''))) masks.add(path);
  }
  return (path) => masks.has(path);
}

const maskSuffix = /[_-](?:mask|seg|segmentation)(?:_?\d+)?$/i;
const isMaskFolder = (name: string): boolean => maskFolder.test(name);
