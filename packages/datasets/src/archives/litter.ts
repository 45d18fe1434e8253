/** Folders that operating systems, storage boxes and tools leave behind; none of them holds pictures of a set. */
const litterFolders = new Set(
  [
    '__MACOSX',
    '__pycache__',
    'node_modules',
    'venv',
    'env.bak',
    'lost+found',
    '@eaDir',
    '#recycle',
    '#snapshot',
    '$RECYCLE.BIN',
    'System Volume Information',
  ].map((name) => name.toLowerCase()),
);
/** Hidden folders of tools, which are left out without a word; any other may be one of the user's. */
const hiddenFolders = new Set([
  '.git',
  '.svn',
  '.hg',
  '.dvc',
  '.ipynb_checkpoints',
  '.venv',
  '.cache',
  '.idea',
  '.vscode',
  '.vs',
  '.pytest_cache',
  '.mypy_cache',
  '.thumbnails',
  '.picasaoriginals',
  '.appledouble',
  '.lsoverride',
  '.spotlight-v100',
  '.trashes',
  '.trash',
  '.temporaryitems',
  '.fseventsd',
  '.documentrevisions-v100',
  '.sync',
  '.stfolder',
  '.stversions',
  '.dropbox.cache',
  '.tmp.drivedownload',
  '.tmp.driveupload',
  '.huggingface',
  '.snapshot',
  '.snapshots',
]);
const litterFiles = new Set(['thumbs.db', 'ehthumbs.db', 'desktop.ini', 'icon\r']);

/** Whether a file or folder of this name is left out: a hidden file, or what the user did not put there. */
export function isLitter(name: string, isFolder: boolean): boolean {
  const lower = name.toLowerCase();
  if (name.startsWith('.')) return true;
  if (isFolder) return litterFolders.has(lower);
  return litterFiles.has(lower) || lower.endsWith('.lnk') || lower.endsWith('.crdownload');
}

/** The same for a path with `/` between its parts. */
export function isLitterPath(path: string, isFolder: boolean): boolean {
  const parts = path.split('/');
  return parts.some((part, i) => isLitter(part, isFolder || i < parts.length - 1));
}

/** What to say of a folder that is left out since its name begins with a dot; null where a tool made it. */
export function hiddenFolderWarning(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (!name.startsWith('.') || hiddenFolders.has(name) || name.startsWith('.trash-')) return null;
  return `The hidden folder ${path} was left out; rename it without the dot where it belongs to the set.`;
}

/** The same for the folders of the paths of an archive, each once. */
export function hiddenFolderWarnings(paths: Iterable<string>): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/');
    const at = parts.findIndex((part, i) => i < parts.length - 1 && part.startsWith('.'));
    if (at !== -1) folders.add(parts.slice(0, at + 1).join('/'));
  }
  return [...folders].flatMap((folder) => hiddenFolderWarning(folder) ?? []);
}
