import { expect, test } from 'vitest';
import { decode, encode } from '../../src/archives/codePages.js';
import { guessCodePage } from '../../src/archives/guessCodePage.js';
import { decodeNames, NamesError } from '../../src/archives/names.js';

const raw = (bytes: Buffer | string) => Buffer.from(bytes as string).toString('latin1');

/** Classes as people name them, by the code page of their system. */
const classes: [codePage: string, names: string[]][] = [
  ['gbk', ['猫咪', '小狗', '青蛙', '大象车']],
  ['gbk', ['猫', '狗', '鸟', '鱼']],
  ['gbk', ['训练集/苹果', '测试集/香蕉', '训练集/橙子']],
  ['gbk', ['正常', '异常']],
  ['gbk', ['百合', '玫瑰', '蒲公英', '向日葵', '郁金香']],
  ['gbk', ['塑料瓶', '废纸', '玻璃', '金属']],
  ['big5', ['貓咪', '小狗', '青蛙', '大象車']],
  ['big5', ['正常', '異常']],
  ['big5', ['蘋果', '香蕉']],
  ['shift_jis', ['猫', '犬']],
  ['shift_jis', ['ねこ', 'いぬ', 'かえる']],
  ['shift_jis', ['リンゴ', 'バナナ']],
  ['shift_jis', ['良品', '不良品']],
  ['euc-jp', ['ねこ', 'いぬ']],
  ['euc-jp', ['リンゴ', 'バナナ']],
  ['euc-kr', ['고양이', '개']],
  ['euc-kr', ['사과', '바나나', '오렌지']],
  ['euc-kr', ['정상', '불량']],
  ['cp850', ['Bär', 'Bör', 'Bür', 'Hund']],
  ['cp850', ['Größe', 'Straße']],
  ['cp850', ['Äpfel', 'Öl', 'Übung']],
  ['cp850', ['été', 'garçon', 'français']],
  ['cp850', ['maçã', 'pão']],
  ['cp850', ['Ü', 'Ö']],
  ['cp850', ['blåbær', 'rødgrød']],
  ['cp437', ['niño', 'señal']],
  ['windows-1252', ['Bär', 'Bör', 'Bür']],
  ['windows-1252', ['été', 'garçon']],
  ['windows-1252', ['maçã', 'pão', 'limão']],
  ['cp852', ['kočka', 'pes', 'žába', 'kůň']],
  ['windows-1250', ['żółw', 'źrebię', 'koń']],
  ['cp857', ['çiçek', 'ağaç', 'kuş']],
  ['windows-1254', ['çiçek', 'ağaç', 'kuş']],
  ['ibm866', ['Кошки', 'Собаки']],
  ['ibm866', ['КОТ', 'ПЁС']],
  ['windows-1251', ['брак', 'норма']],
  ['koi8-r', ['Кошки', 'Собаки']],
  ['cp737', ['γάτα', 'σκύλος']],
  ['windows-1253', ['γάτα', 'σκύλος']],
];

test.each(classes)('names in %s such as %j are read as they were written', (codePage, names) => {
  const stored = names.map((name) => raw(encode(codePage, name)));
  for (const host of ['dos', 'unix'] as const) {
    const guessed = guessCodePage(stored, host);
    expect(stored.map((name) => decode(String(guessed), name))).toEqual(names);
  }
});

test('the names of a Latin-1 system and of DOS are distinguished by the system where both readings are words', () => {
  const stored = [raw(Buffer.from('B\xe4r', 'latin1'))];
  expect(decodeNames([{ raw: stored[0] as string, utf8: false }], 'unix').names).toEqual(['Bär']);
});

test('whatever the bytes are, different names stay different or are refused', () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  let decoded = 0;
  for (let round = 0; round < 1000; round++) {
    const names = new Set<string>();
    const letters = [
      'a',
      'B',
      'l',
      'n',
      't',
      'o',
      '\xe4',
      '\x84',
      '\xc3\xa4',
      'a\xcc\x88',
      '\xd0',
      '\xc3',
      '\xa8',
      '\xb0',
      '\x82',
    ];
    for (let i = 0; i < 2 + random(4); i++) {
      names.add(Array.from({ length: 1 + random(4) }, () => letters[random(letters.length)]).join(''));
    }
    try {
      const stored = [...names].map((name) => ({ raw: name, utf8: false }));
      expect(new Set(decodeNames(stored, round % 2 === 0 ? 'dos' : 'unix').names).size).toBe(names.size);
      decoded++;
    } catch (error) {
      expect(error).toBeInstanceOf(NamesError);
    }
  }
  expect(decoded).toBeGreaterThan(100);
});

test('a name that is marked as UTF-8 but is not is refused', () => {
  expect(() => decodeNames([{ raw: 'B\xe4r', utf8: true }], 'unix')).toThrow(
    /marked as UTF-8, but is not; .*7z a -mcu=on/,
  );
});
