-- What a job was submitted for: a dataset that was deleted and imported again has another digest. Null in older jobs.
ALTER TABLE "jobs" ADD COLUMN "dataset_digest" TEXT;
