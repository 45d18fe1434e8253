import { InvalidInputError } from '@trainyard/contracts';
import { checkUrl, type OutgoingOptions, RefusedRequestError } from '@trainyard/process';

/**
 * What can be said of the field `url` of a body before its host is looked up.
 * @throws InvalidInputError
 */
export function checkPublicUrl(url: string, allowPrivate: OutgoingOptions['allowPrivate']): void {
  try {
    checkUrl(new URL(url), allowPrivate);
  } catch (error) {
    if (!(error instanceof RefusedRequestError)) throw error;
    throw new InvalidInputError('the body is not valid', [{ pointer: '/url', detail: error.message }]);
  }
}
