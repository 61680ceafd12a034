CREATE TABLE "measure_cursors" (
	"source" text PRIMARY KEY NOT NULL,
	"cursor" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "measure_marks" (
	"source" text NOT NULL,
	"id" text NOT NULL,
	"counted" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "measure_marks_source_id_pk" PRIMARY KEY("source","id")
);
--> statement-breakpoint
CREATE TABLE "measure_rollups" (
	"measure" text NOT NULL,
	"dimension" text NOT NULL,
	"grain" text NOT NULL,
	"at" bigint NOT NULL,
	"key" text NOT NULL,
	"amount" bigint NOT NULL,
	"total" bigint NOT NULL,
	CONSTRAINT "measure_rollups_measure_dimension_grain_at_key_pk" PRIMARY KEY("measure","dimension","grain","at","key")
);
--> statement-breakpoint
CREATE INDEX "measure_marks_at" ON "measure_marks" USING btree ("at");--> statement-breakpoint
CREATE INDEX "ticket_events_at" ON "ticket_events" USING btree ("at");