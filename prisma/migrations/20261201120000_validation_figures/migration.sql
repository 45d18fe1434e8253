-- The history is sorted by the validation figures of the tested epoch, so its rows have them.
ALTER TABLE "test_results"
    ADD COLUMN "validation_loss" DOUBLE PRECISION,
    ADD COLUMN "validation_accuracy" DOUBLE PRECISION;
UPDATE "test_results" SET "validation_loss" = epochs."validation_loss",
    "validation_accuracy" = epochs."validation_accuracy"
FROM "epoch_metrics" AS epochs
WHERE epochs."job_id" = "test_results"."job_id" AND epochs."epoch" = "test_results"."epoch";
ALTER TABLE "test_results"
    ALTER COLUMN "validation_loss" SET NOT NULL,
    ALTER COLUMN "validation_accuracy" SET NOT NULL;
CREATE INDEX "test_results_project_validation_loss_job_id_idx" ON "test_results" ("project", "validation_loss", "job_id");
CREATE INDEX "test_results_project_validation_accuracy_job_id_idx" ON "test_results" ("project", "validation_accuracy", "job_id");
