CREATE TABLE "webhooks" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL,
    "api_key_id" TEXT,
    "url" TEXT NOT NULL,
    "events" TEXT[] NOT NULL,
    "filter" TEXT,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "failing_since" TIMESTAMPTZ(3),
    "secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_secret_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "webhooks_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "webhooks_project_idx" ON "webhooks" ("project");

CREATE TABLE "webhook_deliveries" (
    "id" TEXT NOT NULL,
    "webhook_id" TEXT NOT NULL,
    "job_id" TEXT,
    "type" TEXT NOT NULL,
    -- The bytes that are signed and sent.
    "body" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "attempts_log" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "tried_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_until" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "webhook_deliveries_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhooks" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "webhook_deliveries_webhook_id_created_at_id_idx" ON "webhook_deliveries" ("webhook_id", "created_at", "id");
CREATE INDEX "webhook_deliveries_created_at_idx" ON "webhook_deliveries" ("created_at");
CREATE INDEX "webhook_deliveries_pending_idx" ON "webhook_deliveries" ("webhook_id", "next_attempt_at") WHERE "state" = 'pending';

-- In the transaction of the events themselves, whatever statement inserts them: none is lost, and none is sent that was
-- rolled back. One statement for all its events; without webhooks it reads an empty table.
CREATE FUNCTION "queue_webhook_deliveries"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM "webhooks") THEN RETURN NULL; END IF;
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
CREATE TRIGGER "events_webhooks" AFTER INSERT ON "events" REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT EXECUTE FUNCTION "queue_webhook_deliveries"();
