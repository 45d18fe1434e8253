import { connectionErrorCodes } from '@trainyard/contracts';

/** Of ioredis and pg, whose own errors have no code, and of ours. */
const messages = /connection is closed|connection terminated|timeout exceeded|did not answer/i;

/** Whether the error means that a connection was refused or lost, so that another try can help. */
export const isLostConnection = (error: unknown): boolean => {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return connectionErrorCodes.has(String(code)) || messages.test(String(message));
};
