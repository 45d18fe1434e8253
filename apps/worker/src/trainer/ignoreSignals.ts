// A terminal's Ctrl-C reaches the whole process group; only the worker decides what becomes of a job. Imported before
// all else: what comes after takes half a second to load.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
