-- The job whose spec this one trains again. No foreign key: the original may be deleted.
ALTER TABLE "jobs" ADD COLUMN "replay_of" TEXT;
