CREATE TYPE "job_state" AS ENUM ('queued', 'running', 'pausing', 'paused', 'cancelling', 'succeeded', 'failed', 'cancelled');
CREATE TYPE "attempt_outcome" AS ENUM ('succeeded', 'failed', 'cancelled', 'paused', 'handedBack', 'lost');
CREATE TYPE "event_type" AS ENUM ('submitted', 'queued', 'started', 'epoch', 'checkpoint', 'tested', 'warning', 'handedBack', 'attemptFailed', 'cancelling', 'cancelled', 'retried', 'succeeded', 'failed');
CREATE TYPE "role" AS ENUM ('reader', 'submitter', 'admin');

CREATE TABLE "api_keys" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "secret_hash" BYTEA NOT NULL CHECK (octet_length("secret_hash") = 32),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "api_keys_created_at_id_idx" ON "api_keys" ("created_at", "id");

CREATE TABLE "jobs" (
    "id" TEXT NOT NULL,
    "state" "job_state" NOT NULL DEFAULT 'queued',
    "name" TEXT,
    "experiment" TEXT NOT NULL,
    "tags" TEXT[] NOT NULL,
    "notes" TEXT NOT NULL,
    "priority" INTEGER NOT NULL CHECK ("priority" BETWEEN -100 AND 100),
    "architecture" TEXT NOT NULL,
    "parameters" BIGINT NOT NULL CHECK ("parameters" >= 0),
    "dataset" TEXT NOT NULL,
    "dataset_version" INTEGER CHECK ("dataset_version" >= 1),
    "spec" JSONB NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 1 CHECK ("attempt" >= 1),
    "max_attempts" INTEGER NOT NULL CHECK ("max_attempts" >= 1),
    "failures" INTEGER NOT NULL DEFAULT 0 CHECK ("failures" BETWEEN 0 AND "max_attempts"),
    "token" TEXT,
    "heartbeat_at" TIMESTAMPTZ(3),
    "event_count" INTEGER NOT NULL DEFAULT 1 CHECK ("event_count" >= 1),
    "progress" JSONB,
    "best_epoch" INTEGER CHECK ("best_epoch" >= 1),
    "best_validation_loss" DOUBLE PRECISION,
    "best_validation_accuracy" DOUBLE PRECISION CHECK ("best_validation_accuracy" BETWEEN 0 AND 1),
    "failure_code" TEXT,
    "failure_message" TEXT,
    "api_key_id" TEXT,
    "idempotency_key" TEXT,
    "idempotency_hash" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "jobs_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "jobs_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    -- A job has a token and a heartbeat exactly while an attempt of it runs.
    CONSTRAINT "jobs_token_check" CHECK (("token" IS NOT NULL) = ("state" IN ('running', 'pausing', 'cancelling'))),
    CONSTRAINT "jobs_heartbeat_check" CHECK ("token" IS NULL OR "heartbeat_at" IS NOT NULL),
    CONSTRAINT "jobs_finished_check" CHECK (("finished_at" IS NOT NULL) = ("state" IN ('succeeded', 'failed', 'cancelled'))),
    CONSTRAINT "jobs_failure_check" CHECK (("failure_code" IS NULL) = ("failure_message" IS NULL)),
    CONSTRAINT "jobs_failed_check" CHECK ("state" <> 'failed' OR "failure_code" IS NOT NULL),
    CONSTRAINT "jobs_best_check" CHECK (("best_epoch" IS NULL) = ("best_validation_loss" IS NULL) AND ("best_epoch" IS NULL) = ("best_validation_accuracy" IS NULL)),
    CONSTRAINT "jobs_idempotency_check" CHECK (("idempotency_key" IS NULL) = ("idempotency_hash" IS NULL))
);
-- Each API key has its own namespace of idempotency keys, and jobs without an API key one together.
CREATE UNIQUE INDEX "jobs_idempotency_key" ON "jobs" (coalesce("api_key_id", ''), "idempotency_key") WHERE "idempotency_key" IS NOT NULL;
CREATE UNIQUE INDEX "jobs_token_key" ON "jobs" ("token");
CREATE INDEX "jobs_created_at_id_idx" ON "jobs" ("created_at", "id");
CREATE INDEX "jobs_state_created_at_id_idx" ON "jobs" ("state", "created_at", "id");
CREATE INDEX "jobs_experiment_created_at_id_idx" ON "jobs" ("experiment", "created_at", "id");
CREATE INDEX "jobs_architecture_created_at_id_idx" ON "jobs" ("architecture", "created_at", "id");
-- The order in which queued jobs start.
CREATE INDEX "jobs_queue_idx" ON "jobs" ("priority" DESC, "created_at", "id") WHERE "state" = 'queued';

CREATE TABLE "attempts" (
    "job_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL CHECK ("number" >= 1),
    "worker_id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3) CHECK ("finished_at" >= "started_at"),
    "outcome" "attempt_outcome",
    "failure_code" TEXT,
    "failure_message" TEXT,
    "executor" JSONB,
    "resumed_from_epoch" INTEGER NOT NULL CHECK ("resumed_from_epoch" >= 0),

    CONSTRAINT "attempts_pkey" PRIMARY KEY ("job_id", "number"),
    CONSTRAINT "attempts_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "attempts_finished_check" CHECK (("finished_at" IS NULL) = ("outcome" IS NULL)),
    CONSTRAINT "attempts_failure_check" CHECK (("failure_code" IS NULL) = ("failure_message" IS NULL))
);
-- Of the attempts of a job at most one runs.
CREATE UNIQUE INDEX "attempts_open_key" ON "attempts" ("job_id") WHERE "finished_at" IS NULL;

CREATE TABLE "events" (
    "job_id" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL CHECK ("sequence" >= 1),
    "type" "event_type" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "attempt" INTEGER NOT NULL CHECK ("attempt" >= 1),
    "data" JSONB NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("job_id", "sequence"),
    CONSTRAINT "events_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- Live streams listen to this channel; the payload is the job's id. Sent at commit, once a transaction and job. Nobody can
-- listen for a job that is only being made, and transactions that notify commit one after the other: submissions do not.
CREATE FUNCTION "notify_job_event"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('job_events', NEW."job_id");
    RETURN NULL;
END
$$;
CREATE TRIGGER "events_notify" AFTER INSERT ON "events" FOR EACH ROW WHEN (NEW."type" <> 'submitted') EXECUTE FUNCTION "notify_job_event"();

CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "job_id" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL CHECK ("attempt" >= 1),
    "priority" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "outbox_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "outbox_job_id_idx" ON "outbox" ("job_id");

CREATE TABLE "epoch_metrics" (
    "job_id" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL CHECK ("epoch" >= 1),
    "attempt" INTEGER NOT NULL,
    "train_loss" DOUBLE PRECISION NOT NULL,
    "train_accuracy" DOUBLE PRECISION NOT NULL CHECK ("train_accuracy" BETWEEN 0 AND 1),
    "validation_loss" DOUBLE PRECISION NOT NULL,
    "validation_accuracy" DOUBLE PRECISION NOT NULL CHECK ("validation_accuracy" BETWEEN 0 AND 1),
    "learning_rate" DOUBLE PRECISION NOT NULL CHECK ("learning_rate" >= 0),
    "train_seconds" DOUBLE PRECISION NOT NULL CHECK ("train_seconds" >= 0),
    "validation_seconds" DOUBLE PRECISION NOT NULL CHECK ("validation_seconds" >= 0),
    "images_per_second" DOUBLE PRECISION NOT NULL CHECK ("images_per_second" >= 0),
    "best" BOOLEAN NOT NULL,

    CONSTRAINT "epoch_metrics_pkey" PRIMARY KEY ("job_id", "epoch"),
    CONSTRAINT "epoch_metrics_job_id_attempt_fkey" FOREIGN KEY ("job_id", "attempt") REFERENCES "attempts" ("job_id", "number") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "checkpoints" (
    "job_id" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL CHECK ("epoch" >= 0),
    "step" INTEGER NOT NULL CHECK ("step" >= 0),
    "global_step" INTEGER NOT NULL CHECK ("global_step" >= 0),
    "attempt" INTEGER NOT NULL,
    "best" BOOLEAN NOT NULL,
    "last" BOOLEAN NOT NULL,
    "key" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL CHECK ("bytes" >= 0),
    "weights_sha256" TEXT NOT NULL CHECK ("weights_sha256" ~ '^[0-9a-f]{64}$'),
    "validation_loss" DOUBLE PRECISION,
    "validation_accuracy" DOUBLE PRECISION,
    "manifest" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "checkpoints_pkey" PRIMARY KEY ("job_id", "epoch", "step"),
    CONSTRAINT "checkpoints_job_id_attempt_fkey" FOREIGN KEY ("job_id", "attempt") REFERENCES "attempts" ("job_id", "number") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "checkpoints_key_key" ON "checkpoints" ("key");
CREATE UNIQUE INDEX "checkpoints_best_key" ON "checkpoints" ("job_id") WHERE "best";
CREATE UNIQUE INDEX "checkpoints_last_key" ON "checkpoints" ("job_id") WHERE "last";

CREATE TABLE "test_results" (
    "job_id" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "loss" DOUBLE PRECISION NOT NULL,
    "accuracy" DOUBLE PRECISION NOT NULL CHECK ("accuracy" BETWEEN 0 AND 1),
    "correct" INTEGER NOT NULL CHECK ("correct" BETWEEN 0 AND "total"),
    "total" INTEGER NOT NULL,
    "seconds" DOUBLE PRECISION NOT NULL CHECK ("seconds" >= 0),
    "experiment" TEXT NOT NULL,
    "architecture" TEXT NOT NULL,
    "dataset" TEXT NOT NULL,
    "dataset_version" INTEGER NOT NULL CHECK ("dataset_version" >= 1),
    "training_seconds" DOUBLE PRECISION NOT NULL CHECK ("training_seconds" >= 0),
    "finished_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "test_results_pkey" PRIMARY KEY ("job_id"),
    CONSTRAINT "test_results_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "test_results_job_id_epoch_fkey" FOREIGN KEY ("job_id", "epoch") REFERENCES "epoch_metrics" ("job_id", "epoch") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "test_results_finished_at_job_id_idx" ON "test_results" ("finished_at", "job_id");
CREATE INDEX "test_results_accuracy_job_id_idx" ON "test_results" ("accuracy", "job_id");
CREATE INDEX "test_results_training_seconds_job_id_idx" ON "test_results" ("training_seconds", "job_id");
CREATE INDEX "test_results_dataset_finished_at_job_id_idx" ON "test_results" ("dataset", "finished_at", "job_id");
CREATE INDEX "test_results_architecture_finished_at_job_id_idx" ON "test_results" ("architecture", "finished_at", "job_id");
CREATE INDEX "test_results_experiment_finished_at_job_id_idx" ON "test_results" ("experiment", "finished_at", "job_id");

CREATE TABLE "class_results" (
    "job_id" TEXT NOT NULL,
    "class_index" INTEGER NOT NULL CHECK ("class_index" >= 0),
    "name" TEXT NOT NULL,
    "correct" INTEGER NOT NULL CHECK ("correct" BETWEEN 0 AND "total"),
    "total" INTEGER NOT NULL,
    "accuracy" DOUBLE PRECISION CHECK ("accuracy" BETWEEN 0 AND 1),
    "precision" DOUBLE PRECISION CHECK ("precision" BETWEEN 0 AND 1),
    "recall" DOUBLE PRECISION CHECK ("recall" BETWEEN 0 AND 1),
    "f1" DOUBLE PRECISION CHECK ("f1" BETWEEN 0 AND 1),

    CONSTRAINT "class_results_pkey" PRIMARY KEY ("job_id", "class_index"),
    CONSTRAINT "class_results_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "test_results" ("job_id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "confusion_counts" (
    "job_id" TEXT NOT NULL,
    "actual" INTEGER NOT NULL CHECK ("actual" >= 0),
    "predicted" INTEGER NOT NULL CHECK ("predicted" >= 0),
    "count" INTEGER NOT NULL CHECK ("count" > 0),

    CONSTRAINT "confusion_counts_pkey" PRIMARY KEY ("job_id", "actual", "predicted"),
    CONSTRAINT "confusion_counts_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "test_results" ("job_id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "datasets" (
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "digest" TEXT NOT NULL CHECK ("digest" ~ '^[0-9a-f]{64}$'),
    "image_shape" INTEGER[] NOT NULL CHECK (cardinality("image_shape") = 3),
    "classes" TEXT[] NOT NULL,
    "train_images" INTEGER NOT NULL CHECK ("train_images" >= 0),
    "test_images" INTEGER NOT NULL CHECK ("test_images" >= 0),
    "mean" DOUBLE PRECISION[] NOT NULL,
    "std" DOUBLE PRECISION[] NOT NULL,
    "bytes" BIGINT NOT NULL CHECK ("bytes" >= 0),
    "source" TEXT NOT NULL,
    "imported_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "datasets_pkey" PRIMARY KEY ("name", "version")
);

CREATE TABLE "workers" (
    "id" TEXT NOT NULL,
    "hostname" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "executor" TEXT NOT NULL,
    "device" TEXT NOT NULL,
    "job_id" TEXT,
    "attempt" INTEGER,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "workers_job_check" CHECK (("job_id" IS NULL) = ("attempt" IS NULL))
);
CREATE INDEX "workers_heartbeat_at_id_idx" ON "workers" ("heartbeat_at", "id");
