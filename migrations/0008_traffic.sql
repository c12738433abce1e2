CREATE TABLE `definitions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`entity_id` text NOT NULL,
	`upstream_id` text,
	`hash` text NOT NULL,
	`definition` text NOT NULL,
	`seen_at` text NOT NULL,
	`decision` text,
	`decided_by` text,
	`decided_at` text
);
--> statement-breakpoint
CREATE INDEX `definitions_entity` ON `definitions` (`entity_id`);--> statement-breakpoint
CREATE INDEX `definitions_decision` ON `definitions` (`decision`);--> statement-breakpoint
CREATE TABLE `call_payloads` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`segment_id` integer NOT NULL,
	`server_id` text NOT NULL,
	`data` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `call_payloads_segment` ON `call_payloads` (`segment_id`);--> statement-breakpoint
CREATE INDEX `call_payloads_expiry` ON `call_payloads` (`expires_at`);--> statement-breakpoint
CREATE TABLE `call_segments` (
	`id` integer PRIMARY KEY NOT NULL,
	`isolate` text NOT NULL,
	`flushes` integer NOT NULL,
	`calls` integer NOT NULL,
	`errors` integer NOT NULL,
	`sums` text NOT NULL,
	`lines` text NOT NULL,
	`counted` integer DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE `rollups` (
	`period` text NOT NULL,
	`start` integer NOT NULL,
	`sums` text NOT NULL,
	PRIMARY KEY(`period`, `start`)
);
--> statement-breakpoint
CREATE TABLE `saved_filters` (
	`id` text PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`page` text NOT NULL,
	`name` text NOT NULL,
	`query` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `saved_filters_owner` ON `saved_filters` (`owner`,`page`);--> statement-breakpoint
CREATE TABLE `upkeep` (
	`task` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`webhook_id` text NOT NULL,
	`event` text NOT NULL,
	`body` text NOT NULL,
	`created_at` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_at` integer,
	`status` text DEFAULT 'waiting' NOT NULL,
	`last_result` text,
	`delivered_at` text,
	FOREIGN KEY (`webhook_id`) REFERENCES `webhooks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_next` ON `webhook_deliveries` (`next_at`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_webhook` ON `webhook_deliveries` (`webhook_id`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`url` text NOT NULL,
	`events` text DEFAULT '[]' NOT NULL,
	`secret_sealed` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`created_by` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `webhooks_name_unique` ON `webhooks` (`name`);--> statement-breakpoint
ALTER TABLE `tools` ADD `hash` text;--> statement-breakpoint
ALTER TABLE `tools` ADD `approved_hash` text;--> statement-breakpoint
ALTER TABLE `server_tools` ADD `hash` text;--> statement-breakpoint
ALTER TABLE `servers` ADD `include_new` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `servers` ADD `payloads` text DEFAULT 'off' NOT NULL;--> statement-breakpoint
ALTER TABLE `servers` ADD `payload_days` integer DEFAULT 7 NOT NULL;--> statement-breakpoint
ALTER TABLE `upstreams` ADD `auto_approve` integer DEFAULT false NOT NULL;