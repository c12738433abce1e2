ALTER TABLE `upstreams` ADD `era_evidence` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `upstreams` ADD `era_change` text;--> statement-breakpoint
ALTER TABLE `upstreams` ADD `live` integer DEFAULT false NOT NULL;