-- Where an alias of an experiment points. No foreign key: an alias whose job was deleted says so.
CREATE TABLE "aliases" (
    "project" TEXT NOT NULL,
    "experiment" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "weights_sha256" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "moved_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "aliases_pkey" PRIMARY KEY ("project", "experiment", "alias")
);

-- Every move, written in the statement that moves the alias; without a job: it was removed.
CREATE TABLE "alias_moves" (
    "id" BIGSERIAL NOT NULL,
    "project" TEXT NOT NULL,
    "experiment" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "job_id" TEXT,
    "epoch" INTEGER,
    "weights_sha256" TEXT,
    "key_id" TEXT NOT NULL,
    "moved_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "alias_moves_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "alias_moves_project_experiment_alias_id_idx" ON "alias_moves" ("project", "experiment", "alias", "id");
