import { FileFault, type OpenedFile } from '../archives/archive.js';
import type { Picture } from './listing.js';

/** The content of an image file as a listing yields it. */
export async function pictureOf(file: OpenedFile): Promise<{ picture: Picture } | { fault: string }> {
  if (file.unreadable !== undefined) return { fault: file.unreadable };
  if (file.file !== null) return { picture: { kind: 'file', path: file.file } };
  try {
    return { picture: { kind: 'encoded', bytes: await file.read() } };
  } catch (error) {
    if (error instanceof FileFault) return { fault: error.reason };
    throw error;
  }
}
