-- Of the best epoch, as best_validation_loss: lists are filtered and sorted by them without a look at the epochs.
ALTER TABLE "jobs" ADD COLUMN "best_train_loss" DOUBLE PRECISION, ADD COLUMN "best_train_accuracy" DOUBLE PRECISION;
UPDATE "jobs" SET "best_train_loss" = epoch_metrics.train_loss, "best_train_accuracy" = epoch_metrics.train_accuracy
FROM epoch_metrics WHERE epoch_metrics.job_id = jobs.id AND epoch_metrics.epoch = jobs.best_epoch;
-- The measures of one class in all tests. An entry of a btree has at most 2,704 bytes, and no other limit holds for
-- the names of classes; a statement names the same condition.
CREATE INDEX "class_results_name_idx" ON "class_results" ("name", "job_id", "class_index")
  INCLUDE ("recall", "precision", "f1") WHERE octet_length("name") <= 500;
