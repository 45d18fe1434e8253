-- Until now, tests with an augmentation had its accuracy alone, in "accuracy"; that of the network alone is unknown.
ALTER TABLE "test_results"
    ADD COLUMN "accuracy_augmented" DOUBLE PRECISION CHECK ("accuracy_augmented" BETWEEN 0 AND 1);
UPDATE "test_results" SET "accuracy_augmented" = "accuracy"
FROM "jobs" WHERE "jobs"."id" = "test_results"."job_id" AND "jobs"."spec" ->> 'testAugmentation' <> 'none';
