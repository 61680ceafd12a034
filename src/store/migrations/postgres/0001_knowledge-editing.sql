CREATE TABLE "knowledge_gap_clusters" (
	"id" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"title" text NOT NULL,
	"samples" text NOT NULL,
	"count" bigint NOT NULL,
	"unhelpful" bigint NOT NULL,
	"best_id" text,
	"best_score" double precision NOT NULL,
	"first_at" bigint NOT NULL,
	"last_at" bigint NOT NULL,
	"entry_id" text,
	"closed_by" text
);
--> statement-breakpoint
CREATE TABLE "knowledge_memos" (
	"seat_id" text NOT NULL,
	"entry_id" text NOT NULL,
	"opened_at" bigint,
	"pinned_at" bigint,
	CONSTRAINT "knowledge_memos_seat_id_entry_id_pk" PRIMARY KEY("seat_id","entry_id")
);
--> statement-breakpoint
CREATE TABLE "knowledge_tasks" (
	"id" text PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"kind" text NOT NULL,
	"entry_id" text,
	"owner" text,
	"text" text NOT NULL,
	"conversation_id" text,
	"created_by" text NOT NULL,
	"created_at" bigint NOT NULL,
	"due_on" text,
	"state" text NOT NULL,
	"closed_by" text,
	"closed_at" bigint,
	"outcome" text,
	CONSTRAINT "knowledge_tasks_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "knowledge_revisions" (
	"id" text PRIMARY KEY NOT NULL,
	"entry_id" text NOT NULL,
	"number" bigint NOT NULL,
	"state" text NOT NULL,
	"entry" text NOT NULL,
	"wish" text NOT NULL,
	"based_on" bigint,
	"author" text NOT NULL,
	"edited_by" text NOT NULL,
	"reviewer" text,
	"note" text,
	"verdict" text,
	"publish_at" bigint,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	"decided_at" bigint,
	"version" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "knowledge_gaps" ADD COLUMN "kind" text DEFAULT 'unanswered' NOT NULL;--> statement-breakpoint
ALTER TABLE "knowledge_gaps" ADD COLUMN "cluster_id" text;--> statement-breakpoint
ALTER TABLE "knowledge_entries" ADD COLUMN "state" text DEFAULT 'published' NOT NULL;--> statement-breakpoint
ALTER TABLE "knowledge_entries" ADD COLUMN "origin" text DEFAULT 'file' NOT NULL;--> statement-breakpoint
ALTER TABLE "knowledge_entries" ADD COLUMN "revision" bigint DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "knowledge_entries" ADD COLUMN "departments" text DEFAULT ',' NOT NULL;--> statement-breakpoint
ALTER TABLE "knowledge_entries" ADD COLUMN "owner" text;--> statement-breakpoint
ALTER TABLE "knowledge_entries" ADD COLUMN "change_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "knowledge_gap_clusters_state" ON "knowledge_gap_clusters" USING btree ("state","count");--> statement-breakpoint
CREATE INDEX "knowledge_memos_opened" ON "knowledge_memos" USING btree ("seat_id","opened_at");--> statement-breakpoint
CREATE INDEX "knowledge_tasks_state" ON "knowledge_tasks" USING btree ("state","due_on");--> statement-breakpoint
CREATE INDEX "knowledge_tasks_entry" ON "knowledge_tasks" USING btree ("entry_id");--> statement-breakpoint
CREATE UNIQUE INDEX "knowledge_revisions_number" ON "knowledge_revisions" USING btree ("entry_id","number");--> statement-breakpoint
CREATE UNIQUE INDEX "knowledge_revisions_open" ON "knowledge_revisions" USING btree ("entry_id") WHERE "knowledge_revisions"."state" in ('draft', 'review', 'returned', 'approved');--> statement-breakpoint
CREATE INDEX "knowledge_revisions_state" ON "knowledge_revisions" USING btree ("state","publish_at");--> statement-breakpoint
CREATE INDEX "knowledge_gaps_cluster" ON "knowledge_gaps" USING btree ("cluster_id","at");--> statement-breakpoint
CREATE INDEX "knowledge_entries_change" ON "knowledge_entries" USING btree ("change_seq");--> statement-breakpoint
CREATE INDEX "knowledge_entries_module" ON "knowledge_entries" USING btree ("state","module");--> statement-breakpoint
UPDATE knowledge_entries SET departments = ',' || (entry::json ->> 'department') || ',', owner = (entry::json ->> 'owner'), change_seq = numbered.place FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM knowledge_entries) AS numbered WHERE numbered.id = knowledge_entries.id;
