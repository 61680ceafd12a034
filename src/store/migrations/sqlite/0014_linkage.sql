CREATE TABLE `linkage_days` (
	`profile` text NOT NULL,
	`day` text NOT NULL,
	`list` text,
	`list_at` integer,
	`report` text,
	`made_at` integer,
	PRIMARY KEY(`profile`, `day`)
);
--> statement-breakpoint
CREATE INDEX `linkage_days_newest` ON `linkage_days` (`day`);--> statement-breakpoint
CREATE TABLE `linkage_links` (
	`id` text PRIMARY KEY NOT NULL,
	`profile` text NOT NULL,
	`ticket_id` text,
	`external_no` text,
	`direction` text NOT NULL,
	`mode` text NOT NULL,
	`three_party` integer NOT NULL,
	`emergency` integer NOT NULL,
	`incident_no` text,
	`state` text NOT NULL,
	`reason` text,
	`sent_version` integer NOT NULL,
	`received_version` integer NOT NULL,
	`owes` text,
	`due_at` integer,
	`overdue_at` integer,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `linkage_links_number` ON `linkage_links` (`profile`,`external_no`) WHERE "linkage_links"."external_no" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `linkage_links_ticket` ON `linkage_links` (`ticket_id`,`profile`) WHERE "linkage_links"."ticket_id" is not null;--> statement-breakpoint
CREATE INDEX `linkage_links_made` ON `linkage_links` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `linkage_links_of_profile` ON `linkage_links` (`profile`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `linkage_links_due` ON `linkage_links` (`due_at`) WHERE "linkage_links"."due_at" is not null and "linkage_links"."overdue_at" is null;--> statement-breakpoint
CREATE TABLE `linkage_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`link_id` text NOT NULL,
	`profile` text NOT NULL,
	`direction` text NOT NULL,
	`number` text NOT NULL,
	`version` integer NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`code` text,
	`text` text,
	`digest` text NOT NULL,
	`repeats` integer NOT NULL,
	`early` integer NOT NULL,
	`attempts` integer NOT NULL,
	`outbox_id` text,
	`created_at` integer NOT NULL,
	`sent_at` integer,
	`ended_at` integer,
	`ack_by` integer,
	`body_sealed` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `linkage_messages_name` ON `linkage_messages` (`profile`,`direction`,`number`,`version`);--> statement-breakpoint
CREATE INDEX `linkage_messages_of_link` ON `linkage_messages` (`link_id`,`direction`,`version`);--> statement-breakpoint
CREATE INDEX `linkage_messages_made` ON `linkage_messages` (`profile`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `linkage_messages_open` ON `linkage_messages` (`state`,`ack_by`) WHERE "linkage_messages"."state" in ('waiting', 'sent', 'dead', 'held');