-- Keys, jobs and tests belong to a project; all that there were before to `default`.
CREATE DOMAIN "project_name" AS TEXT CHECK (VALUE ~ '^[a-z0-9][a-z0-9-]{0,62}$');

ALTER TABLE "api_keys"
    ADD COLUMN "project" "project_name" NOT NULL DEFAULT 'default',
    -- Limits of the key; NULL: the service's own.
    ADD COLUMN "requests_per_minute" INTEGER CHECK ("requests_per_minute" >= 1),
    ADD COLUMN "queued_jobs" INTEGER CHECK ("queued_jobs" >= 0),
    ADD COLUMN "training_seconds_per_day" INTEGER CHECK ("training_seconds_per_day" >= 0);
ALTER TABLE "jobs" ADD COLUMN "project" "project_name" NOT NULL DEFAULT 'default';
ALTER TABLE "test_results" ADD COLUMN "project" "project_name" NOT NULL DEFAULT 'default';

-- Whoever writes a row says whose it is.
ALTER TABLE "api_keys" ALTER COLUMN "project" DROP DEFAULT;
ALTER TABLE "jobs" ALTER COLUMN "project" DROP DEFAULT;
ALTER TABLE "test_results" ALTER COLUMN "project" DROP DEFAULT;

-- Every list is of one project.
DROP INDEX "api_keys_created_at_id_idx";
CREATE INDEX "api_keys_project_created_at_id_idx" ON "api_keys" ("project", "created_at", "id");

DROP INDEX "jobs_created_at_id_idx";
DROP INDEX "jobs_state_created_at_id_idx";
DROP INDEX "jobs_experiment_created_at_id_idx";
DROP INDEX "jobs_architecture_created_at_id_idx";
CREATE INDEX "jobs_project_created_at_id_idx" ON "jobs" ("project", "created_at", "id");
CREATE INDEX "jobs_project_state_created_at_id_idx" ON "jobs" ("project", "state", "created_at", "id");
CREATE INDEX "jobs_project_experiment_created_at_id_idx" ON "jobs" ("project", "experiment", "created_at", "id");
CREATE INDEX "jobs_project_architecture_created_at_id_idx" ON "jobs" ("project", "architecture", "created_at", "id");

DROP INDEX "test_results_finished_at_job_id_idx";
DROP INDEX "test_results_accuracy_job_id_idx";
DROP INDEX "test_results_training_seconds_job_id_idx";
DROP INDEX "test_results_dataset_finished_at_job_id_idx";
DROP INDEX "test_results_architecture_finished_at_job_id_idx";
DROP INDEX "test_results_experiment_finished_at_job_id_idx";
CREATE INDEX "test_results_project_finished_at_job_id_idx" ON "test_results" ("project", "finished_at", "job_id");
CREATE INDEX "test_results_project_accuracy_job_id_idx" ON "test_results" ("project", "accuracy", "job_id");
CREATE INDEX "test_results_project_training_seconds_job_id_idx" ON "test_results" ("project", "training_seconds", "job_id");
CREATE INDEX "test_results_project_dataset_finished_at_job_id_idx" ON "test_results" ("project", "dataset", "finished_at", "job_id");
CREATE INDEX "test_results_project_architecture_finished_at_job_id_idx" ON "test_results" ("project", "architecture", "finished_at", "job_id");
CREATE INDEX "test_results_project_experiment_finished_at_job_id_idx" ON "test_results" ("project", "experiment", "finished_at", "job_id");
