CREATE TABLE `ticket_texts` (
	`ticket_id` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	`words` text NOT NULL
);
--> statement-breakpoint
DROP INDEX `tickets_overdue`;--> statement-breakpoint
CREATE INDEX `tickets_urgency` ON `tickets` (`urgency`,`created_at`) WHERE "tickets"."urgency" <> 'normal';--> statement-breakpoint
CREATE INDEX `tickets_channel` ON `tickets` (`channel`,`created_at`) WHERE "tickets"."channel" <> 'phone';--> statement-breakpoint
CREATE INDEX `tickets_overdue` ON `tickets` (`created_at`) WHERE ("tickets"."archived_at" is null and "tickets"."overdue_at" is not null);
--> statement-breakpoint
-- What follows is written by hand: full-text tables and triggers are not in drizzle's tables.
-- A slot is the place of a ticket in the search: its time first, so that the newest is found first, and a number among those of the same moment.
CREATE TABLE `ticket_slots` (
	`slot` integer PRIMARY KEY NOT NULL,
	`ticket_id` text NOT NULL
);
--> statement-breakpoint
-- Words are parted by spaces and hold any character besides.
CREATE VIRTUAL TABLE `ticket_search` USING fts5(words, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'");
--> statement-breakpoint
-- Writing into the search costs most by its pages, so tickets go there by the dozen; until then they wait here and are looked through.
CREATE TABLE `ticket_waiting` (
	`ticket_id` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TRIGGER `ticket_waiting_gone` AFTER DELETE ON `ticket_waiting` WHEN EXISTS (SELECT 1 FROM ticket_texts WHERE ticket_id = old.ticket_id) BEGIN
	INSERT INTO ticket_slots (slot, ticket_id) SELECT coalesce(max(slot) + 1, old.created_at << 20), old.ticket_id FROM ticket_slots WHERE slot >= old.created_at << 20 AND slot < old.created_at + 1 << 20;
	INSERT INTO ticket_search (rowid, words) SELECT slot, (SELECT words FROM ticket_texts WHERE ticket_id = old.ticket_id) FROM ticket_slots WHERE slot >= old.created_at << 20 AND slot < old.created_at + 1 << 20 AND ticket_id = old.ticket_id;
END;
--> statement-breakpoint
CREATE TRIGGER `ticket_texts_added` AFTER INSERT ON `ticket_texts` BEGIN
	INSERT INTO ticket_waiting (ticket_id, created_at) VALUES (new.ticket_id, new.created_at);
	DELETE FROM ticket_waiting WHERE (SELECT count(*) FROM ticket_waiting) >= 48;
END;
--> statement-breakpoint
CREATE TRIGGER `ticket_texts_changed` AFTER UPDATE OF words ON `ticket_texts` WHEN old.words IS NOT new.words BEGIN
	DELETE FROM ticket_search WHERE rowid IN (SELECT slot FROM ticket_slots WHERE slot >= new.created_at << 20 AND slot < new.created_at + 1 << 20 AND ticket_id = new.ticket_id);
	INSERT INTO ticket_search (rowid, words) SELECT slot, new.words FROM ticket_slots WHERE slot >= new.created_at << 20 AND slot < new.created_at + 1 << 20 AND ticket_id = new.ticket_id;
END;
--> statement-breakpoint
CREATE TRIGGER `ticket_texts_gone` AFTER DELETE ON `ticket_texts` BEGIN
	DELETE FROM ticket_waiting WHERE ticket_id = old.ticket_id;
	DELETE FROM ticket_search WHERE rowid IN (SELECT slot FROM ticket_slots WHERE slot >= old.created_at << 20 AND slot < old.created_at + 1 << 20 AND ticket_id = old.ticket_id);
	DELETE FROM ticket_slots WHERE slot >= old.created_at << 20 AND slot < old.created_at + 1 << 20 AND ticket_id = old.ticket_id;
END;
--> statement-breakpoint
-- The words of tickets that are there: the same as searchWords of src/store/search-words.ts gives.
INSERT INTO `ticket_texts` (`ticket_id`, `created_at`, `words`)
SELECT t.id, t.created_at, coalesce((
	WITH RECURSIVE
		cut(body, i) AS (
			SELECT lower(t.title), 1 UNION ALL SELECT lower(t.content), 1 UNION ALL SELECT lower(coalesce(t.place, '')), 1
			UNION ALL SELECT body, i + 1 FROM cut WHERE i < length(body)
		),
		pair(this, next) AS (SELECT substr(body, i, 1), substr(body, i + 1, 1) FROM cut WHERE body <> '')
	SELECT group_concat(word, ' ') FROM (
		SELECT DISTINCT CASE WHEN instr(char(9, 10, 11, 12, 13, 32), next) > 0 THEN this ELSE this || next END AS word FROM pair WHERE instr(char(9, 10, 11, 12, 13, 32), this) = 0
	)
), '')
FROM `tickets` AS t ORDER BY t.created_at, t.id;
