CREATE TABLE "ticket_texts" (
	"ticket_id" text PRIMARY KEY NOT NULL,
	"created_at" bigint NOT NULL,
	"words" text NOT NULL
);
--> statement-breakpoint
DROP INDEX "tickets_overdue";--> statement-breakpoint
CREATE INDEX "tickets_urgency" ON "tickets" USING btree ("urgency","created_at") WHERE "tickets"."urgency" <> 'normal';--> statement-breakpoint
CREATE INDEX "tickets_channel" ON "tickets" USING btree ("channel","created_at") WHERE "tickets"."channel" <> 'phone';--> statement-breakpoint
CREATE INDEX "tickets_overdue" ON "tickets" USING btree ("created_at") WHERE ("tickets"."archived_at" is null and "tickets"."overdue_at" is not null);
--> statement-breakpoint
-- What follows is written by hand: drizzle's tables, which are one for both dialects, know neither GIN nor expressions.
-- The words of tickets that are there: the same as searchWords of src/store/search-words.ts gives.
INSERT INTO "ticket_texts" ("ticket_id", "created_at", "words")
SELECT t.id, t.created_at, coalesce((
	SELECT string_agg(DISTINCT pair.this || CASE WHEN pair.next ~ '[ \t\n\v\f\r]' THEN '' ELSE pair.next END, ' ')
	FROM (VALUES (t.title), (t.content), (t.place)) AS texts (raw)
	CROSS JOIN LATERAL (SELECT translate(texts.raw, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') AS body) AS folded
	CROSS JOIN LATERAL generate_series(1, length(folded.body)) AS at (i)
	CROSS JOIN LATERAL (SELECT substr(folded.body, at.i, 1) AS this, substr(folded.body, at.i + 1, 1) AS next) AS pair
	WHERE pair.this !~ '[ \t\n\v\f\r]'
), '')
FROM "tickets" AS t;
--> statement-breakpoint
CREATE INDEX "ticket_texts_words" ON "ticket_texts" USING gin (array_to_tsvector(string_to_array("words", ' ')));
