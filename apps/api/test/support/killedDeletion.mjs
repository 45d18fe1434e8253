// A process that deletes a job, and kills itself after the rows are deleted, before the files are removed.
import { openDatabase } from '@trainyard/db';
import { deleteJob } from '../../dist/services/deleteJob.js';

const [databaseUrl, id] = process.argv.slice(2);
const db = await openDatabase(databaseUrl);
const artifacts = {
  removeJob() {
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  },
};
await deleteJob({ project: db.project('default'), artifacts, log: console }, id);
