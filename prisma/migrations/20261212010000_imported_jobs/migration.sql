-- Where the job was imported from, and when; NULL: this installation has run it.
ALTER TABLE "jobs" ADD COLUMN "imported" JSONB;

-- Labels that came with an imported job. All projects share the labels of a dataset, so a test here replaces them.
ALTER TABLE "test_labels" ADD COLUMN "imported" BOOLEAN NOT NULL DEFAULT false;

-- As before, but for the events of jobs that are imported: they are not news.
CREATE OR REPLACE FUNCTION "queue_webhook_deliveries"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('trainyard.importing', true) = 'on' OR NOT EXISTS (SELECT FROM "webhooks") THEN RETURN NULL; END IF;
    INSERT INTO "webhook_deliveries" ("id", "webhook_id", "job_id", "type", "body")
    SELECT 'msg_' || replace(gen_random_uuid()::text, '-', ''), webhook."id", job."id", 'job.' || event."type",
        json_build_object(
            'type', 'job.' || event."type",
            'timestamp', to_char(event."at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'data', json_build_object('jobId', job."id", 'name', job."name", 'experiment', job."experiment",
                'state', job."state", 'attempt', event."attempt", 'sequence', event."sequence"))
    FROM new_events AS event
        JOIN "jobs" AS job ON job."id" = event."job_id"
        JOIN "webhooks" AS webhook ON webhook."project" = job."project"
            AND webhook."enabled" AND event."type"::text = ANY (webhook."events")
    ORDER BY event."job_id", event."sequence";
    RETURN NULL;
END
$$;
