CREATE TABLE "outbound_consent_changes" (
	"channel" text NOT NULL,
	"external_id" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "outbound_consent_changes_channel_external_id_pk" PRIMARY KEY("channel","external_id")
);
--> statement-breakpoint
CREATE TABLE "outbound_consents" (
	"citizen_id" text NOT NULL,
	"channel" text NOT NULL,
	"template" text NOT NULL,
	"state" text NOT NULL,
	"left_over" bigint NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "outbound_consents_citizen_id_channel_template_pk" PRIMARY KEY("citizen_id","channel","template")
);
--> statement-breakpoint
CREATE TABLE "outbound_attempts" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"channel" text NOT NULL,
	"script" text NOT NULL,
	"citizen_id" text NOT NULL,
	"ticket_id" text,
	"notice_ids" text NOT NULL,
	"target_id" text,
	"number" bigint NOT NULL,
	"state" text NOT NULL,
	"code" text,
	"external_id" text,
	"cost_fen" bigint,
	"created_at" bigint NOT NULL,
	"sent_at" bigint,
	"ended_at" bigint,
	"seconds" bigint
);
--> statement-breakpoint
CREATE INDEX "outbound_attempts_ticket" ON "outbound_attempts" USING btree ("ticket_id","created_at") WHERE "outbound_attempts"."ticket_id" is not null;--> statement-breakpoint
CREATE INDEX "outbound_attempts_citizen" ON "outbound_attempts" USING btree ("citizen_id","kind","created_at");--> statement-breakpoint
CREATE INDEX "outbound_attempts_external" ON "outbound_attempts" USING btree ("channel","external_id") WHERE "outbound_attempts"."external_id" is not null;--> statement-breakpoint
CREATE INDEX "outbound_attempts_cost" ON "outbound_attempts" USING btree ("created_at","cost_fen");--> statement-breakpoint
CREATE INDEX "outbound_attempts_open" ON "outbound_attempts" USING btree ("ended_at","kind","created_at");