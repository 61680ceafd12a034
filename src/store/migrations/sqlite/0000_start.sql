CREATE TABLE `activities` (
	`id` text PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL,
	`seq` integer NOT NULL,
	`direction` text NOT NULL,
	`channel` text NOT NULL,
	`external_id` text,
	`role` text NOT NULL,
	`seat_id` text,
	`at` integer NOT NULL,
	`reply_to_id` text,
	`content` text NOT NULL,
	`channel_data` text,
	`original_sealed` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `activities_seq` ON `activities` (`conversation_id`,`seq`);--> statement-breakpoint
CREATE UNIQUE INDEX `activities_external` ON `activities` (`channel`,`external_id`) WHERE "activities"."external_id" is not null;--> statement-breakpoint
CREATE TABLE `channel_state` (
	`channel` text NOT NULL,
	`key` text NOT NULL,
	`value_sealed` text NOT NULL,
	`expires_at` integer,
	PRIMARY KEY(`channel`, `key`)
);
--> statement-breakpoint
CREATE TABLE `citizen_identities` (
	`channel` text NOT NULL,
	`user_index` text NOT NULL,
	`citizen_id` text NOT NULL,
	PRIMARY KEY(`channel`, `user_index`),
	FOREIGN KEY (`citizen_id`) REFERENCES `citizens`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `citizen_identities_citizen` ON `citizen_identities` (`citizen_id`);--> statement-breakpoint
CREATE TABLE `citizens` (
	`id` text PRIMARY KEY NOT NULL,
	`phone_sealed` text,
	`phone_index` text,
	`contact_phone_sealed` text,
	`name_sealed` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `citizens_phone_index_unique` ON `citizens` (`phone_index`);--> statement-breakpoint
CREATE TABLE `conversation_states` (
	`conversation_id` text PRIMARY KEY NOT NULL,
	`state_sealed` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `conversation_tallies` (
	`owner` text NOT NULL,
	`slot` integer NOT NULL,
	`amount` integer NOT NULL,
	PRIMARY KEY(`owner`, `slot`)
);
--> statement-breakpoint
CREATE TABLE `conversations` (
	`id` text PRIMARY KEY NOT NULL,
	`channel` text NOT NULL,
	`address` text NOT NULL,
	`modality` text NOT NULL,
	`locale` text NOT NULL,
	`citizen_id` text NOT NULL,
	`owner` text NOT NULL,
	`seat_id` text,
	`handoff_reason` text,
	`waiting_since` integer,
	`emergency` text,
	`understood` text,
	`unread` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_inbound_at` integer,
	`last_activity_at` integer NOT NULL,
	`last_seq` integer NOT NULL,
	`collected_seq` integer NOT NULL,
	`version` integer NOT NULL,
	FOREIGN KEY (`citizen_id`) REFERENCES `citizens`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `conversations_address` ON `conversations` (`channel`,`address`);--> statement-breakpoint
CREATE INDEX `conversations_owner` ON `conversations` (`owner`,`last_activity_at`);--> statement-breakpoint
CREATE INDEX `conversations_seat` ON `conversations` (`seat_id`,`last_activity_at`) WHERE "conversations"."seat_id" is not null;--> statement-breakpoint
CREATE INDEX `conversations_emergency` ON `conversations` (`last_activity_at`) WHERE "conversations"."emergency" is not null;--> statement-breakpoint
CREATE TABLE `knowledge_gaps` (
	`id` text PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL,
	`question` text NOT NULL,
	`best_id` text,
	`best_score` real NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `knowledge_gaps_at` ON `knowledge_gaps` (`at`);--> statement-breakpoint
CREATE TABLE `knowledge_entries` (
	`id` text PRIMARY KEY NOT NULL,
	`module` text NOT NULL,
	`entry` text NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `lanes` (
	`lane` text PRIMARY KEY NOT NULL,
	`holder` text NOT NULL,
	`fence` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `media` (
	`token` text PRIMARY KEY NOT NULL,
	`content_type` text NOT NULL,
	`name` text,
	`bytes` blob NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer
);
--> statement-breakpoint
CREATE INDEX `media_expiry` ON `media` (`expires_at`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`position` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`lane` text NOT NULL,
	`kind` text NOT NULL,
	`payload` text NOT NULL,
	`state` text NOT NULL,
	`blocking` integer NOT NULL,
	`attempts` integer NOT NULL,
	`available_at` integer NOT NULL,
	`last_error` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outbox_id_unique` ON `outbox` (`id`);--> statement-breakpoint
CREATE INDEX `outbox_lane` ON `outbox` (`state`,`lane`,`position`);--> statement-breakpoint
CREATE INDEX `outbox_due` ON `outbox` (`state`,`available_at`,`position`);--> statement-breakpoint
CREATE TABLE `delivery_receipts` (
	`position` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`conversation_id` text NOT NULL,
	`activity_id` text NOT NULL,
	`status` text NOT NULL,
	`code` text,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `delivery_receipts_conversation` ON `delivery_receipts` (`conversation_id`,`position`);--> statement-breakpoint
CREATE TABLE `replies` (
	`channel` text NOT NULL,
	`external_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`from_seq` integer NOT NULL,
	`to_seq` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`channel`, `external_id`)
);
--> statement-breakpoint
CREATE TABLE `seats` (
	`id` text PRIMARY KEY NOT NULL,
	`username` text NOT NULL,
	`display_name` text NOT NULL,
	`role` text NOT NULL,
	`active` integer NOT NULL,
	`password_hash` text NOT NULL,
	`presence` text NOT NULL,
	`beat_at` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `seats_username_unique` ON `seats` (`username`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`seat_id` text NOT NULL,
	`csrf` text NOT NULL,
	`kind` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`seat_id`) REFERENCES `seats`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `sessions_expiry` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE INDEX `sessions_seat` ON `sessions` (`seat_id`);--> statement-breakpoint
CREATE TABLE `ticket_events` (
	`ticket_id` text NOT NULL,
	`seq` integer NOT NULL,
	`type` text NOT NULL,
	`actor` text NOT NULL,
	`at` integer NOT NULL,
	`data` text NOT NULL,
	PRIMARY KEY(`ticket_id`, `seq`),
	FOREIGN KEY (`ticket_id`) REFERENCES `tickets`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `ticket_sequences` (
	`day` text PRIMARY KEY NOT NULL,
	`last` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tickets` (
	`id` text PRIMARY KEY NOT NULL,
	`number` text NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`item_code` text,
	`title` text NOT NULL,
	`content` text NOT NULL,
	`town_id` text,
	`place` text,
	`happened` text,
	`department_id` text,
	`route_id` text,
	`urgency` text NOT NULL,
	`confidential` integer NOT NULL,
	`callback` integer NOT NULL,
	`citizen_id` text NOT NULL,
	`conversation_id` text,
	`channel` text NOT NULL,
	`deadline_at` integer,
	`deadline_rule` text,
	`urges` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`version` integer NOT NULL,
	`phone_check` text,
	`last_event_seq` integer NOT NULL,
	FOREIGN KEY (`citizen_id`) REFERENCES `citizens`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tickets_number_unique` ON `tickets` (`number`);--> statement-breakpoint
CREATE INDEX `tickets_created` ON `tickets` (`created_at`);--> statement-breakpoint
CREATE INDEX `tickets_state` ON `tickets` (`state`,`created_at`);--> statement-breakpoint
CREATE INDEX `tickets_department` ON `tickets` (`department_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `tickets_citizen` ON `tickets` (`citizen_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `tickets_conversation` ON `tickets` (`conversation_id`);--> statement-breakpoint
CREATE TABLE `trail` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`purpose` text,
	`previous_hash` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `trail_heads` (
	`id` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`hash` text NOT NULL
);
