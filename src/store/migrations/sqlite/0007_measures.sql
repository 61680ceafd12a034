CREATE TABLE `measure_cursors` (
	`source` text PRIMARY KEY NOT NULL,
	`cursor` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `measure_marks` (
	`source` text NOT NULL,
	`id` text NOT NULL,
	`counted` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`source`, `id`)
);
--> statement-breakpoint
CREATE INDEX `measure_marks_at` ON `measure_marks` (`at`);--> statement-breakpoint
CREATE TABLE `measure_rollups` (
	`measure` text NOT NULL,
	`dimension` text NOT NULL,
	`grain` text NOT NULL,
	`at` integer NOT NULL,
	`key` text NOT NULL,
	`amount` integer NOT NULL,
	`total` integer NOT NULL,
	PRIMARY KEY(`measure`, `dimension`, `grain`, `at`, `key`)
);
--> statement-breakpoint
CREATE INDEX `ticket_events_at` ON `ticket_events` (`at`);