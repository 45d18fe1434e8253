import { z } from 'zod';
import { jobIdSchema } from '../ids.js';
import { queryInteger } from './page.js';

export const predictQuerySchema = z.object({
  top: queryInteger(1, 10_000).default(5).describe('How many classes of each image, the most probable first'),
  input: z.enum(['png']).optional().describe('png: answer with the image that the network saw, and classify nothing'),
});
export type PredictQuery = z.output<typeof predictQuerySchema>;

/** The classes of one image. */
export const imageClassesSchema = z.object({
  /** Name of its file in a form; null where there is none. */
  file: z.string().nullable(),
  /** The most probable first; of equal ones in the order of the network. The probabilities of all classes sum to 1. */
  classes: z.array(z.object({ class: z.string(), probability: z.number() })),
});
export type ImageClasses = z.infer<typeof imageClassesSchema>;

/** The network that was asked. */
export const predictedModelSchema = z.object({
  jobId: jobIdSchema,
  epoch: z.int(),
  step: z.int(),
  architecture: z.string(),
  /** SHA-256 of its weights, which are checked when they are read. */
  weightsSha256: z.string(),
});
export type PredictedModel = z.infer<typeof predictedModelSchema>;

export const imagePredictionsAnswerSchema = z.object({
  model: predictedModelSchema,
  /** How each image was brought to the size of the network, as the images that it was trained on were. */
  input: z.object({
    /** `[height, width, channels]` */
    shape: z.array(z.int()).length(3),
    fit: z.enum(['cover', 'contain', 'stretch']),
  }),
  /** In the order of the images. */
  predictions: z.array(imageClassesSchema),
});
export type ImagePredictionsAnswer = z.infer<typeof imagePredictionsAnswerSchema>;
