-- Datasets that are imported over HTTP: one row an import, kept as the record of who brought what.
CREATE TYPE "import_state" AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');

CREATE TABLE "dataset_imports" (
    "id" TEXT NOT NULL,
    "project" "project_name" NOT NULL,
    "api_key_id" TEXT,
    "state" "import_state" NOT NULL DEFAULT 'queued',
    "source" JSONB NOT NULL,
    "options" JSONB NOT NULL,
    "progress" JSONB,
    "dataset" JSONB,
    "problem" JSONB,
    -- The process that runs it, and how often one was started: a source that kills its process is not tried forever.
    "owner" TEXT,
    "heartbeat_at" TIMESTAMPTZ(3),
    "starts" INTEGER NOT NULL DEFAULT 0,
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "dataset_imports_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "dataset_imports_api_key_id_fkey" FOREIGN KEY ("api_key_id")
        REFERENCES "api_keys"("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "dataset_imports_project_created_at_id_idx" ON "dataset_imports" ("project", "created_at", "id");
CREATE INDEX "dataset_imports_open_idx" ON "dataset_imports" ("created_at") WHERE "state" IN ('queued', 'running');
