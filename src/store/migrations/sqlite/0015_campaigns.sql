CREATE TABLE `campaign_targets` (
	`id` text PRIMARY KEY NOT NULL,
	`campaign_id` text NOT NULL,
	`citizen_id` text NOT NULL,
	`ticket_id` text,
	`state` text NOT NULL,
	`code` text,
	`attempts` integer NOT NULL,
	`next_at` integer,
	`keys` text NOT NULL,
	`result` text NOT NULL,
	`ended_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `campaign_targets_citizen` ON `campaign_targets` (`campaign_id`,`citizen_id`);--> statement-breakpoint
CREATE INDEX `campaign_targets_due` ON `campaign_targets` (`campaign_id`,`state`,`next_at`);--> statement-breakpoint
CREATE INDEX `campaign_targets_open` ON `campaign_targets` (`citizen_id`) WHERE "campaign_targets"."ended_at" is null;--> statement-breakpoint
CREATE TABLE `campaigns` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`purpose` text NOT NULL,
	`flow` text NOT NULL,
	`channel` text NOT NULL,
	`words` text,
	`query` text,
	`state` text NOT NULL,
	`concurrency` integer NOT NULL,
	`attempts` integer NOT NULL,
	`retry_after_minutes` integer NOT NULL,
	`hours` text NOT NULL,
	`workdays_only` integer NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`ended_at` integer
);
--> statement-breakpoint
CREATE INDEX `campaigns_created` ON `campaigns` (`created_at`);