import type { InferenceSession } from 'onnxruntime-node';

/**
 * ONNX Runtime keeps most weights twice for a while, as they are in the file and packed for its kernels. Measured on
 * lenet, vgg6 and resnet9, a session takes 1.3 to 1.5 times the bytes of its file (lenet: 1 MB), and a run a few MB.
 */
const bytesOfSession = (fileBytes: number): number => 2 * fileBytes + 4 * 1024 ** 2;

/** Loaded models, by key. The ones that were not used for longest are released for the memory of others. */
export class Sessions {
  private readonly sessions = new Map<string, { session: InferenceSession; bytes: number }>();
  private bytes = 0;

  constructor(private readonly memoryBytes: number) {}

  get(key: string): InferenceSession | null {
    const found = this.sessions.get(key);
    if (!found) return null;
    // A map keeps the order of insertion: the last one is the one that was used last.
    this.sessions.delete(key);
    this.sessions.set(key, found);
    return found.session;
  }

  /**
   * Releases models until there is room for one of so many bytes.
   * @returns null, or the bytes that it would take where that is more than all models may
   */
  async makeRoom(fileBytes: number): Promise<number | null> {
    const needed = bytesOfSession(fileBytes);
    if (needed > this.memoryBytes) return needed;
    for (const [key, { session, bytes }] of this.sessions) {
      if (this.bytes + needed <= this.memoryBytes) break;
      this.sessions.delete(key);
      this.bytes -= bytes;
      await session.release();
    }
    return null;
  }

  add(key: string, session: InferenceSession, fileBytes: number): void {
    const bytes = bytesOfSession(fileBytes);
    this.sessions.set(key, { session, bytes });
    this.bytes += bytes;
  }
}
