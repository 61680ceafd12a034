CREATE TABLE "quality_findings" (
	"inspection_id" text NOT NULL,
	"number" bigint NOT NULL,
	"rule" text NOT NULL,
	"seat_id" text,
	"severity" text NOT NULL,
	"points" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"start_at" bigint NOT NULL,
	"end_at" bigint NOT NULL,
	"sentence" text NOT NULL,
	"why" text NOT NULL,
	"verdict" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "quality_findings_inspection_id_number_pk" PRIMARY KEY("inspection_id","number")
);
--> statement-breakpoint
CREATE TABLE "quality_inspections" (
	"id" text PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"conversation_id" text NOT NULL,
	"period_id" text,
	"channel" text NOT NULL,
	"modality" text NOT NULL,
	"group_id" text,
	"seat_id" text NOT NULL,
	"from_seq" bigint NOT NULL,
	"to_seq" bigint NOT NULL,
	"started_at" bigint NOT NULL,
	"ended_at" bigint NOT NULL,
	"rules_version" text NOT NULL,
	"score" bigint NOT NULL,
	"automatic_score" bigint NOT NULL,
	"fatal" boolean NOT NULL,
	"state" text NOT NULL,
	"sampled_for" text,
	"inspector_id" text,
	"judged_at" bigint,
	"note" text,
	"appeal_by" bigint,
	"appeal" text,
	"appealed_at" bigint,
	"rejudged_by" text,
	"rejudgement" text,
	"final_at" bigint,
	"created_at" bigint NOT NULL,
	"version" bigint NOT NULL,
	CONSTRAINT "quality_inspections_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "quality_rules" (
	"version" text PRIMARY KEY NOT NULL,
	"body" text NOT NULL,
	"since" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "quality_findings_rule" ON "quality_findings" USING btree ("rule","at");--> statement-breakpoint
CREATE INDEX "quality_findings_at" ON "quality_findings" USING btree ("at");--> statement-breakpoint
CREATE INDEX "quality_inspections_ended" ON "quality_inspections" USING btree ("ended_at","id");--> statement-breakpoint
CREATE INDEX "quality_inspections_state" ON "quality_inspections" USING btree ("state","ended_at");--> statement-breakpoint
CREATE INDEX "quality_inspections_seat" ON "quality_inspections" USING btree ("seat_id","ended_at");--> statement-breakpoint
CREATE INDEX "quality_inspections_conversation" ON "quality_inspections" USING btree ("conversation_id","ended_at");--> statement-breakpoint
CREATE INDEX "quality_inspections_appeal" ON "quality_inspections" USING btree ("state","appeal_by") WHERE "quality_inspections"."appeal_by" is not null;