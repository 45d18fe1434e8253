-- Images that are classified as queued work: one row a batch; its results are files beside the datasets.
CREATE TYPE "batch_state" AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');

CREATE TABLE "prediction_batches" (
    "id" TEXT NOT NULL,
    "project" "project_name" NOT NULL,
    "api_key_id" TEXT,
    "state" "batch_state" NOT NULL DEFAULT 'queued',
    "model" JSONB NOT NULL,
    "checkpoint_key" TEXT NOT NULL,
    "source" JSONB NOT NULL,
    "progress" JSONB,
    "results" JSONB,
    -- Of the results.
    "folder" TEXT,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "problem" JSONB,
    -- The process that runs it, and how often one was started: an image that kills its process is not tried forever.
    "owner" TEXT,
    "heartbeat_at" TIMESTAMPTZ(3),
    "starts" INTEGER NOT NULL DEFAULT 0,
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "prediction_batches_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "prediction_batches_api_key_id_fkey" FOREIGN KEY ("api_key_id")
        REFERENCES "api_keys"("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "prediction_batches_project_created_at_id_idx" ON "prediction_batches" ("project", "created_at", "id");
CREATE INDEX "prediction_batches_open_idx" ON "prediction_batches" ("created_at")
    WHERE "state" IN ('queued', 'running');
