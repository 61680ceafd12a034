CREATE TABLE `outbound_consent_changes` (
	`channel` text NOT NULL,
	`external_id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`channel`, `external_id`)
);
--> statement-breakpoint
CREATE TABLE `outbound_consents` (
	`citizen_id` text NOT NULL,
	`channel` text NOT NULL,
	`template` text NOT NULL,
	`state` text NOT NULL,
	`left_over` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`citizen_id`, `channel`, `template`)
);
--> statement-breakpoint
CREATE TABLE `outbound_attempts` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`channel` text NOT NULL,
	`script` text NOT NULL,
	`citizen_id` text NOT NULL,
	`ticket_id` text,
	`notice_ids` text NOT NULL,
	`target_id` text,
	`number` integer NOT NULL,
	`state` text NOT NULL,
	`code` text,
	`external_id` text,
	`cost_fen` integer,
	`created_at` integer NOT NULL,
	`sent_at` integer,
	`ended_at` integer,
	`seconds` integer
);
--> statement-breakpoint
CREATE INDEX `outbound_attempts_ticket` ON `outbound_attempts` (`ticket_id`,`created_at`) WHERE "outbound_attempts"."ticket_id" is not null;--> statement-breakpoint
CREATE INDEX `outbound_attempts_citizen` ON `outbound_attempts` (`citizen_id`,`kind`,`created_at`);--> statement-breakpoint
CREATE INDEX `outbound_attempts_external` ON `outbound_attempts` (`channel`,`external_id`) WHERE "outbound_attempts"."external_id" is not null;--> statement-breakpoint
CREATE INDEX `outbound_attempts_cost` ON `outbound_attempts` (`created_at`,`cost_fen`);--> statement-breakpoint
CREATE INDEX `outbound_attempts_open` ON `outbound_attempts` (`ended_at`,`kind`,`created_at`);