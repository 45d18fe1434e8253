/** What is used of opentype.js. Its published types bring those of browsers along, which differ from Node's. */
declare module 'opentype.js' {
  export type PathCommand = {
    type: string;
    x1?: number;
    y1?: number;
    x2?: number;
    y2?: number;
    x?: number;
    y?: number;
  };

  export interface Glyph {
    advanceWidth?: number;
    getPath(x: number, y: number, fontSize: number): { commands: PathCommand[] };
  }

  export interface Font {
    unitsPerEm: number;
    charToGlyph(character: string): Glyph;
    /** 0: the font has no such character. */
    charToGlyphIndex(character: string): number;
  }

  const opentype: { parse(file: ArrayBuffer): Font };
  export default opentype;
}
