DROP INDEX `knowledge_entries_module`;--> statement-breakpoint
CREATE INDEX `knowledge_entries_state` ON `knowledge_entries` (`state`,`id`);--> statement-breakpoint
CREATE INDEX `knowledge_entries_origin` ON `knowledge_entries` (`origin`);--> statement-breakpoint
CREATE INDEX `knowledge_entries_module` ON `knowledge_entries` (`state`,`module`,`id`);