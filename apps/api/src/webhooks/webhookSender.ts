import { InvalidInputError, type WebhookDeliveryState } from '@trainyard/contracts';
import type { ClaimedDelivery, Database } from '@trainyard/db';
import { checkedDispatcher, type Logger, Loop, type OutgoingOptions } from '@trainyard/process';
import { type Answer, sendWebhook, signed } from './sendWebhook.js';

export interface WebhookSenderOptions {
  db: Pick<Database, 'webhookDeliveries'>;
  /** Whether webhooks may lead to this machine and its private network. */
  allowPrivate: OutgoingOptions['allowPrivate'];
  logger: Logger;
  /** How soon a delivery that is due is sent. 1,000 by default. */
  pollMs?: number;
  /** For connection, request and answer together. 15,000 by default. */
  timeoutMs?: number;
  /** Seconds until the second attempt; four times as many before each further one. 5 by default. */
  firstRetrySeconds?: number;
  /** Seconds for which a delivery is tried. A day by default. */
  tryForSeconds?: number;
  /** A webhook is disabled when a delivery is given up and every attempt has failed for so long. 3 days by default. */
  disableAfterSeconds?: number;
}

const day = 24 * 60 * 60;
const longestRetrySeconds = 4 * 60 * 60;
/** Sent by this process at the same time. */
const maxSending = 32;
/** More than an attempt may take. */
const leaseFactor = 3;
/** Gone (RFC 9110 15.5.11): Standard Webhooks has receivers say so that they want no more. */
const gone = 410;

/**
 * Seconds until the next attempt: four times as many after each, 4 hours at most, and up to a fifth more or less, so
 * that a receiver that comes back is not met by all deliveries at once.
 */
export const retrySeconds = (attempt: number, first: number, random = Math.random()): number =>
  Math.min(first * 4 ** (attempt - 1), longestRetrySeconds) * (0.8 + 0.4 * random);

function stateAfter(answer: Pick<Answer, 'error' | 'refused'> & { isOver: boolean }): WebhookDeliveryState {
  if (answer.error === null) return 'delivered';
  if (answer.refused) return 'refused';
  return answer.isOver ? 'failed' : 'pending';
}

/**
 * Sends webhook deliveries from Postgres. Any number of processes may do so: each takes others. One that dies loses
 * none; what it was sending is sent again, under the same `webhook-id`.
 */
export class WebhookSender {
  readonly #loop: Loop;
  readonly #sending = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #dispatcher;
  readonly #options;

  constructor(options: WebhookSenderOptions) {
    const { pollMs = 1000, timeoutMs = 15_000, firstRetrySeconds = 5, tryForSeconds = day } = options;
    const { disableAfterSeconds = 3 * day, allowPrivate } = options;
    this.#options = { ...options, timeoutMs, firstRetrySeconds, tryForSeconds, disableAfterSeconds };
    this.#dispatcher = checkedDispatcher({ allowPrivate, maxRedirections: 0, stallMs: timeoutMs });
    this.#loop = new Loop('webhooks', pollMs, () => this.#begin(), options.logger);
  }

  start(): void {
    this.#loop.start();
  }

  /** Gives back what it is sending. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#stopping.abort();
    await Promise.all(this.#sending);
    await this.#dispatcher.destroy();
  }

  async #begin(): Promise<void> {
    const { db, timeoutMs, logger } = this.#options;
    const room = maxSending - this.#sending.size;
    if (room === 0) return;
    const claimed = await db.webhookDeliveries.claim(room, (leaseFactor * timeoutMs) / 1000);
    for (const delivery of claimed) {
      const sending = this.#send(delivery)
        .catch((err: unknown) => logger.warn({ err, delivery: delivery.id }, 'cannot store the end of a delivery'))
        .finally(() => {
          this.#sending.delete(sending);
          this.#loop.wake();
        });
      this.#sending.add(sending);
    }
  }

  async #send(delivery: ClaimedDelivery): Promise<void> {
    const { webhookDeliveries } = this.#options.db;
    const at = Date.now();
    let answer: Answer;
    try {
      if (delivery.attempt === 1 && !(await webhookDeliveries.isWanted(delivery))) {
        return await webhookDeliveries.drop(delivery);
      }
      answer = await this.#post(delivery, at);
    } catch (error) {
      if (this.#stopping.signal.aborted) return webhookDeliveries.release(delivery);
      if (!(error instanceof InvalidInputError)) throw error;
      answer = { status: null, error: `its filter cannot be used: ${error.message}`, refused: true };
    }
    await this.#end(delivery, answer, at);
  }

  #post({ id, url, body, secrets }: ClaimedDelivery, at: number): Promise<Answer> {
    const { timeoutMs } = this.#options;
    const headers = signed(id, body, secrets, Math.floor(at / 1000));
    return sendWebhook({
      url,
      body,
      headers,
      dispatcher: this.#dispatcher,
      timeoutMs,
      signal: this.#stopping.signal,
    });
  }

  async #end(delivery: ClaimedDelivery, { status, error, refused }: Answer, at: number): Promise<void> {
    const { db, firstRetrySeconds, tryForSeconds, disableAfterSeconds, logger } = this.#options;
    const wait = retrySeconds(delivery.attempt, firstRetrySeconds);
    const isOver = status === gone || delivery.seconds + wait > tryForSeconds;
    const state = stateAfter({ error, refused, isOver });
    const entry = { at: new Date(at).toISOString(), status, error, seconds: (Date.now() - at) / 1000 };
    await db.webhookDeliveries.end(delivery, { entry, state, retrySeconds: wait });
    if (state !== 'failed') return;
    const reason =
      status === gone ? 'the receiver answered 410 (gone)' : `every attempt failed; the last one: ${error}`;
    const failingSeconds = status === gone ? 0 : disableAfterSeconds;
    if (await db.webhookDeliveries.disable(delivery, reason, failingSeconds)) {
      logger.warn({ webhookId: delivery.webhookId, project: delivery.project, reason }, 'webhook disabled');
    }
  }
}
