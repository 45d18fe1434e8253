-- The test of the weights after the last epoch. Until now, only the best weights were tested.
ALTER TABLE "test_results"
    ADD COLUMN "last_epoch" INTEGER CHECK ("last_epoch" >= "epoch"),
    ADD COLUMN "last_loss" DOUBLE PRECISION,
    ADD COLUMN "last_accuracy" DOUBLE PRECISION CHECK ("last_accuracy" BETWEEN 0 AND 1),
    ADD COLUMN "last_accuracy_augmented" DOUBLE PRECISION CHECK ("last_accuracy_augmented" BETWEEN 0 AND 1),
    ADD COLUMN "last_correct" INTEGER CHECK ("last_correct" BETWEEN 0 AND "total"),
    ADD CONSTRAINT "test_results_last_check" CHECK (
        num_nulls("last_epoch", "last_loss", "last_accuracy", "last_correct") IN (0, 4)
    );
