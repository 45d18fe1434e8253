-- What was expected of the job when it was submitted; NULL in jobs that are older than this column.
ALTER TABLE "jobs" ADD COLUMN "forecast" JSONB;
