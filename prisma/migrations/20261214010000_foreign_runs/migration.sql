-- Runs that other programs trained, as they were imported. They have no spec and no checkpoints, and are no jobs: what
-- plans, forecasts or ranks jobs cannot meet them. The history lists them on request.
CREATE TABLE "foreign_runs" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "experiment" TEXT NOT NULL,
    -- Of the source.
    "run_id" TEXT NOT NULL,
    "name" TEXT,
    "state" TEXT NOT NULL CHECK ("state" IN ('succeeded', 'failed', 'cancelled')),
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3) NOT NULL,
    "imported_at" TIMESTAMPTZ(3) NOT NULL,
    "params" JSONB NOT NULL,
    "tags" JSONB NOT NULL,
    "figures" JSONB NOT NULL,

    CONSTRAINT "foreign_runs_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "foreign_runs_project_source_server_run_id_key"
  ON "foreign_runs" ("project", "source", "server", "run_id");
CREATE INDEX "foreign_runs_project_id_idx" ON "foreign_runs" ("project", "id");

-- One row a metric: a history is written and read as a whole.
CREATE TABLE "foreign_metrics" (
    "run_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "steps" BIGINT[] NOT NULL,
    -- Milliseconds since 1970.
    "times" BIGINT[] NOT NULL,
    -- NULL: not a number, or infinite.
    "values" DOUBLE PRECISION[] NOT NULL,

    CONSTRAINT "foreign_metrics_pkey" PRIMARY KEY ("run_id", "key"),
    CONSTRAINT "foreign_metrics_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "foreign_runs" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
