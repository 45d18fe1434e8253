import { expect, it } from 'vitest';
import { z } from 'zod';
import { jsonText } from '../src/index.js';

const schema = jsonText(z.object({ a: z.int() }));

it('parses JSON text and checks its value', () => {
  expect(schema.parse('{"a": 1}')).toEqual({ a: 1 });
});

it.each(['', '{', 'null', '{"a": 1.5}', '[]'])('refuses %j', (text) => {
  expect(schema.safeParse(text).success).toBe(false);
});
