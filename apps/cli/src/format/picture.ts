/** RGB pixels as lines of half blocks in 24-bit colour: one character shows two pixels, the upper and the lower. */
export function formatPicture(pixels: Uint8Array, [height, width]: readonly [number, number]): string[] {
  const colour = (y: number, x: number) => {
    const at = (Math.min(y, height - 1) * width + x) * 3;
    return `${pixels[at]};${pixels[at + 1]};${pixels[at + 2]}`;
  };
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let line = '';
    for (let x = 0; x < width; x++) line += `\u001b[38;2;${colour(y, x)}m\u001b[48;2;${colour(y + 1, x)}m▀`;
    lines.push(`${line}\u001b[0m`);
  }
  return lines;
}
