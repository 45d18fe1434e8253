-- The checkpoint whose weights the training started from, and which weights started from the seed all the same.
ALTER TABLE "jobs" ADD COLUMN "initial_weights" JSONB;
