CREATE TABLE `canned_answers` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text,
	`folder` text NOT NULL,
	`title` text NOT NULL,
	`shortcut` text,
	`texts` text NOT NULL,
	`updated_by` text NOT NULL,
	`updated_at` integer NOT NULL,
	`version` integer NOT NULL,
	`removed_at` integer
);
--> statement-breakpoint
CREATE INDEX `canned_answers_owner` ON `canned_answers` (`owner_id`);--> statement-breakpoint
CREATE TABLE `conversation_notes` (
	`id` text PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL,
	`seat_id` text NOT NULL,
	`kind` text NOT NULL,
	`text` text NOT NULL,
	`mentions` text NOT NULL,
	`to_seat_id` text,
	`at` integer NOT NULL,
	`after_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `conversation_notes_conversation` ON `conversation_notes` (`conversation_id`,`at`);--> statement-breakpoint
CREATE TABLE `reply_drafts` (
	`seat_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`text_sealed` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`seat_id`, `conversation_id`)
);
--> statement-breakpoint
CREATE TABLE `note_mentions` (
	`seat_id` text NOT NULL,
	`note_id` text NOT NULL,
	`at` integer NOT NULL,
	`read_at` integer,
	PRIMARY KEY(`seat_id`, `note_id`)
);
--> statement-breakpoint
CREATE INDEX `note_mentions_at` ON `note_mentions` (`seat_id`,`at`);--> statement-breakpoint
CREATE INDEX `note_mentions_unread` ON `note_mentions` (`seat_id`) WHERE "note_mentions"."read_at" is null;--> statement-breakpoint
CREATE INDEX `conversations_citizen` ON `conversations` (`citizen_id`);