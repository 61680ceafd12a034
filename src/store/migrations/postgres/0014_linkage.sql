CREATE TABLE "linkage_days" (
	"profile" text NOT NULL,
	"day" text NOT NULL,
	"list" text,
	"list_at" bigint,
	"report" text,
	"made_at" bigint,
	CONSTRAINT "linkage_days_profile_day_pk" PRIMARY KEY("profile","day")
);
--> statement-breakpoint
CREATE TABLE "linkage_links" (
	"id" text PRIMARY KEY NOT NULL,
	"profile" text NOT NULL,
	"ticket_id" text,
	"external_no" text,
	"direction" text NOT NULL,
	"mode" text NOT NULL,
	"three_party" boolean NOT NULL,
	"emergency" boolean NOT NULL,
	"incident_no" text,
	"state" text NOT NULL,
	"reason" text,
	"sent_version" bigint NOT NULL,
	"received_version" bigint NOT NULL,
	"owes" text,
	"due_at" bigint,
	"overdue_at" bigint,
	"created_by" text NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "linkage_messages" (
	"id" text PRIMARY KEY NOT NULL,
	"link_id" text NOT NULL,
	"profile" text NOT NULL,
	"direction" text NOT NULL,
	"number" text NOT NULL,
	"version" bigint NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"code" text,
	"text" text,
	"digest" text NOT NULL,
	"repeats" bigint NOT NULL,
	"early" boolean NOT NULL,
	"attempts" bigint NOT NULL,
	"outbox_id" text,
	"created_at" bigint NOT NULL,
	"sent_at" bigint,
	"ended_at" bigint,
	"ack_by" bigint,
	"body_sealed" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "linkage_days_newest" ON "linkage_days" USING btree ("day");--> statement-breakpoint
CREATE UNIQUE INDEX "linkage_links_number" ON "linkage_links" USING btree ("profile","external_no") WHERE "linkage_links"."external_no" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "linkage_links_ticket" ON "linkage_links" USING btree ("ticket_id","profile") WHERE "linkage_links"."ticket_id" is not null;--> statement-breakpoint
CREATE INDEX "linkage_links_made" ON "linkage_links" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "linkage_links_of_profile" ON "linkage_links" USING btree ("profile","created_at","id");--> statement-breakpoint
CREATE INDEX "linkage_links_due" ON "linkage_links" USING btree ("due_at") WHERE "linkage_links"."due_at" is not null and "linkage_links"."overdue_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "linkage_messages_name" ON "linkage_messages" USING btree ("profile","direction","number","version");--> statement-breakpoint
CREATE INDEX "linkage_messages_of_link" ON "linkage_messages" USING btree ("link_id","direction","version");--> statement-breakpoint
CREATE INDEX "linkage_messages_made" ON "linkage_messages" USING btree ("profile","created_at","id");--> statement-breakpoint
CREATE INDEX "linkage_messages_open" ON "linkage_messages" USING btree ("state","ack_by") WHERE "linkage_messages"."state" in ('waiting', 'sent', 'dead', 'held');