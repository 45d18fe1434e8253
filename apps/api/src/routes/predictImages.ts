import { InvalidInputError, imagePredictionsAnswerSchema, type PredictQuery } from '@trainyard/contracts';
import { encodePng } from '@trainyard/datasets';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { imagesOf, takeImages } from '#http/images.js';
import { contentResponse } from '#http/responses.js';
import type { Predictions } from '#services/predict/predictions.js';
import type { Dependencies } from './dependencies.js';

/** What the routes that classify images have in common. */

export const predictResponse = contentResponse('The classes of each image, or with `input=png` the image', {
  'application/json': { schema: imagePredictionsAnswerSchema },
  'image/png': { schema: z.string() },
});

/** Lets the route of an instance take images, as many at once as the limits allow. */
export async function takePredictions(app: FastifyInstance, { limits, admission }: Predictions): Promise<void> {
  await takeImages(app, limits);
  // Before the body is read, so that many requests at once do not fill the memory.
  app.addHook('preParsing', async ({ headers }, reply, payload) => {
    const length = Number(headers['content-length'] ?? limits.maxBytes);
    const release = admission.enter(Math.min(length, limits.maxBytes));
    for (const event of ['finish', 'close']) reply.raw.once(event, release);
    return payload;
  });
}

export async function answerImages(
  { predictions, datasets: stores }: Pick<Dependencies, 'predictions' | 'datasets'>,
  request: FastifyRequest,
  reply: FastifyReply,
  checkpoint: { id: string; ref: string },
  { top, input }: PredictQuery,
) {
  const images = await imagesOf(request, predictions.limits);
  const asker = { project: request.project, datasets: stores.project(request.caller.project) };
  if (input === undefined) return reply.send(await predictions.classify(asker, checkpoint, images, top));
  if (images.length > 1)
    throw new InvalidInputError('the query is not valid', [
      { pointer: '/input', detail: `answers with one image, and ${images.length} were sent; send one` },
    ]);
  const { pixels, shape } = await predictions.inputOf(asker, checkpoint, images);
  return reply.type('image/png').send(await encodePng(pixels, shape));
}
