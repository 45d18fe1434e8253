import { type Dataset, type Fault, nearestName, type Objective } from '@trainyard/contracts';

/** @param sets the datasets of the trials */
export function* objectiveRules(objectives: readonly Objective[], sets: readonly Dataset[]): Generator<Fault> {
  for (const [i, objective] of objectives.entries()) {
    const pointer = `/objectives/${i}`;
    const { metric, class: name } = objective;
    if (metric !== 'recall' && name !== null)
      yield { pointer: `${pointer}/class`, detail: `is for the metric recall alone; ${metric} is one of all classes` };
    if (metric === 'recall' && name === null)
      yield { pointer: `${pointer}/class`, detail: 'is required: recall is that of one class' };
    if (metric === 'recall' && name !== null) yield* classRules(name, `${pointer}/class`, sets);
    const isRepeated = objectives.some((other, j) => j < i && other.metric === metric && other.class === name);
    if (isRepeated) yield { pointer, detail: 'is the same as the first; name another metric, or leave it out' };
  }
}

function* classRules(name: string, pointer: string, sets: readonly Dataset[]): Generator<Fault> {
  for (const { name: set, classes } of sets) {
    if (classes.includes(name)) continue;
    const nearest = nearestName(name, classes);
    const hint = nearest
      ? `did you mean ${JSON.stringify(nearest)}?`
      : `its classes are ${classes.slice(0, 20).join(', ')}`;
    yield { pointer, detail: `no trial has it: ${set} has no class ${JSON.stringify(name)}; ${hint}` };
  }
}
