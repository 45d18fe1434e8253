import { basename } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';

/** Formats that are recognised by their first bytes (`latin1`) and not read, each with what to do instead. */
const strangers: [start: string, what: string][] = [
  ['7z\xbc\xaf\x27\x1c', 'is a 7z archive, which cannot be read; unpack it (7z x set.7z) and import the folder'],
  ['Rar!\x1a\x07', 'is a rar archive, which cannot be read; unpack it (unrar x set.rar) and import the folder'],
  ['PK\x07\x08', 'is one of several parts of a zip archive; join all first: zip -s 0 set.zip --out whole.zip'],
  ['LZIP', 'is compressed by lzip, which cannot be read; unpack it (lzip -d) and import the result'],
  ['\x04\x22\x4d\x18', 'is compressed by lz4, which cannot be read; unpack it (lz4 -d) and import the result'],
  ['\x1f\x9d', 'is compressed by compress, which cannot be read; unpack it (gunzip) and import the result'],
  ['version https://git-lfs', 'is a pointer of Git LFS, not the file itself; fetch the file (git lfs pull)'],
];
const webPage = /^(\xef\xbb\xbf)?\s*<(!doctype html|html|head|\?xml|!--)/i;

const archiveName = /\.(zip|tar|tgz|tbz2?|txz|gz|bz2|xz|zst)$/i;

/** @throws InvalidInputError for a file that nothing here can read, saying what it is */
export function refuseStrangers(path: string, head: Buffer): void {
  const start = head.toString('latin1');
  const stranger = strangers.find(([bytes]) => start.startsWith(bytes));
  if (stranger !== undefined) throw new InvalidInputError(`${path} ${stranger[1]}`);
  if (webPage.test(start)) {
    const why = 'is a web page, not a set: perhaps the page that asks to log in or to confirm';
    throw new InvalidInputError(`${path} ${why}; download the file with a browser and import that`);
  }
  if (!archiveName.test(basename(path))) return;
  const known = 'no folder and no .tar, .tar.gz, .tar.bz2, .tar.xz, .tar.zst or .zip archive';
  const text =
    head
      .subarray(0, 60)
      .toString('utf8')
      .split(/[\r\n]/)[0] ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters show that this is no text
  const isText = text !== '' && !/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text);
  const found = isText ? `a text that begins with ${JSON.stringify(text)}` : 'something else under that name';
  throw new InvalidInputError(`${path} is ${known}, but ${found}; download or pack it again`);
}
