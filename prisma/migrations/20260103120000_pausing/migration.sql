ALTER TYPE "event_type" ADD VALUE 'pausing' AFTER 'attemptFailed';
ALTER TYPE "event_type" ADD VALUE 'paused' AFTER 'pausing';
ALTER TYPE "event_type" ADD VALUE 'resumed' AFTER 'paused';
