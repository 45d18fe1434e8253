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
const litterFiles = new Set(['thumbs.db', 'ehthumbs.db', 'desktop.ini', 'icon\r']);

/** Whether a file or folder of this name is left out: it is hidden, or was not put there by the user. */
export function isLitter(name: string, isFolder: boolean): boolean {
  if (name.startsWith('.')) return true;
  const lower = name.toLowerCase();
  if (isFolder) return litterFolders.has(lower);
  return litterFiles.has(lower) || lower.endsWith('.lnk') || lower.endsWith('.crdownload');
}

/** The same for a path with `/` between its parts. */
export function isLitterPath(path: string, isFolder: boolean): boolean {
  const parts = path.split('/');
  return parts.some((part, i) => isLitter(part, isFolder || i < parts.length - 1));
}
