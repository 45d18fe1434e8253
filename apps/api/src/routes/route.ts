import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Dependencies } from './dependencies.js';

/** A plugin that registers one route; its type parameter names the dependencies that it uses. */
export type Route<Needs extends keyof Dependencies = never> = FastifyPluginAsyncZod<Pick<Dependencies, Needs>>;
