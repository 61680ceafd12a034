CREATE INDEX `trail_actor` ON `trail` (`actor`,`seq`);--> statement-breakpoint
CREATE INDEX `trail_action` ON `trail` (`action`,`seq`);--> statement-breakpoint
CREATE INDEX `trail_subject` ON `trail` (`subject`,`seq`);--> statement-breakpoint
CREATE INDEX `trail_at` ON `trail` (`at`);