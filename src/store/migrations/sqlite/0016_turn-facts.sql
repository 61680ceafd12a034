ALTER TABLE `activities` ADD `answered_from` integer;--> statement-breakpoint
ALTER TABLE `activities` ADD `answered_to` integer;--> statement-breakpoint
CREATE INDEX `ticket_notices_waiting` ON `ticket_notices` (`citizen_id`) WHERE "ticket_notices"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX `tickets_visited` ON `tickets` (`citizen_id`) WHERE "tickets"."state" = '回访';