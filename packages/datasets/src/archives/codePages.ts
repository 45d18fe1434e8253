import iconv from 'iconv-lite';

/** A code page in which archivers and file systems store names. */
export interface CodePage {
  /** As TextDecoder or, for `dos`, iconv-lite names it. */
  label: string;
  /** For notes. */
  title: string;
  /** The words it is for; Latin letters by region. */
  script: 'west' | 'central' | 'turkish' | 'cyrillic' | 'greek' | 'chinese' | 'japanese' | 'korean';
  dos: boolean;
}

export const codePages: CodePage[] = [
  { label: 'gbk', title: 'GBK (simplified Chinese)', script: 'chinese', dos: true },
  { label: 'big5', title: 'Big5 (traditional Chinese)', script: 'chinese', dos: true },
  { label: 'shift_jis', title: 'Shift JIS (Japanese)', script: 'japanese', dos: true },
  { label: 'euc-jp', title: 'EUC-JP (Japanese)', script: 'japanese', dos: false },
  { label: 'euc-kr', title: 'EUC-KR (Korean)', script: 'korean', dos: true },
  { label: 'cp850', title: 'code page 850 (Western Europe)', script: 'west', dos: true },
  { label: 'cp437', title: 'code page 437 (Western Europe)', script: 'west', dos: true },
  { label: 'windows-1252', title: 'Latin-1 (Western Europe)', script: 'west', dos: false },
  { label: 'cp852', title: 'code page 852 (Central Europe)', script: 'central', dos: true },
  { label: 'windows-1250', title: 'Windows-1250 (Central Europe)', script: 'central', dos: false },
  { label: 'cp857', title: 'code page 857 (Turkish)', script: 'turkish', dos: true },
  { label: 'windows-1254', title: 'Windows-1254 (Turkish)', script: 'turkish', dos: false },
  { label: 'ibm866', title: 'code page 866 (Cyrillic)', script: 'cyrillic', dos: true },
  { label: 'windows-1251', title: 'Windows-1251 (Cyrillic)', script: 'cyrillic', dos: false },
  { label: 'koi8-r', title: 'KOI8-R (Cyrillic)', script: 'cyrillic', dos: false },
  { label: 'cp737', title: 'code page 737 (Greek)', script: 'greek', dos: true },
  { label: 'windows-1253', title: 'Windows-1253 (Greek)', script: 'greek', dos: false },
];

const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

/** @returns null where the bytes, one a character, are no text of this code page */
export function decode(label: string, raw: string): string | null {
  const bytes = Buffer.from(raw, 'latin1');
  if (/^cp\d/.test(label)) {
    const text = iconv.decode(bytes, label);
    return text.includes('\ufffd') ? null : text;
  }
  let decoder = decoders.get(label);
  if (decoder === undefined) {
    decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
    decoders.set(label, decoder);
  }
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Bytes of a text in a code page. */
export const encode = (label: string, text: string): Buffer => iconv.encode(text, label);
