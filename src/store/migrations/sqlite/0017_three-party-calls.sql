CREATE TABLE `linkage_calls` (
	`id` text PRIMARY KEY NOT NULL,
	`link_id` text NOT NULL,
	`profile` text NOT NULL,
	`ticket_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`channel` text NOT NULL,
	`address` text NOT NULL,
	`seat_id` text,
	`state` text NOT NULL,
	`citizen` text NOT NULL,
	`seat` text,
	`service` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`ended_at` integer
);
--> statement-breakpoint
CREATE INDEX `linkage_calls_conversation` ON `linkage_calls` (`conversation_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `linkage_calls_link` ON `linkage_calls` (`link_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `linkage_calls_open` ON `linkage_calls` (`created_at`) WHERE "linkage_calls"."state" = 'open';--> statement-breakpoint
CREATE TABLE `seat_phones` (
	`seat_id` text PRIMARY KEY NOT NULL,
	`phone_sealed` text NOT NULL,
	`at` integer NOT NULL
);
