CREATE TABLE `alike_proposals` (
	`ticket_id` text NOT NULL,
	`leading_id` text NOT NULL,
	`score` real NOT NULL,
	`why` text NOT NULL,
	`state` text NOT NULL,
	`at` integer NOT NULL,
	`decided_by` text,
	`decided_at` integer,
	PRIMARY KEY(`ticket_id`, `leading_id`)
);
--> statement-breakpoint
CREATE INDEX `alike_proposals_leading` ON `alike_proposals` (`leading_id`);--> statement-breakpoint
CREATE INDEX `alike_proposals_state` ON `alike_proposals` (`state`,`at`);--> statement-breakpoint
CREATE TABLE `api_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`token_hash` text NOT NULL,
	`kind` text NOT NULL,
	`owner_id` text NOT NULL,
	`name` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_tokens_token_hash_unique` ON `api_tokens` (`token_hash`);--> statement-breakpoint
CREATE INDEX `api_tokens_owner` ON `api_tokens` (`kind`,`owner_id`);--> statement-breakpoint
CREATE TABLE `catalogues` (
	`kind` text NOT NULL,
	`version` integer NOT NULL,
	`state` text NOT NULL,
	`body` text NOT NULL,
	`note` text NOT NULL,
	`author` text NOT NULL,
	`created_at` integer NOT NULL,
	`published_by` text,
	`published_at` integer,
	PRIMARY KEY(`kind`, `version`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `catalogues_published` ON `catalogues` (`kind`) WHERE "catalogues"."state" = 'published';--> statement-breakpoint
CREATE TABLE `enterprise_members` (
	`citizen_id` text PRIMARY KEY NOT NULL,
	`enterprise_id` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `enterprise_members_enterprise` ON `enterprise_members` (`enterprise_id`);--> statement-breakpoint
CREATE TABLE `enterprise_phones` (
	`phone_index` text PRIMARY KEY NOT NULL,
	`enterprise_id` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `enterprise_phones_enterprise` ON `enterprise_phones` (`enterprise_id`);--> statement-breakpoint
CREATE TABLE `enterprises` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`credit_code` text NOT NULL,
	`town_id` text,
	`seat_id` text,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `enterprises_credit_code_unique` ON `enterprises` (`credit_code`);--> statement-breakpoint
CREATE INDEX `enterprises_name` ON `enterprises` (`name`);--> statement-breakpoint
CREATE TABLE `external_numbers` (
	`partner_id` text NOT NULL,
	`number` text NOT NULL,
	`ticket_id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`partner_id`, `number`)
);
--> statement-breakpoint
CREATE INDEX `external_numbers_ticket` ON `external_numbers` (`ticket_id`);--> statement-breakpoint
CREATE TABLE `item_corrections` (
	`id` text PRIMARY KEY NOT NULL,
	`ticket_id` text NOT NULL,
	`text` text NOT NULL,
	`suggested` text,
	`chosen` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `item_corrections_at` ON `item_corrections` (`at`);--> statement-breakpoint
CREATE TABLE `partners` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`webhook_url` text,
	`events` text NOT NULL,
	`scope` text NOT NULL,
	`active` integer NOT NULL,
	`secret_sealed` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `storm_tickets` (
	`storm_id` text NOT NULL,
	`ticket_id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`storm_id`, `ticket_id`)
);
--> statement-breakpoint
CREATE INDEX `storm_tickets_ticket` ON `storm_tickets` (`ticket_id`);--> statement-breakpoint
CREATE TABLE `storms` (
	`id` text PRIMARY KEY NOT NULL,
	`item_code` text,
	`title` text NOT NULL,
	`town_ids` text NOT NULL,
	`leading_id` text,
	`count` integer NOT NULL,
	`first_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`state` text NOT NULL,
	`answer` text
);
--> statement-breakpoint
CREATE INDEX `storms_state` ON `storms` (`state`,`last_at`);--> statement-breakpoint
CREATE TABLE `supervisions` (
	`id` text PRIMARY KEY NOT NULL,
	`ticket_id` text NOT NULL,
	`level` integer NOT NULL,
	`cause` text NOT NULL,
	`department_id` text,
	`person` text,
	`words` text NOT NULL,
	`due_at` integer,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`ended_at` integer,
	`outcome` text
);
--> statement-breakpoint
CREATE INDEX `supervisions_ticket` ON `supervisions` (`ticket_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `supervisions_created` ON `supervisions` (`created_at`);--> statement-breakpoint
CREATE INDEX `supervisions_open` ON `supervisions` (`due_at`) WHERE "supervisions"."ended_at" is null;--> statement-breakpoint
CREATE TABLE `ticket_clocks` (
	`ticket_id` text NOT NULL,
	`stage` text NOT NULL,
	`run` integer NOT NULL,
	`rule` text NOT NULL,
	`started_at` integer NOT NULL,
	`due_at` integer,
	`ended_at` integer,
	`warned` integer NOT NULL,
	`overdue_at` integer,
	`rung` integer NOT NULL,
	`next_at` integer,
	PRIMARY KEY(`ticket_id`, `stage`, `run`)
);
--> statement-breakpoint
CREATE INDEX `ticket_clocks_next` ON `ticket_clocks` (`next_at`) WHERE "ticket_clocks"."next_at" is not null;--> statement-breakpoint
CREATE TABLE `ticket_departments` (
	`ticket_id` text NOT NULL,
	`department_id` text NOT NULL,
	`part` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`ticket_id`, `department_id`)
);
--> statement-breakpoint
CREATE INDEX `ticket_departments_seen` ON `ticket_departments` (`department_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `ticket_files` (
	`id` text PRIMARY KEY NOT NULL,
	`ticket_id` text NOT NULL,
	`media` text NOT NULL,
	`name` text,
	`content_type` text NOT NULL,
	`purpose` text NOT NULL,
	`added_by` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `ticket_files_ticket` ON `ticket_files` (`ticket_id`,`at`);--> statement-breakpoint
CREATE TABLE `ticket_notices` (
	`id` text PRIMARY KEY NOT NULL,
	`ticket_id` text NOT NULL,
	`seq` integer NOT NULL,
	`citizen_id` text NOT NULL,
	`channels` text NOT NULL,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`sent_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ticket_notices_once` ON `ticket_notices` (`ticket_id`,`seq`,`citizen_id`);--> statement-breakpoint
CREATE TABLE `ticket_requests` (
	`id` text PRIMARY KEY NOT NULL,
	`ticket_id` text NOT NULL,
	`kind` text NOT NULL,
	`department_id` text,
	`item_code` text,
	`reason_code` text NOT NULL,
	`reason` text NOT NULL,
	`evidence` text NOT NULL,
	`amount` integer,
	`until` integer,
	`asked_by` text NOT NULL,
	`asked_at` integer NOT NULL,
	`judge_by` integer,
	`state` text NOT NULL,
	`judged_by` text,
	`judged_at` integer,
	`verdict` text
);
--> statement-breakpoint
CREATE INDEX `ticket_requests_ticket` ON `ticket_requests` (`ticket_id`,`asked_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `ticket_requests_pending` ON `ticket_requests` (`ticket_id`) WHERE "ticket_requests"."state" = 'asked';--> statement-breakpoint
CREATE INDEX `ticket_requests_waiting` ON `ticket_requests` (`state`,`judge_by`);--> statement-breakpoint
CREATE INDEX `ticket_requests_precedents` ON `ticket_requests` (`kind`,`item_code`,`department_id`,`judged_at`);--> statement-breakpoint
CREATE INDEX `ticket_requests_asked` ON `ticket_requests` (`asked_at`);--> statement-breakpoint
CREATE TABLE `ticket_visits` (
	`ticket_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`channel` text NOT NULL,
	`asked_at` integer NOT NULL,
	`answered_at` integer,
	`process` integer,
	`solved` integer,
	`outcome` text NOT NULL,
	PRIMARY KEY(`ticket_id`, `attempt`)
);
--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`partner_id` text NOT NULL,
	`ticket_id` text NOT NULL,
	`seq` integer NOT NULL,
	`state` text NOT NULL,
	`attempts` integer NOT NULL,
	`last_result` text,
	`created_at` integer NOT NULL,
	`delivered_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `webhook_deliveries_once` ON `webhook_deliveries` (`partner_id`,`ticket_id`,`seq`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_state` ON `webhook_deliveries` (`state`,`id`);--> statement-breakpoint
ALTER TABLE `seats` ADD `department_id` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `state_before` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `pending` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `assist_ids` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `enterprise_id` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `profile_id` text DEFAULT 'demo' NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `holds` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `overdue_at` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `dispatched_at` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `signed_at` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `contacted_at` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `finished_at` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `archived_at` integer;--> statement-breakpoint
ALTER TABLE `tickets` ADD `result` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `closure` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `visit` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `returns` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `extensions` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `redirects` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `redos` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `vetoes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `supervision` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tickets` ADD `leading_id` text;--> statement-breakpoint
ALTER TABLE `tickets` ADD `opening_key` text;--> statement-breakpoint
CREATE INDEX `tickets_item` ON `tickets` (`item_code`,`created_at`);--> statement-breakpoint
CREATE INDEX `tickets_town` ON `tickets` (`town_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `tickets_enterprise` ON `tickets` (`enterprise_id`,`created_at`) WHERE "tickets"."enterprise_id" is not null;--> statement-breakpoint
CREATE INDEX `tickets_leading` ON `tickets` (`leading_id`) WHERE "tickets"."leading_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `tickets_opening` ON `tickets` (`opening_key`) WHERE "tickets"."opening_key" is not null;--> statement-breakpoint
CREATE INDEX `tickets_due` ON `tickets` (`deadline_at`) WHERE ("tickets"."archived_at" is null and "tickets"."deadline_at" is not null);--> statement-breakpoint
CREATE INDEX `tickets_overdue` ON `tickets` (`overdue_at`) WHERE ("tickets"."archived_at" is null and "tickets"."overdue_at" is not null);--> statement-breakpoint
CREATE INDEX `tickets_supervised` ON `tickets` (`supervision`,`created_at`) WHERE "tickets"."supervision" > 0;--> statement-breakpoint
UPDATE tickets SET dispatched_at = coalesce((SELECT min(e.at) FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.dispatched'), created_at), signed_at = (SELECT max(e.at) FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.signed'), redirects = (SELECT count(*) FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.redirected') WHERE department_id IS NOT NULL;--> statement-breakpoint
UPDATE tickets SET profile_id = substr(deadline_rule, 1, instr(deadline_rule, '/') - 1) WHERE deadline_rule LIKE '%/%';--> statement-breakpoint
UPDATE tickets SET state = '归档', closure = 'unreached', finished_at = coalesce((SELECT max(e.at) FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.finished'), updated_at), archived_at = coalesce((SELECT max(e.at) FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.finished'), updated_at), result = (SELECT json_extract(e.data, '$.result') FROM ticket_events e WHERE e.ticket_id = tickets.id AND e.type = 'ticket.finished' ORDER BY e.seq DESC LIMIT 1) WHERE state = '办结';--> statement-breakpoint
INSERT INTO ticket_departments (ticket_id, department_id, part, created_at) SELECT id, department_id, 'lead', created_at FROM tickets WHERE department_id IS NOT NULL;--> statement-breakpoint
INSERT INTO ticket_clocks (ticket_id, stage, run, rule, started_at, due_at, ended_at, warned, overdue_at, rung, next_at) SELECT id, 'handle', 1, CASE WHEN deadline_rule LIKE '%/life' THEN '{"amount":2,"unit":"hours"}' WHEN deadline_rule LIKE '%/utility' THEN '{"amount":24,"unit":"hours"}' WHEN deadline_rule LIKE '%/consult' THEN '{"amount":2,"unit":"workdays"}' WHEN deadline_rule LIKE '%/complex' THEN '{"amount":15,"unit":"workdays"}' ELSE '{"amount":5,"unit":"workdays"}' END, coalesce(dispatched_at, created_at), deadline_at, finished_at, 0, NULL, 0, CASE WHEN finished_at IS NULL THEN deadline_at END FROM tickets WHERE deadline_at IS NOT NULL;--> statement-breakpoint
UPDATE tickets SET deadline_at = NULL WHERE archived_at IS NOT NULL;