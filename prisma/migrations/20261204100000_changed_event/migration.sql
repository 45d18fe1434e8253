ALTER TYPE "event_type" ADD VALUE 'changed' AFTER 'retried';
