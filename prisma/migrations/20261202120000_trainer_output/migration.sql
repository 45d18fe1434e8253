ALTER TYPE "event_type" ADD VALUE 'output' AFTER 'warning';
