import type { ChannelMoments } from '@trainyard/contracts';

/**
 * Mean and standard deviation per channel of interleaved pixels. It counts how often each value occurs, which is
 * integer arithmetic, so that the result does not depend on the order or size of the chunks.
 */
export class PixelHistograms {
  private readonly counts: Float64Array[];
  /** Channel of the next pixel value. */
  private channel = 0;

  constructor(private readonly channels: number) {
    this.counts = Array.from({ length: channels }, () => new Float64Array(256));
  }

  /** @param pixels uint8, the channels interleaved; a chunk may end within a pixel */
  add(pixels: Uint8Array): void {
    // One channel after the other, which takes a third of the time.
    for (const [channel, histogram] of this.counts.entries()) {
      const first = (channel - this.channel + this.channels) % this.channels;
      for (let i = first; i < pixels.length; i += this.channels) {
        const value = pixels[i] as number;
        histogram[value] = (histogram[value] as number) + 1;
      }
    }
    this.channel = (this.channel + pixels.length) % this.channels;
  }

  /** One mean and one standard deviation per channel, of pixel values scaled to [0, 1]; 0 where there are none. */
  moments(): ChannelMoments {
    const moments = this.counts.map(momentsOf);
    return { mean: moments.map((m) => m.mean), std: moments.map((m) => m.std) };
  }
}

function momentsOf(histogram: Float64Array): { mean: number; std: number } {
  let count = 0;
  let sum = 0;
  let squares = 0;
  histogram.forEach((n, value) => {
    count += n;
    sum += n * value;
    squares += n * value * value;
  });
  if (count === 0) return { mean: 0, std: 0 };
  const mean = sum / count;
  const variance = Math.max(0, squares / count - mean * mean);
  return { mean: mean / 255, std: Math.sqrt(variance) / 255 };
}
