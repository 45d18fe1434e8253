import { defaultProject, TrainyardError } from '@trainyard/contracts';
import type { Caller } from '@trainyard/db';

/**
 * The project whose keys and audit an admin key manages: its own. null: all of them, for an admin of the default
 * project.
 */
export const managedProject = ({ project }: Caller): string | null => (project === defaultProject ? null : project);

/** @throws TrainyardError `forbidden` if the admin key manages only its own project. */
export function checkManagesAll(caller: Caller): void {
  if (managedProject(caller) === null) return;
  throw new TrainyardError(
    'forbidden',
    `this covers all projects and needs an admin key of the project ${defaultProject}`,
  );
}

/** @throws TrainyardError `forbidden` if the admin key may not manage that project. */
export function checkManages(caller: Caller, project: string): void {
  const managed = managedProject(caller);
  if (managed === null || managed === project) return;
  throw new TrainyardError('forbidden', `this key manages only the project ${managed}`);
}
