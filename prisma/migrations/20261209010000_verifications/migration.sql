-- What an independent reader made of the exact bytes of a download; one row a file, of the newest verification.
CREATE TABLE "verifications" (
    "job_id" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "format" TEXT NOT NULL,
    -- Of an ONNX model; '' in other formats.
    "input" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "reader" TEXT NOT NULL,
    "reader_version" TEXT NOT NULL,
    "images" INTEGER NOT NULL,
    "test_images" INTEGER NOT NULL,
    "correct" INTEGER,
    "expected" INTEGER NOT NULL,
    "tolerance" INTEGER NOT NULL,
    "message" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "verifications_pkey" PRIMARY KEY ("job_id", "epoch", "format", "input"),
    CONSTRAINT "verifications_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
