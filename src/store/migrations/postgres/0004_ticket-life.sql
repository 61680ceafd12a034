CREATE TABLE "alike_proposals" (
	"ticket_id" text NOT NULL,
	"leading_id" text NOT NULL,
	"score" double precision NOT NULL,
	"why" text NOT NULL,
	"state" text NOT NULL,
	"at" bigint NOT NULL,
	"decided_by" text,
	"decided_at" bigint,
	CONSTRAINT "alike_proposals_ticket_id_leading_id_pk" PRIMARY KEY("ticket_id","leading_id")
);
--> statement-breakpoint
CREATE TABLE "api_tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"token_hash" text NOT NULL,
	"kind" text NOT NULL,
	"owner_id" text NOT NULL,
	"name" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint,
	"revoked_at" bigint,
	CONSTRAINT "api_tokens_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "catalogues" (
	"kind" text NOT NULL,
	"version" bigint NOT NULL,
	"state" text NOT NULL,
	"body" text NOT NULL,
	"note" text NOT NULL,
	"author" text NOT NULL,
	"created_at" bigint NOT NULL,
	"published_by" text,
	"published_at" bigint,
	CONSTRAINT "catalogues_kind_version_pk" PRIMARY KEY("kind","version")
);
--> statement-breakpoint
CREATE TABLE "enterprise_members" (
	"citizen_id" text PRIMARY KEY NOT NULL,
	"enterprise_id" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "enterprise_phones" (
	"phone_index" text PRIMARY KEY NOT NULL,
	"enterprise_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "enterprises" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"credit_code" text NOT NULL,
	"town_id" text,
	"seat_id" text,
	"active" boolean NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	CONSTRAINT "enterprises_credit_code_unique" UNIQUE("credit_code")
);
--> statement-breakpoint
CREATE TABLE "external_numbers" (
	"partner_id" text NOT NULL,
	"number" text NOT NULL,
	"ticket_id" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "external_numbers_partner_id_number_pk" PRIMARY KEY("partner_id","number")
);
--> statement-breakpoint
CREATE TABLE "item_corrections" (
	"id" text PRIMARY KEY NOT NULL,
	"ticket_id" text NOT NULL,
	"text" text NOT NULL,
	"suggested" text,
	"chosen" text NOT NULL,
	"by" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "partners" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"webhook_url" text,
	"events" text NOT NULL,
	"scope" text NOT NULL,
	"active" boolean NOT NULL,
	"secret_sealed" text,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "storm_tickets" (
	"storm_id" text NOT NULL,
	"ticket_id" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "storm_tickets_storm_id_ticket_id_pk" PRIMARY KEY("storm_id","ticket_id")
);
--> statement-breakpoint
CREATE TABLE "storms" (
	"id" text PRIMARY KEY NOT NULL,
	"item_code" text,
	"title" text NOT NULL,
	"town_ids" text NOT NULL,
	"leading_id" text,
	"count" bigint NOT NULL,
	"first_at" bigint NOT NULL,
	"last_at" bigint NOT NULL,
	"state" text NOT NULL,
	"answer" text
);
--> statement-breakpoint
CREATE TABLE "supervisions" (
	"id" text PRIMARY KEY NOT NULL,
	"ticket_id" text NOT NULL,
	"level" bigint NOT NULL,
	"cause" text NOT NULL,
	"department_id" text,
	"person" text,
	"words" text NOT NULL,
	"due_at" bigint,
	"created_by" text NOT NULL,
	"created_at" bigint NOT NULL,
	"ended_at" bigint,
	"outcome" text
);
--> statement-breakpoint
CREATE TABLE "ticket_clocks" (
	"ticket_id" text NOT NULL,
	"stage" text NOT NULL,
	"run" bigint NOT NULL,
	"rule" text NOT NULL,
	"started_at" bigint NOT NULL,
	"due_at" bigint,
	"ended_at" bigint,
	"warned" bigint NOT NULL,
	"overdue_at" bigint,
	"rung" bigint NOT NULL,
	"next_at" bigint,
	CONSTRAINT "ticket_clocks_ticket_id_stage_run_pk" PRIMARY KEY("ticket_id","stage","run")
);
--> statement-breakpoint
CREATE TABLE "ticket_departments" (
	"ticket_id" text NOT NULL,
	"department_id" text NOT NULL,
	"part" text NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "ticket_departments_ticket_id_department_id_pk" PRIMARY KEY("ticket_id","department_id")
);
--> statement-breakpoint
CREATE TABLE "ticket_files" (
	"id" text PRIMARY KEY NOT NULL,
	"ticket_id" text NOT NULL,
	"media" text NOT NULL,
	"name" text,
	"content_type" text NOT NULL,
	"purpose" text NOT NULL,
	"added_by" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ticket_notices" (
	"id" text PRIMARY KEY NOT NULL,
	"ticket_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"citizen_id" text NOT NULL,
	"channels" text NOT NULL,
	"state" text NOT NULL,
	"created_at" bigint NOT NULL,
	"sent_at" bigint
);
--> statement-breakpoint
CREATE TABLE "ticket_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"ticket_id" text NOT NULL,
	"kind" text NOT NULL,
	"department_id" text,
	"item_code" text,
	"reason_code" text NOT NULL,
	"reason" text NOT NULL,
	"evidence" text NOT NULL,
	"amount" bigint,
	"until" bigint,
	"asked_by" text NOT NULL,
	"asked_at" bigint NOT NULL,
	"judge_by" bigint,
	"state" text NOT NULL,
	"judged_by" text,
	"judged_at" bigint,
	"verdict" text
);
--> statement-breakpoint
CREATE TABLE "ticket_visits" (
	"ticket_id" text NOT NULL,
	"attempt" bigint NOT NULL,
	"channel" text NOT NULL,
	"asked_at" bigint NOT NULL,
	"answered_at" bigint,
	"process" bigint,
	"solved" boolean,
	"outcome" text NOT NULL,
	CONSTRAINT "ticket_visits_ticket_id_attempt_pk" PRIMARY KEY("ticket_id","attempt")
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" text PRIMARY KEY NOT NULL,
	"partner_id" text NOT NULL,
	"ticket_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"state" text NOT NULL,
	"attempts" bigint NOT NULL,
	"last_result" text,
	"created_at" bigint NOT NULL,
	"delivered_at" bigint
);
--> statement-breakpoint
ALTER TABLE "seats" ADD COLUMN "department_id" text;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "state_before" text;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "pending" text;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "assist_ids" text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "enterprise_id" text;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "profile_id" text DEFAULT 'demo' NOT NULL;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "holds" text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "overdue_at" bigint;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "dispatched_at" bigint;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "signed_at" bigint;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "contacted_at" bigint;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "finished_at" bigint;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "archived_at" bigint;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "result" text;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "closure" text;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "visit" text;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "returns" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "extensions" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "redirects" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "redos" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "vetoes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "supervision" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "leading_id" text;--> statement-breakpoint
ALTER TABLE "tickets" ADD COLUMN "opening_key" text;--> statement-breakpoint
CREATE INDEX "alike_proposals_leading" ON "alike_proposals" USING btree ("leading_id");--> statement-breakpoint
CREATE INDEX "alike_proposals_state" ON "alike_proposals" USING btree ("state","at");--> statement-breakpoint
CREATE INDEX "api_tokens_owner" ON "api_tokens" USING btree ("kind","owner_id");--> statement-breakpoint
CREATE UNIQUE INDEX "catalogues_published" ON "catalogues" USING btree ("kind") WHERE "catalogues"."state" = 'published';--> statement-breakpoint
CREATE INDEX "enterprise_members_enterprise" ON "enterprise_members" USING btree ("enterprise_id");--> statement-breakpoint
CREATE INDEX "enterprise_phones_enterprise" ON "enterprise_phones" USING btree ("enterprise_id");--> statement-breakpoint
CREATE INDEX "enterprises_name" ON "enterprises" USING btree ("name");--> statement-breakpoint
CREATE INDEX "external_numbers_ticket" ON "external_numbers" USING btree ("ticket_id");--> statement-breakpoint
CREATE INDEX "item_corrections_at" ON "item_corrections" USING btree ("at");--> statement-breakpoint
CREATE INDEX "storm_tickets_ticket" ON "storm_tickets" USING btree ("ticket_id");--> statement-breakpoint
CREATE INDEX "storms_state" ON "storms" USING btree ("state","last_at");--> statement-breakpoint
CREATE INDEX "supervisions_ticket" ON "supervisions" USING btree ("ticket_id","created_at");--> statement-breakpoint
CREATE INDEX "supervisions_created" ON "supervisions" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "supervisions_open" ON "supervisions" USING btree ("due_at") WHERE "supervisions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "ticket_clocks_next" ON "ticket_clocks" USING btree ("next_at") WHERE "ticket_clocks"."next_at" is not null;--> statement-breakpoint
CREATE INDEX "ticket_departments_seen" ON "ticket_departments" USING btree ("department_id","created_at");--> statement-breakpoint
CREATE INDEX "ticket_files_ticket" ON "ticket_files" USING btree ("ticket_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "ticket_notices_once" ON "ticket_notices" USING btree ("ticket_id","seq","citizen_id");--> statement-breakpoint
CREATE INDEX "ticket_requests_ticket" ON "ticket_requests" USING btree ("ticket_id","asked_at");--> statement-breakpoint
CREATE UNIQUE INDEX "ticket_requests_pending" ON "ticket_requests" USING btree ("ticket_id") WHERE "ticket_requests"."state" = 'asked';--> statement-breakpoint
CREATE INDEX "ticket_requests_waiting" ON "ticket_requests" USING btree ("state","judge_by");--> statement-breakpoint
CREATE INDEX "ticket_requests_precedents" ON "ticket_requests" USING btree ("kind","item_code","department_id","judged_at");--> statement-breakpoint
CREATE INDEX "ticket_requests_asked" ON "ticket_requests" USING btree ("asked_at");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_once" ON "webhook_deliveries" USING btree ("partner_id","ticket_id","seq");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_state" ON "webhook_deliveries" USING btree ("state","id");--> statement-breakpoint
CREATE INDEX "tickets_item" ON "tickets" USING btree ("item_code","created_at");--> statement-breakpoint
CREATE INDEX "tickets_town" ON "tickets" USING btree ("town_id","created_at");--> statement-breakpoint
CREATE INDEX "tickets_enterprise" ON "tickets" USING btree ("enterprise_id","created_at") WHERE "tickets"."enterprise_id" is not null;--> statement-breakpoint
CREATE INDEX "tickets_leading" ON "tickets" USING btree ("leading_id") WHERE "tickets"."leading_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "tickets_opening" ON "tickets" USING btree ("opening_key") WHERE "tickets"."opening_key" is not null;--> statement-breakpoint
CREATE INDEX "tickets_due" ON "tickets" USING btree ("deadline_at") WHERE ("tickets"."archived_at" is null and "tickets"."deadline_at" is not null);--> statement-breakpoint
CREATE INDEX "tickets_overdue" ON "tickets" USING btree ("overdue_at") WHERE ("tickets"."archived_at" is null and "tickets"."overdue_at" is not null);--> statement-breakpoint
CREATE INDEX "tickets_supervised" ON "tickets" USING btree ("supervision","created_at") WHERE "tickets"."supervision" > 0;--> statement-breakpoint
UPDATE tickets SET dispatched_at = coalesce((SELECT min(e.at) FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.dispatched'), created_at), signed_at = (SELECT max(e.at) FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.signed'), redirects = (SELECT count(*) FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.redirected') WHERE department_id IS NOT NULL;--> statement-breakpoint
UPDATE tickets SET profile_id = split_part(deadline_rule, '/', 1) WHERE deadline_rule LIKE '%/%';--> statement-breakpoint
UPDATE tickets SET state = '归档', closure = 'unreached', finished_at = coalesce((SELECT max(e.at) FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.finished'), updated_at), archived_at = coalesce((SELECT max(e.at) FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.finished'), updated_at), result = (SELECT e.data::json ->> 'result' FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.finished' AND position('\u' in e.data) = 0 ORDER BY e.seq DESC LIMIT 1) WHERE state = '办结';--> statement-breakpoint
INSERT INTO ticket_departments (ticket_id, department_id, part, created_at) SELECT id, department_id, 'lead', created_at FROM tickets WHERE department_id IS NOT NULL;--> statement-breakpoint
INSERT INTO ticket_clocks (ticket_id, stage, run, rule, started_at, due_at, ended_at, warned, overdue_at, rung, next_at) SELECT id, 'handle', 1, CASE WHEN deadline_rule LIKE '%/life' THEN '{"amount":2,"unit":"hours"}' WHEN deadline_rule LIKE '%/utility' THEN '{"amount":24,"unit":"hours"}' WHEN deadline_rule LIKE '%/consult' THEN '{"amount":2,"unit":"workdays"}' WHEN deadline_rule LIKE '%/complex' THEN '{"amount":15,"unit":"workdays"}' ELSE '{"amount":5,"unit":"workdays"}' END, coalesce(dispatched_at, created_at), deadline_at, finished_at, 0, NULL, 0, CASE WHEN finished_at IS NULL THEN deadline_at END FROM tickets WHERE deadline_at IS NOT NULL;--> statement-breakpoint
UPDATE tickets SET deadline_at = NULL WHERE archived_at IS NOT NULL;