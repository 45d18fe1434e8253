-- Why a worker takes no jobs; null: it takes them.
ALTER TABLE "workers" ADD COLUMN "fault" TEXT;
