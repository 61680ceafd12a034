ALTER TABLE "activities" ADD COLUMN "answered_from" bigint;--> statement-breakpoint
ALTER TABLE "activities" ADD COLUMN "answered_to" bigint;--> statement-breakpoint
CREATE INDEX "ticket_notices_waiting" ON "ticket_notices" USING btree ("citizen_id") WHERE "ticket_notices"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "tickets_visited" ON "tickets" USING btree ("citizen_id") WHERE "tickets"."state" = '回访';