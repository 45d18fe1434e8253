import { type CodePage, codePages, decode, encode } from './codePages.js';

/** A reading must be this good on average to be believed, in points a character beyond ASCII: 1 is perfect. */
const leastScore = 0.5;

/**
 * The code page in which names are most likely written. Detectors for texts need far more letters than the names of a
 * few classes have, so this one asks what a reading of names looks like: words of one script, in one case, in frequent
 * characters.
 * @param names one character a byte
 * @param host DOS code pages come first where two readings are equally good, or the others
 * @returns null where no reading looks like names
 */
export function guessCodePage(names: string[], host: 'dos' | 'unix'): string | null {
  // Each part of a path once: `猫咪` of 10,000 files says no more than one of them.
  const parts = new Set(names.flatMap((name) => name.split('/')).filter((part) => /[\x80-\xff]/.test(part)));
  const some = [...parts].slice(0, 2000);
  let best: { label: string; score: number } | null = null;
  for (const page of [...codePages].sort((a, b) => rank(a, host) - rank(b, host))) {
    const readings = some.map((part) => decode(page.label, part));
    if (readings.some((reading) => reading === null)) continue;
    if (names.some((name) => decode(page.label, name) === null)) continue;
    const score = scoreOf(readings as string[], page);
    if (best === null || score > best.score + 0.02) best = { label: page.label, score };
  }
  return best !== null && best.score >= leastScore ? best.label : null;
}

const rank = (page: CodePage, host: 'dos' | 'unix'): number => Number(page.dos !== (host === 'dos'));

function scoreOf(readings: string[], page: CodePage): number {
  const alphabet = alphabets[page.script];
  let points = 0;
  let characters = 0;
  for (const reading of readings) {
    const score = alphabet
      ? scoreOfLetters(reading, alphabet.letter, alphabet.frequent)
      : scoreOfCharacters(reading, page);
    points += score.points;
    characters += score.characters;
  }
  return points / Math.max(1, characters);
}

interface Score {
  points: number;
  characters: number;
}

/** Letters of the alphabets, and the most frequent ones beyond ASCII of the languages that use Latin ones. */
const alphabets: Partial<Record<CodePage['script'], { letter: RegExp; frequent: RegExp | null }>> = {
  west: { letter: /\p{Script=Latin}/u, frequent: /[äöüßéèêëàâîïôûùçñáíóúåøæãõœ]/iu },
  central: { letter: /\p{Script=Latin}/u, frequent: /[äöüßéáíóúýąćęłńśźżčďěňřšťůžőűđâîășț]/iu },
  turkish: { letter: /\p{Script=Latin}/u, frequent: /[çğıöşüİ]/iu },
  cyrillic: { letter: /\p{Script=Cyrillic}/u, frequent: null },
  greek: { letter: /\p{Script=Greek}/u, frequent: null },
};

/** Letters with neighbours that fit. */
function scoreOfLetters(reading: string, letter: RegExp, frequent: RegExp | null): Score {
  let points = 0;
  let count = 0;
  for (const word of reading.split(/[^\p{Letter}\p{Mark}\x80-\u{10ffff}]+/u)) {
    const characters = [...word];
    const plain = characters.filter((character) => character < '\x80').length / characters.length;
    characters.forEach((character, i) => {
      if (character < '\x80') return;
      count++;
      if (!letter.test(character)) points += /\p{Letter}/u.test(character) ? -1 : -2;
      else if (/\p{Lu}/u.test(character) && /\p{Ll}/u.test(characters[i - 1] ?? '')) points -= 1;
      else if (frequent === null) points += pointsInForeignWord(plain, characters.length);
      else points += pointsInLatinWord(plain, characters.length) * (frequent.test(character) ? 1 : 0.7);
    });
  }
  return { points, characters: count };
}

/** A word of Cyrillic or Greek has no Latin letters. */
function pointsInForeignWord(plain: number, length: number): number {
  if (plain > 0) return -1;
  return length > 1 ? 1 : 0.5;
}

/** A word of a language with Latin letters consists of plain ones mostly. */
function pointsInLatinWord(plain: number, length: number): number {
  if (length === 1) return 0.6;
  if (plain >= 0.5) return 1;
  return plain >= 0.25 ? 0.8 : -0.5;
}

/** Characters of the first, frequent level of each standard, and for Chinese words of a dictionary. */
function scoreOfCharacters(reading: string, { label, script }: CodePage): Score {
  const characters = [...reading].filter((character) => character >= '\x80');
  let points = 0;
  for (const character of characters) points += pointsOf(character, label, script);
  // Korean read as Chinese gives frequent characters too, but few words.
  if (script === 'chinese') points += 0.15 * charactersInWords(reading) - 0.15 * characters.length;
  return { points, characters: characters.length };
}

const words = new Intl.Segmenter('zh', { granularity: 'word' });

function charactersInWords(reading: string): number {
  let count = 0;
  for (const { segment } of words.segment(reading)) {
    if (segment.length > 1 && /^\p{Script=Han}+$/u.test(segment)) count += segment.length;
  }
  return count;
}

/** The most frequent of Korean's 2,350 syllables. */
const frequentSyllables = new Set(
  '가각간갈감강개거건검게겨격견결경계고공과관광교구국군권귀규그극근글금급기긴길김까끼나난날남내너네녀년노녹논농높누는늘니다단달당대더데도독동두드들등디따때또라락란람랑래량러레려력련령로록론료루류르른를름' +
    '리린림립마막만말망매머면명모목무문물미민바박반발방배버번법변별병보복본볼봉부북분불비빛사산살삼상새색생서석선설섬성세소속손송수순술숨스습승시식신실심아악안않알았앞액야약양어억언얼업없에여역연열영예오옥' +
    '온올와완왕외요용우운울원월위유육으은을음응의이익인일임입있자작잔잘장재저적전절점정제조족존종좋주죽준중증지직진질집차찬참창채책처천철청체초총최추축출충취치친칠카코크키타탁탄태터토통투트특파판패편평포표' +
    '품풍프피하학한할함합항해행향허험현형호화확환활황회효후훈흐희히렌끼',
);

function pointsOf(character: string, label: string, script: CodePage['script']): number {
  if (/\p{Script=Hangul}/u.test(character)) {
    if (script !== 'korean') return -1;
    return frequentSyllables.has(character) ? 1.1 : 0.6;
  }
  // Halfwidth katakana are single bytes of Shift JIS: what other code pages look like when they are misread.
  if (/[\uff61-\uff9f]/.test(character)) return -1;
  if (/[\p{Script=Hiragana}\p{Script=Katakana}ー]/u.test(character)) return script === 'japanese' ? 1.1 : -0.5;
  if (/\p{Script=Han}/u.test(character)) return hanPoints(character, label);
  return /[\p{Letter}\p{Number}\p{Punctuation}\u3000]/u.test(character) ? 0 : -1;
}

/** Whether a Chinese character is frequent where this code page is used. */
function hanPoints(character: string, label: string): number {
  const [lead = 0, trail = 0] = encode(label, character);
  switch (label) {
    case 'gbk':
      return lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1 ? 1 : -0.5;
    case 'big5':
      return lead >= 0xa4 && lead <= 0xc6 ? 1 : -0.5;
    case 'euc-jp':
      return lead >= 0xb0 && lead <= 0xcf ? 0.8 : -0.5;
    case 'shift_jis':
      return lead >= 0x88 && lead <= 0x98 ? 0.95 : -0.5;
    default:
      return -0.5;
  }
}
