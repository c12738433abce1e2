CREATE TABLE `__new_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_email` text NOT NULL,
	`created_at` text NOT NULL,
	`last_seen_at` text NOT NULL,
	`ends_at` integer NOT NULL,
	`idle_at` integer NOT NULL,
	`started_by` text NOT NULL,
	`token_id` text,
	`ip` text,
	`user_agent` text
);
--> statement-breakpoint
INSERT INTO `__new_sessions`("id", "user_email", "created_at", "last_seen_at", "ends_at", "idle_at", "started_by", "token_id", "ip", "user_agent") SELECT "id", "user_email", "created_at", "last_seen_at", "ends_at", "idle_at", "started_by", NULL, "ip", "user_agent" FROM `sessions`;--> statement-breakpoint
DROP TABLE `sessions`;--> statement-breakpoint
ALTER TABLE `__new_sessions` RENAME TO `sessions`;--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_email`);