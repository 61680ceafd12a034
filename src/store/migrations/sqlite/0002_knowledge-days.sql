ALTER TABLE `knowledge_entries` ADD `review_on` text;--> statement-breakpoint
ALTER TABLE `knowledge_entries` ADD `expires_on` text;--> statement-breakpoint
CREATE INDEX `knowledge_entries_review` ON `knowledge_entries` (`review_on`) WHERE "knowledge_entries"."review_on" is not null;--> statement-breakpoint
CREATE INDEX `knowledge_entries_expiry` ON `knowledge_entries` (`expires_on`) WHERE "knowledge_entries"."expires_on" is not null;--> statement-breakpoint
UPDATE knowledge_entries SET review_on = json_extract(entry, '$.reviewOn'), expires_on = json_extract(entry, '$.expiresOn');
