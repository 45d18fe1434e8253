ALTER TYPE "event_type" ADD VALUE 'overfitting' AFTER 'warning';
