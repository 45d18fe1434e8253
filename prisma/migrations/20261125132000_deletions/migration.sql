-- Jobs whose rows are gone and whose files are to go: written in the transaction that deletes the rows, gone when the files are.
CREATE TABLE "deletions" (
    "job_id" TEXT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deletions_pkey" PRIMARY KEY ("job_id")
);

-- Ended jobs by their age, for retention.
CREATE INDEX "jobs_finished_at_idx" ON "jobs" ("finished_at") WHERE "finished_at" IS NOT NULL;
