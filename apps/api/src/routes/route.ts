import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Dependencies } from '../dependencies.js';

/** A file of this folder: registers the route that its path names, and names which dependencies it needs. */
export type Route<Needs extends keyof Dependencies = never> = FastifyPluginAsyncZod<Pick<Dependencies, Needs>>;
