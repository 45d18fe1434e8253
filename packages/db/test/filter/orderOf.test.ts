import { expect, it } from 'vitest';
import { orderOf } from '../../src/filter/orderOf.js';

it('an order by what is no field, by a list, or with more than four fields is refused at its character', () => {
  const errors: [string, string][] = [
    ['-test.acuracy', 'the sort is wrong at character 2: there is no field test.acuracy; did you mean test.accuracy?'],
    ['tag', 'the sort is wrong at character 1: tag is a list, by which nothing can be sorted'],
    ['name desc', 'the sort is wrong at character 6: expected a comma or the end, found "desc"'],
    ['name,-tag', 'the sort is wrong at character 7: tag is a list, by which nothing can be sorted'],
    ['name,', 'the sort is wrong at character 6: expected a field, found the end'],
    ['name,state,notes,priority,attempt', 'the sort is wrong at character 27: more than 4 fields'],
    ['--name', 'the sort is wrong at character 2'],
    ['-', 'the sort is wrong at character 2: expected a field'],
    ['name; DROP TABLE jobs', 'the sort is wrong at character 5'],
    ['na\0me', 'the sort is wrong at character 3'],
  ];
  for (const [sort, message] of errors) expect(() => orderOf(sort, {})).toThrow(message);
});
