ALTER TABLE `prompts` ADD `available` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `resources` ADD `available` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `tools` ADD `available` integer DEFAULT true NOT NULL;