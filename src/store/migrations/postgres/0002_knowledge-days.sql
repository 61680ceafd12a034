ALTER TABLE "knowledge_entries" ADD COLUMN "review_on" text;--> statement-breakpoint
ALTER TABLE "knowledge_entries" ADD COLUMN "expires_on" text;--> statement-breakpoint
CREATE INDEX "knowledge_entries_review" ON "knowledge_entries" USING btree ("review_on") WHERE "knowledge_entries"."review_on" is not null;--> statement-breakpoint
CREATE INDEX "knowledge_entries_expiry" ON "knowledge_entries" USING btree ("expires_on") WHERE "knowledge_entries"."expires_on" is not null;--> statement-breakpoint
UPDATE knowledge_entries SET review_on = entry::json ->> 'reviewOn', expires_on = entry::json ->> 'expiresOn';
