import { type Session, TrainyardError } from '@trainyard/contracts';
import type { Caller, OpenedSession } from '@trainyard/db';
import type { FastifyReply } from 'fastify';

export const sessionOf = ({ id, name, role, project }: Caller): Session => ({ keyId: id, name, role, project });

/** Answers a sign-in, with the cookie. @throws TrainyardError for null: the code or key opens no session */
export function sendSession(reply: FastifyReply, opened: OpenedSession | null): Session {
  if (opened === null) {
    throw new TrainyardError('unauthorized', 'this code has expired or was used; get another, or type a key');
  }
  reply.code(201).header('cache-control', 'no-store').keepSession(opened.token, opened.seconds);
  return sessionOf(opened.caller);
}
