CREATE TABLE `conversation_participants` (
	`conversation_id` text NOT NULL,
	`seat_id` text NOT NULL,
	`kind` text NOT NULL,
	`since` integer NOT NULL,
	PRIMARY KEY(`conversation_id`, `seat_id`)
);
--> statement-breakpoint
CREATE INDEX `conversation_participants_seat` ON `conversation_participants` (`seat_id`,`since`);--> statement-breakpoint
CREATE TABLE `queue_entries` (
	`conversation_id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`group_id` text NOT NULL,
	`waited_from` integer NOT NULL,
	`group_since` integer NOT NULL,
	`rank_at` integer NOT NULL,
	`wanted_seat_id` text,
	`offered_to` text,
	`offered_until` integer,
	`refusals` text NOT NULL,
	`leaving` integer NOT NULL,
	`told_position` integer,
	`told_at` integer
);
--> statement-breakpoint
CREATE INDEX `queue_entries_rank` ON `queue_entries` (`group_id`,`rank_at`);--> statement-breakpoint
CREATE INDEX `queue_entries_offered` ON `queue_entries` (`offered_to`) WHERE "queue_entries"."offered_to" is not null;--> statement-breakpoint
CREATE TABLE `seat_skills` (
	`seat_id` text PRIMARY KEY NOT NULL,
	`groups` text NOT NULL,
	`capacity` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `seat_states` (
	`seat_id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`since` integer NOT NULL,
	`until` integer,
	`acted_at` integer NOT NULL,
	`served_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `service_periods` (
	`id` text PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL,
	`channel` text NOT NULL,
	`group_id` text,
	`enterprise` integer NOT NULL,
	`emergency` integer NOT NULL,
	`asked_at` integer NOT NULL,
	`offered_at` integer,
	`seat_id` text,
	`accepted_at` integer,
	`first_reply_at` integer,
	`ended_at` integer,
	`outcome` text NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `service_periods_conversation` ON `service_periods` (`conversation_id`,`asked_at`);--> statement-breakpoint
CREATE INDEX `service_periods_open` ON `service_periods` (`conversation_id`) WHERE "service_periods"."ended_at" is null;--> statement-breakpoint
CREATE INDEX `service_periods_seat` ON `service_periods` (`seat_id`,`asked_at`) WHERE "service_periods"."seat_id" is not null;--> statement-breakpoint
CREATE INDEX `service_periods_asked` ON `service_periods` (`asked_at`);--> statement-breakpoint
CREATE INDEX `service_periods_changed` ON `service_periods` (`changed_at`);--> statement-breakpoint
CREATE INDEX `service_periods_accepted` ON `service_periods` (`group_id`,`accepted_at`) WHERE "service_periods"."accepted_at" is not null;--> statement-breakpoint
CREATE TABLE `conversation_transfers` (
	`id` text PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL,
	`from_seat_id` text NOT NULL,
	`to_kind` text NOT NULL,
	`to_id` text NOT NULL,
	`note` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `conversation_transfers_conversation` ON `conversation_transfers` (`conversation_id`,`at`);