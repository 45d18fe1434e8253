#!/usr/bin/env node
// An older Node cannot even load the program, and would say so with a stack.
if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`Trainyard needs Node 20.19, 22.13, 24.0 or newer; this is ${process.versions.node}.`);
  process.exitCode = 1;
} else {
  await import('../dist/main.js');
}
