CREATE INDEX "trail_actor" ON "trail" USING btree ("actor","seq");--> statement-breakpoint
CREATE INDEX "trail_action" ON "trail" USING btree ("action","seq");--> statement-breakpoint
CREATE INDEX "trail_subject" ON "trail" USING btree ("subject","seq");--> statement-breakpoint
CREATE INDEX "trail_at" ON "trail" USING btree ("at");