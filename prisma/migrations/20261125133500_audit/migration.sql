-- What keys did. No foreign keys: an entry outlives what it tells of.
CREATE TABLE "audit_entries" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "request_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "project" "project_name" NOT NULL,
    "action" TEXT NOT NULL,
    "object" TEXT,
    "status" INTEGER NOT NULL CHECK ("status" BETWEEN 100 AND 599),

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "audit_entries_project_id_idx" ON "audit_entries" ("project", "id");
CREATE INDEX "audit_entries_at_idx" ON "audit_entries" ("at");

-- What the limits of a key are compared with.
CREATE INDEX "jobs_queued_of_key_idx" ON "jobs" ("api_key_id") WHERE "state" = 'queued';
-- Outlives the jobs, so that deleting them gives nothing back.
CREATE TABLE "training_usage" (
    "key_id" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "seconds" DOUBLE PRECISION NOT NULL CHECK ("seconds" >= 0),

    CONSTRAINT "training_usage_pkey" PRIMARY KEY ("key_id", "day")
);
