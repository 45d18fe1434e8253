-- How long a training step took, and what computed it.
ALTER TABLE "epoch_metrics"
  ADD COLUMN "step_milliseconds" DOUBLE PRECISION,
  ADD COLUMN "executor" TEXT,
  ADD COLUMN "device" TEXT;
