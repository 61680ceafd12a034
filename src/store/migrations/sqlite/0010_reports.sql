CREATE TABLE `reports` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`period` text NOT NULL,
	`scope_kind` text NOT NULL,
	`scope_id` text NOT NULL,
	`title` text NOT NULL,
	`version` integer NOT NULL,
	`state` text NOT NULL,
	`progress` integer NOT NULL,
	`made_by` text NOT NULL,
	`roles` text NOT NULL,
	`asked_at` integer NOT NULL,
	`made_at` integer,
	`until` integer,
	`failure` text,
	`attempts` integer NOT NULL,
	`bytes` integer NOT NULL,
	`document` text,
	`holder` text,
	`lease_until` integer,
	`once_key` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `reports_version` ON `reports` (`kind`,`period`,`scope_kind`,`scope_id`,`version`);--> statement-breakpoint
CREATE UNIQUE INDEX `reports_once` ON `reports` (`once_key`) WHERE "reports"."once_key" is not null;--> statement-breakpoint
CREATE INDEX `reports_asked` ON `reports` (`asked_at`);--> statement-breakpoint
CREATE INDEX `reports_work` ON `reports` (`asked_at`) WHERE "reports"."state" in ('asked', 'making');