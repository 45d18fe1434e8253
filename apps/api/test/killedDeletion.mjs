// Deletes a job and is killed when its files should go, as a process of its own.
import { openDatabase } from '@trainyard/db';
import { deleteJob } from '../dist/services/deleteJob.js';

const [databaseUrl, id] = process.argv.slice(2);
const db = await openDatabase(databaseUrl);
const artifacts = {
  removeJob() {
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  },
};
await deleteJob({ project: db.project('default'), artifacts, log: console }, id);
