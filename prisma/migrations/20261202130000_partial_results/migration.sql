-- Whether the job failed in an epoch after the tested one. Until now, only jobs that succeeded were tested.
ALTER TABLE "test_results" ADD COLUMN "partial" BOOLEAN NOT NULL DEFAULT false;
