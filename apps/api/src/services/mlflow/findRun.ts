import { InvalidInputError, jobIdSchema, NotFoundError } from '@trainyard/contracts';
import type { MlflowRun, Project } from '@trainyard/db';

/** @throws NotFoundError, or InvalidInputError without an id */
export async function findRun(
  { mlflow }: Pick<Project, 'mlflow'>,
  { run_id, run_uuid }: { run_id?: string | undefined; run_uuid?: string | undefined },
): Promise<MlflowRun> {
  const id = run_id || run_uuid;
  if (!id) throw new InvalidInputError('run_id is missing');
  const run = jobIdSchema.safeParse(id).success ? await mlflow.run(id) : null;
  if (!run) throw new NotFoundError(`run ${id}`);
  return run;
}
