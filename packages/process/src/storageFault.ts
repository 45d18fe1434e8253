const noPermission = 'this process has no permission; change its owner or mode';
const faults: Record<string, string> = {
  ENOSPC: 'no space is left on its disk (ENOSPC); free some',
  EDQUOT: 'the quota of its disk is used up (EDQUOT); free some space',
  EROFS: 'its file system is read-only (EROFS); mount it for writing',
  EACCES: `${noPermission} (EACCES)`,
  EPERM: `${noPermission} (EPERM)`,
  EIO: 'its disk fails (EIO)',
  ESTALE: 'its network file system is gone (ESTALE); mount it again',
  EMFILE: 'too many files are open (EMFILE); raise the limit of open files',
  ENFILE: 'too many files are open (ENFILE); raise the limit of open files',
};
/** Of connections and processes, whose errors have some of these codes too. */
const otherCalls = new Set(['connect', 'bind', 'listen', 'accept', 'kill', 'spawn']);

/**
 * What is wrong with the disk or folder at which a file operation failed, and what to do, without the path; null where
 * the error does not come from a disk.
 */
export function storageFault(error: unknown): string | null {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined || otherCalls.has(syscall.split(' ')[0] ?? '')) return null;
  return faults[code] ?? null;
}
