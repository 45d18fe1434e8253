import { z } from 'zod';

const part = '[A-Za-z0-9_*]+';

/**
 * Weights of a model by the names that they have in checkpoints: `conv2d_1` those of a layer, `conv2d_*` of several,
 * `dense_1/bias` a single one. `*` stands for any characters but `/`.
 */
export const weightPatternSchema = z
  .string()
  .max(200)
  .regex(
    new RegExp(`^${part}(/${part})?$`),
    'must be the name of a layer or a weight like conv2d_1, conv2d_* or */bias',
  );

/** Patterns of which the last that names a weight decides; with `!` before it the weight is left out. */
export const weightPatternsSchema = z
  .array(
    z
      .string()
      .max(200)
      .regex(new RegExp(`^!?${part}(/${part})?$`), 'must be a name like conv2d_1, conv2d_*, */bias or !dense_1'),
  )
  .max(100);
