CREATE TABLE `quality_findings` (
	`inspection_id` text NOT NULL,
	`number` integer NOT NULL,
	`rule` text NOT NULL,
	`seat_id` text,
	`severity` text NOT NULL,
	`points` integer NOT NULL,
	`seq` integer NOT NULL,
	`start_at` integer NOT NULL,
	`end_at` integer NOT NULL,
	`sentence` text NOT NULL,
	`why` text NOT NULL,
	`verdict` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`inspection_id`, `number`)
);
--> statement-breakpoint
CREATE INDEX `quality_findings_rule` ON `quality_findings` (`rule`,`at`);--> statement-breakpoint
CREATE INDEX `quality_findings_at` ON `quality_findings` (`at`);--> statement-breakpoint
CREATE TABLE `quality_inspections` (
	`id` text PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`conversation_id` text NOT NULL,
	`period_id` text,
	`channel` text NOT NULL,
	`modality` text NOT NULL,
	`group_id` text,
	`seat_id` text NOT NULL,
	`from_seq` integer NOT NULL,
	`to_seq` integer NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer NOT NULL,
	`rules_version` text NOT NULL,
	`score` integer NOT NULL,
	`automatic_score` integer NOT NULL,
	`fatal` integer NOT NULL,
	`state` text NOT NULL,
	`sampled_for` text,
	`inspector_id` text,
	`judged_at` integer,
	`note` text,
	`appeal_by` integer,
	`appeal` text,
	`appealed_at` integer,
	`rejudged_by` text,
	`rejudgement` text,
	`final_at` integer,
	`created_at` integer NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `quality_inspections_key_unique` ON `quality_inspections` (`key`);--> statement-breakpoint
CREATE INDEX `quality_inspections_ended` ON `quality_inspections` (`ended_at`,`id`);--> statement-breakpoint
CREATE INDEX `quality_inspections_state` ON `quality_inspections` (`state`,`ended_at`);--> statement-breakpoint
CREATE INDEX `quality_inspections_seat` ON `quality_inspections` (`seat_id`,`ended_at`);--> statement-breakpoint
CREATE INDEX `quality_inspections_conversation` ON `quality_inspections` (`conversation_id`,`ended_at`);--> statement-breakpoint
CREATE INDEX `quality_inspections_appeal` ON `quality_inspections` (`state`,`appeal_by`) WHERE "quality_inspections"."appeal_by" is not null;--> statement-breakpoint
CREATE TABLE `quality_rules` (
	`version` text PRIMARY KEY NOT NULL,
	`body` text NOT NULL,
	`since` integer NOT NULL
);
