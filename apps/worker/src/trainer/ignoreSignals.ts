// A terminal's Ctrl-C reaches the whole process group, but only the worker decides how a job ends. This file is
// imported before all others, because loading those takes half a second.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
