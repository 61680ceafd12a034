CREATE TABLE `knowledge_gap_clusters` (
	`id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`title` text NOT NULL,
	`samples` text NOT NULL,
	`count` integer NOT NULL,
	`unhelpful` integer NOT NULL,
	`best_id` text,
	`best_score` real NOT NULL,
	`first_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`entry_id` text,
	`closed_by` text
);
--> statement-breakpoint
CREATE INDEX `knowledge_gap_clusters_state` ON `knowledge_gap_clusters` (`state`,`count`);--> statement-breakpoint
CREATE TABLE `knowledge_memos` (
	`seat_id` text NOT NULL,
	`entry_id` text NOT NULL,
	`opened_at` integer,
	`pinned_at` integer,
	PRIMARY KEY(`seat_id`, `entry_id`)
);
--> statement-breakpoint
CREATE INDEX `knowledge_memos_opened` ON `knowledge_memos` (`seat_id`,`opened_at`);--> statement-breakpoint
CREATE TABLE `knowledge_tasks` (
	`id` text PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`kind` text NOT NULL,
	`entry_id` text,
	`owner` text,
	`text` text NOT NULL,
	`conversation_id` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`due_on` text,
	`state` text NOT NULL,
	`closed_by` text,
	`closed_at` integer,
	`outcome` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `knowledge_tasks_key_unique` ON `knowledge_tasks` (`key`);--> statement-breakpoint
CREATE INDEX `knowledge_tasks_state` ON `knowledge_tasks` (`state`,`due_on`);--> statement-breakpoint
CREATE INDEX `knowledge_tasks_entry` ON `knowledge_tasks` (`entry_id`);--> statement-breakpoint
CREATE TABLE `knowledge_revisions` (
	`id` text PRIMARY KEY NOT NULL,
	`entry_id` text NOT NULL,
	`number` integer NOT NULL,
	`state` text NOT NULL,
	`entry` text NOT NULL,
	`wish` text NOT NULL,
	`based_on` integer,
	`author` text NOT NULL,
	`edited_by` text NOT NULL,
	`reviewer` text,
	`note` text,
	`verdict` text,
	`publish_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`decided_at` integer,
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `knowledge_revisions_number` ON `knowledge_revisions` (`entry_id`,`number`);--> statement-breakpoint
CREATE UNIQUE INDEX `knowledge_revisions_open` ON `knowledge_revisions` (`entry_id`) WHERE "knowledge_revisions"."state" in ('draft', 'review', 'returned', 'approved');--> statement-breakpoint
CREATE INDEX `knowledge_revisions_state` ON `knowledge_revisions` (`state`,`publish_at`);--> statement-breakpoint
ALTER TABLE `knowledge_gaps` ADD `kind` text DEFAULT 'unanswered' NOT NULL;--> statement-breakpoint
ALTER TABLE `knowledge_gaps` ADD `cluster_id` text;--> statement-breakpoint
CREATE INDEX `knowledge_gaps_cluster` ON `knowledge_gaps` (`cluster_id`,`at`);--> statement-breakpoint
ALTER TABLE `knowledge_entries` ADD `state` text DEFAULT 'published' NOT NULL;--> statement-breakpoint
ALTER TABLE `knowledge_entries` ADD `origin` text DEFAULT 'file' NOT NULL;--> statement-breakpoint
ALTER TABLE `knowledge_entries` ADD `revision` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `knowledge_entries` ADD `departments` text DEFAULT ',' NOT NULL;--> statement-breakpoint
ALTER TABLE `knowledge_entries` ADD `owner` text;--> statement-breakpoint
ALTER TABLE `knowledge_entries` ADD `change_seq` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `knowledge_entries_change` ON `knowledge_entries` (`change_seq`);--> statement-breakpoint
CREATE INDEX `knowledge_entries_module` ON `knowledge_entries` (`state`,`module`);--> statement-breakpoint
UPDATE knowledge_entries SET departments = ',' || json_extract(entry, '$.department') || ',', owner = json_extract(entry, '$.owner'), change_seq = numbered.place FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM knowledge_entries) AS numbered WHERE numbered.id = knowledge_entries.id;
