/**
 * An environment without the variables of libpq (PGSSLMODE, PGOPTIONS, PGSERVICE, …): they are meant for another
 * database than the embedded one, whose URL says everything.
 */
export const withoutLibpq = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^PG[A-Z]+$/.test(name)));
