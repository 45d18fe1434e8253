import type { ProblemCode } from '@trainyard/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { prepareProblem } from '#plugins/problems.js';

/** The words that MLflow's clients know. */
const errorCodes: Partial<Record<ProblemCode, string>> = {
  not_found: 'RESOURCE_DOES_NOT_EXIST',
  unauthorized: 'UNAUTHENTICATED',
  forbidden: 'PERMISSION_DENIED',
  rate_limited: 'REQUEST_LIMIT_EXCEEDED',
  quota_exceeded: 'REQUEST_LIMIT_EXCEEDED',
  unavailable: 'TEMPORARILY_UNAVAILABLE',
  internal: 'INTERNAL_ERROR',
};

/** As `sendProblem`, in the form of MLflow. */
export function sendMlflowError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { code, title, detail, errors = [] } = prepareProblem(error, request, reply);
  const faults = errors.filter(({ detail: text }) => text !== detail);
  const message = [detail ?? title, ...faults.map((fault) => `${fault.pointer}: ${fault.detail}`)].join('; ');
  sendError(reply, { error_code: errorCodes[code] ?? 'INVALID_PARAMETER_VALUE', message });
}

export const sendError = (reply: FastifyReply, error: { error_code: string; message: string }): FastifyReply =>
  reply.type('application/json').send(JSON.stringify(error));
