CREATE TABLE "activities" (
	"id" text PRIMARY KEY NOT NULL,
	"conversation_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"direction" text NOT NULL,
	"channel" text NOT NULL,
	"external_id" text,
	"role" text NOT NULL,
	"seat_id" text,
	"at" bigint NOT NULL,
	"reply_to_id" text,
	"content" text NOT NULL,
	"channel_data" text,
	"original_sealed" text
);
--> statement-breakpoint
CREATE TABLE "channel_state" (
	"channel" text NOT NULL,
	"key" text NOT NULL,
	"value_sealed" text NOT NULL,
	"expires_at" bigint,
	CONSTRAINT "channel_state_channel_key_pk" PRIMARY KEY("channel","key")
);
--> statement-breakpoint
CREATE TABLE "citizen_identities" (
	"channel" text NOT NULL,
	"user_index" text NOT NULL,
	"citizen_id" text NOT NULL,
	CONSTRAINT "citizen_identities_channel_user_index_pk" PRIMARY KEY("channel","user_index")
);
--> statement-breakpoint
CREATE TABLE "citizens" (
	"id" text PRIMARY KEY NOT NULL,
	"phone_sealed" text,
	"phone_index" text,
	"contact_phone_sealed" text,
	"name_sealed" text,
	"created_at" bigint NOT NULL,
	CONSTRAINT "citizens_phone_index_unique" UNIQUE("phone_index")
);
--> statement-breakpoint
CREATE TABLE "conversation_states" (
	"conversation_id" text PRIMARY KEY NOT NULL,
	"state_sealed" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "conversation_tallies" (
	"owner" text NOT NULL,
	"slot" bigint NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "conversation_tallies_owner_slot_pk" PRIMARY KEY("owner","slot")
);
--> statement-breakpoint
CREATE TABLE "conversations" (
	"id" text PRIMARY KEY NOT NULL,
	"channel" text NOT NULL,
	"address" text NOT NULL,
	"modality" text NOT NULL,
	"locale" text NOT NULL,
	"citizen_id" text NOT NULL,
	"owner" text NOT NULL,
	"seat_id" text,
	"handoff_reason" text,
	"waiting_since" bigint,
	"emergency" text,
	"understood" text,
	"unread" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"last_inbound_at" bigint,
	"last_activity_at" bigint NOT NULL,
	"last_seq" bigint NOT NULL,
	"collected_seq" bigint NOT NULL,
	"version" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knowledge_gaps" (
	"id" text PRIMARY KEY NOT NULL,
	"conversation_id" text NOT NULL,
	"question" text NOT NULL,
	"best_id" text,
	"best_score" double precision NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "knowledge_entries" (
	"id" text PRIMARY KEY NOT NULL,
	"module" text NOT NULL,
	"entry" text NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lanes" (
	"lane" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"fence" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "media" (
	"token" text PRIMARY KEY NOT NULL,
	"content_type" text NOT NULL,
	"name" text,
	"bytes" "bytea" NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"position" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" text NOT NULL,
	"lane" text NOT NULL,
	"kind" text NOT NULL,
	"payload" text NOT NULL,
	"state" text NOT NULL,
	"blocking" boolean NOT NULL,
	"attempts" bigint NOT NULL,
	"available_at" bigint NOT NULL,
	"last_error" text,
	"created_at" bigint NOT NULL,
	CONSTRAINT "outbox_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "delivery_receipts" (
	"position" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "delivery_receipts_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"conversation_id" text NOT NULL,
	"activity_id" text NOT NULL,
	"status" text NOT NULL,
	"code" text,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "replies" (
	"channel" text NOT NULL,
	"external_id" text NOT NULL,
	"conversation_id" text NOT NULL,
	"from_seq" bigint NOT NULL,
	"to_seq" bigint NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "replies_channel_external_id_pk" PRIMARY KEY("channel","external_id")
);
--> statement-breakpoint
CREATE TABLE "seats" (
	"id" text PRIMARY KEY NOT NULL,
	"username" text NOT NULL,
	"display_name" text NOT NULL,
	"role" text NOT NULL,
	"active" boolean NOT NULL,
	"password_hash" text NOT NULL,
	"presence" text NOT NULL,
	"beat_at" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "seats_username_unique" UNIQUE("username")
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"seat_id" text NOT NULL,
	"csrf" text NOT NULL,
	"kind" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ticket_events" (
	"ticket_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"type" text NOT NULL,
	"actor" text NOT NULL,
	"at" bigint NOT NULL,
	"data" text NOT NULL,
	CONSTRAINT "ticket_events_ticket_id_seq_pk" PRIMARY KEY("ticket_id","seq")
);
--> statement-breakpoint
CREATE TABLE "ticket_sequences" (
	"day" text PRIMARY KEY NOT NULL,
	"last" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tickets" (
	"id" text PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"item_code" text,
	"title" text NOT NULL,
	"content" text NOT NULL,
	"town_id" text,
	"place" text,
	"happened" text,
	"department_id" text,
	"route_id" text,
	"urgency" text NOT NULL,
	"confidential" boolean NOT NULL,
	"callback" boolean NOT NULL,
	"citizen_id" text NOT NULL,
	"conversation_id" text,
	"channel" text NOT NULL,
	"deadline_at" bigint,
	"deadline_rule" text,
	"urges" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	"version" bigint NOT NULL,
	"phone_check" text,
	"last_event_seq" bigint NOT NULL,
	CONSTRAINT "tickets_number_unique" UNIQUE("number")
);
--> statement-breakpoint
CREATE TABLE "trail" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"purpose" text,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trail_heads" (
	"id" bigint PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "citizen_identities" ADD CONSTRAINT "citizen_identities_citizen_id_citizens_id_fk" FOREIGN KEY ("citizen_id") REFERENCES "public"."citizens"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_citizen_id_citizens_id_fk" FOREIGN KEY ("citizen_id") REFERENCES "public"."citizens"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_seat_id_seats_id_fk" FOREIGN KEY ("seat_id") REFERENCES "public"."seats"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ticket_events" ADD CONSTRAINT "ticket_events_ticket_id_tickets_id_fk" FOREIGN KEY ("ticket_id") REFERENCES "public"."tickets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_citizen_id_citizens_id_fk" FOREIGN KEY ("citizen_id") REFERENCES "public"."citizens"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "activities_seq" ON "activities" USING btree ("conversation_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "activities_external" ON "activities" USING btree ("channel","external_id") WHERE "activities"."external_id" is not null;--> statement-breakpoint
CREATE INDEX "citizen_identities_citizen" ON "citizen_identities" USING btree ("citizen_id");--> statement-breakpoint
CREATE UNIQUE INDEX "conversations_address" ON "conversations" USING btree ("channel","address");--> statement-breakpoint
CREATE INDEX "conversations_owner" ON "conversations" USING btree ("owner","last_activity_at");--> statement-breakpoint
CREATE INDEX "conversations_seat" ON "conversations" USING btree ("seat_id","last_activity_at") WHERE "conversations"."seat_id" is not null;--> statement-breakpoint
CREATE INDEX "conversations_emergency" ON "conversations" USING btree ("last_activity_at") WHERE "conversations"."emergency" is not null;--> statement-breakpoint
CREATE INDEX "knowledge_gaps_at" ON "knowledge_gaps" USING btree ("at");--> statement-breakpoint
CREATE INDEX "media_expiry" ON "media" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "outbox_lane" ON "outbox" USING btree ("state","lane","position");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("state","available_at","position");--> statement-breakpoint
CREATE INDEX "delivery_receipts_conversation" ON "delivery_receipts" USING btree ("conversation_id","position");--> statement-breakpoint
CREATE INDEX "sessions_expiry" ON "sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "sessions_seat" ON "sessions" USING btree ("seat_id");--> statement-breakpoint
CREATE INDEX "tickets_created" ON "tickets" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "tickets_state" ON "tickets" USING btree ("state","created_at");--> statement-breakpoint
CREATE INDEX "tickets_department" ON "tickets" USING btree ("department_id","created_at");--> statement-breakpoint
CREATE INDEX "tickets_citizen" ON "tickets" USING btree ("citizen_id","created_at");--> statement-breakpoint
CREATE INDEX "tickets_conversation" ON "tickets" USING btree ("conversation_id");