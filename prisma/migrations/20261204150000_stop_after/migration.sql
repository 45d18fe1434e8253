-- What an hour of the attempt's worker costs; NULL: unknown.
ALTER TABLE "attempts" ADD COLUMN "cost_per_hour" DOUBLE PRECISION CHECK ("cost_per_hour" >= 0);
-- Why training ended before the last epoch; NULL: it did not.
ALTER TABLE "jobs" ADD COLUMN "stopped" TEXT;
