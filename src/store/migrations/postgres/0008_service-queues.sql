CREATE TABLE "conversation_participants" (
	"conversation_id" text NOT NULL,
	"seat_id" text NOT NULL,
	"kind" text NOT NULL,
	"since" bigint NOT NULL,
	CONSTRAINT "conversation_participants_conversation_id_seat_id_pk" PRIMARY KEY("conversation_id","seat_id")
);
--> statement-breakpoint
CREATE TABLE "queue_entries" (
	"conversation_id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"group_id" text NOT NULL,
	"waited_from" bigint NOT NULL,
	"group_since" bigint NOT NULL,
	"rank_at" bigint NOT NULL,
	"wanted_seat_id" text,
	"offered_to" text,
	"offered_until" bigint,
	"refusals" text NOT NULL,
	"leaving" boolean NOT NULL,
	"told_position" bigint,
	"told_at" bigint
);
--> statement-breakpoint
CREATE TABLE "seat_skills" (
	"seat_id" text PRIMARY KEY NOT NULL,
	"groups" text NOT NULL,
	"capacity" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "seat_states" (
	"seat_id" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"since" bigint NOT NULL,
	"until" bigint,
	"acted_at" bigint NOT NULL,
	"served_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "service_periods" (
	"id" text PRIMARY KEY NOT NULL,
	"conversation_id" text NOT NULL,
	"channel" text NOT NULL,
	"group_id" text,
	"enterprise" boolean NOT NULL,
	"emergency" boolean NOT NULL,
	"asked_at" bigint NOT NULL,
	"offered_at" bigint,
	"seat_id" text,
	"accepted_at" bigint,
	"first_reply_at" bigint,
	"ended_at" bigint,
	"outcome" text NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "conversation_transfers" (
	"id" text PRIMARY KEY NOT NULL,
	"conversation_id" text NOT NULL,
	"from_seat_id" text NOT NULL,
	"to_kind" text NOT NULL,
	"to_id" text NOT NULL,
	"note" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "conversation_participants_seat" ON "conversation_participants" USING btree ("seat_id","since");--> statement-breakpoint
CREATE INDEX "queue_entries_rank" ON "queue_entries" USING btree ("group_id","rank_at");--> statement-breakpoint
CREATE INDEX "queue_entries_offered" ON "queue_entries" USING btree ("offered_to") WHERE "queue_entries"."offered_to" is not null;--> statement-breakpoint
CREATE INDEX "service_periods_conversation" ON "service_periods" USING btree ("conversation_id","asked_at");--> statement-breakpoint
CREATE INDEX "service_periods_open" ON "service_periods" USING btree ("conversation_id") WHERE "service_periods"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "service_periods_seat" ON "service_periods" USING btree ("seat_id","asked_at") WHERE "service_periods"."seat_id" is not null;--> statement-breakpoint
CREATE INDEX "service_periods_asked" ON "service_periods" USING btree ("asked_at");--> statement-breakpoint
CREATE INDEX "service_periods_changed" ON "service_periods" USING btree ("changed_at");--> statement-breakpoint
CREATE INDEX "service_periods_accepted" ON "service_periods" USING btree ("group_id","accepted_at") WHERE "service_periods"."accepted_at" is not null;--> statement-breakpoint
CREATE INDEX "conversation_transfers_conversation" ON "conversation_transfers" USING btree ("conversation_id","at");