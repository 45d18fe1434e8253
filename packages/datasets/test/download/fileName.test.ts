import { expect, test } from 'vitest';
import { fileNameOf } from '../../src/download/fileName.js';

test.each([
  ['https://a.org/sets/pets.zip?download=1', undefined, 'pets.zip'],
  ['https://a.org/my%20pets.zip', undefined, 'my pets.zip'],
  ['https://a.org/', undefined, 'download'],
  ['https://a.org/..%2f..%2fetc%2fpasswd', undefined, 'passwd'],
  ['https://a.org/%2e%2e', undefined, 'download'],
  ['https://a.org/x?id=1', 'attachment; filename="my pets.zip"', 'my pets.zip'],
  ['https://a.org/x?id=1', 'attachment; filename=pets.zip; size=3', 'pets.zip'],
  ['https://a.org/x', `attachment; filename="x.zip"; filename*=UTF-8''H%C3%BCnde.zip`, 'Hünde.zip'],
  ['https://a.org/x', 'attachment; filename="../../.ssh/keys"', 'keys'],
  ['https://a.org/x', 'attachment; filename="C:\\\\sets\\\\pets.zip"', 'pets.zip'],
  ['https://a.org/x.zip', 'attachment; filename=".."', 'x.zip'],
  ['https://a.org/x.zip', 'inline', 'x.zip'],
])('%s with the disposition %s is saved as %s', (url, disposition, name) => {
  expect(fileNameOf(url, disposition)).toBe(name);
});
