-- Projects share the workers by their weights. A project without a row has the weight 1.
CREATE TABLE "projects" (
    "name" "project_name" NOT NULL,
    "weight" DOUBLE PRECISION NOT NULL DEFAULT 1 CHECK ("weight" BETWEEN 0.01 AND 1000),
    -- The greatest virtual start of its deleted jobs.
    "last_start" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "projects_pkey" PRIMARY KEY ("name")
);
-- The virtual time at which the job was started last; NULL: it was not started since this column exists.
ALTER TABLE "jobs" ADD COLUMN "virtual_start" BIGINT;
CREATE INDEX "jobs_virtual_start_idx" ON "jobs" ("virtual_start") WHERE "virtual_start" IS NOT NULL;
CREATE INDEX "jobs_project_virtual_start_idx" ON "jobs" ("project", "virtual_start") WHERE "virtual_start" IS NOT NULL;
-- The order in which the queued jobs of a project start.
CREATE INDEX "jobs_project_queue_idx" ON "jobs" ("project", "priority" DESC, "created_at", "id") WHERE "state" = 'queued';
DROP INDEX "jobs_queue_idx";
