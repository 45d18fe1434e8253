-- The checkpoint that a job tests, which another job has trained; NULL: the job trains one itself.
ALTER TABLE "jobs" ADD COLUMN "source" JSONB;
-- Such a job has no epochs of its own.
ALTER TABLE "test_results" DROP CONSTRAINT "test_results_job_id_epoch_fkey";
