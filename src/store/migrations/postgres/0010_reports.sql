CREATE TABLE "reports" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"period" text NOT NULL,
	"scope_kind" text NOT NULL,
	"scope_id" text NOT NULL,
	"title" text NOT NULL,
	"version" bigint NOT NULL,
	"state" text NOT NULL,
	"progress" bigint NOT NULL,
	"made_by" text NOT NULL,
	"roles" text NOT NULL,
	"asked_at" bigint NOT NULL,
	"made_at" bigint,
	"until" bigint,
	"failure" text,
	"attempts" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	"document" text,
	"holder" text,
	"lease_until" bigint,
	"once_key" text
);
--> statement-breakpoint
CREATE UNIQUE INDEX "reports_version" ON "reports" USING btree ("kind","period","scope_kind","scope_id","version");--> statement-breakpoint
CREATE UNIQUE INDEX "reports_once" ON "reports" USING btree ("once_key") WHERE "reports"."once_key" is not null;--> statement-breakpoint
CREATE INDEX "reports_asked" ON "reports" USING btree ("asked_at");--> statement-breakpoint
CREATE INDEX "reports_work" ON "reports" USING btree ("asked_at") WHERE "reports"."state" in ('asked', 'making');