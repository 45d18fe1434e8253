ALTER TABLE "test_results"
    ADD COLUMN "top5_accuracy" DOUBLE PRECISION,
    ADD COLUMN "macro_f1" DOUBLE PRECISION;
-- The stored counts of the classes give the macro F1 of earlier tests, but not which classes were the next likely ones.
UPDATE "test_results" SET "macro_f1" = (
    SELECT avg("f1") FROM "class_results" WHERE "class_results"."job_id" = "test_results"."job_id"
);
