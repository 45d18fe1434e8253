import { defaultProject, TrainyardError } from '@trainyard/contracts';
import type { Caller } from '@trainyard/db';

/** Which projects' keys and audit an admin key manages: its own; null: every one, as an admin of the service's first project. */
export const managedProject = ({ project }: Caller): string | null => (project === defaultProject ? null : project);

/** @throws TrainyardError `forbidden` where the admin key manages its own project alone. */
export function checkManagesAll(caller: Caller): void {
  if (managedProject(caller) === null) return;
  throw new TrainyardError(
    'forbidden',
    `this tells of all projects and needs an admin key of the project ${defaultProject}`,
  );
}

/** @throws TrainyardError `forbidden` where the admin key may not manage that project. */
export function checkManages(caller: Caller, project: string): void {
  const managed = managedProject(caller);
  if (managed === null || managed === project) return;
  throw new TrainyardError('forbidden', `this key manages the project ${managed} alone`);
}
