-- Bytes of memory that a worker and its trainer may use; null: it does not report them.
ALTER TABLE "workers" ADD COLUMN "memory_bytes" BIGINT;
