CREATE TABLE `prompts` (
	`id` text PRIMARY KEY NOT NULL,
	`description` text,
	`enabled` integer DEFAULT true NOT NULL,
	`tags` text DEFAULT '[]' NOT NULL,
	`visibility` text DEFAULT 'public' NOT NULL,
	`owner_email` text,
	`team_id` text,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`created_by` text,
	`created_from_ip` text,
	`created_via` text,
	`created_user_agent` text,
	`modified_by` text,
	`modified_from_ip` text,
	`modified_via` text,
	`modified_user_agent` text,
	`upstream_id` text,
	`name` text NOT NULL,
	`original_name` text NOT NULL,
	`definition` text NOT NULL,
	`template` text,
	FOREIGN KEY (`upstream_id`) REFERENCES `upstreams`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `prompts_name_unique` ON `prompts` (`name`);--> statement-breakpoint
CREATE INDEX `prompts_upstream` ON `prompts` (`upstream_id`);--> statement-breakpoint
CREATE TABLE `resources` (
	`id` text PRIMARY KEY NOT NULL,
	`description` text,
	`enabled` integer DEFAULT true NOT NULL,
	`tags` text DEFAULT '[]' NOT NULL,
	`visibility` text DEFAULT 'public' NOT NULL,
	`owner_email` text,
	`team_id` text,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`created_by` text,
	`created_from_ip` text,
	`created_via` text,
	`created_user_agent` text,
	`modified_by` text,
	`modified_from_ip` text,
	`modified_via` text,
	`modified_user_agent` text,
	`upstream_id` text,
	`uri` text NOT NULL,
	`name` text NOT NULL,
	`template` integer DEFAULT false NOT NULL,
	`definition` text NOT NULL,
	`content` text,
	FOREIGN KEY (`upstream_id`) REFERENCES `upstreams`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `resources_upstream` ON `resources` (`upstream_id`);--> statement-breakpoint
CREATE INDEX `resources_uri` ON `resources` (`uri`);--> statement-breakpoint
CREATE TABLE `tools` (
	`id` text PRIMARY KEY NOT NULL,
	`description` text,
	`enabled` integer DEFAULT true NOT NULL,
	`tags` text DEFAULT '[]' NOT NULL,
	`visibility` text DEFAULT 'public' NOT NULL,
	`owner_email` text,
	`team_id` text,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`created_by` text,
	`created_from_ip` text,
	`created_via` text,
	`created_user_agent` text,
	`modified_by` text,
	`modified_from_ip` text,
	`modified_via` text,
	`modified_user_agent` text,
	`upstream_id` text,
	`name` text NOT NULL,
	`original_name` text NOT NULL,
	`display_name` text,
	`definition` text NOT NULL,
	`rest` text,
	`deprecated` integer DEFAULT false NOT NULL,
	FOREIGN KEY (`upstream_id`) REFERENCES `upstreams`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tools_name_unique` ON `tools` (`name`);--> statement-breakpoint
CREATE INDEX `tools_upstream` ON `tools` (`upstream_id`);--> statement-breakpoint
CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` text NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`target_type` text NOT NULL,
	`target_id` text NOT NULL,
	`detail` text NOT NULL,
	`request_id` text NOT NULL,
	`ip` text
);
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`);--> statement-breakpoint
CREATE TABLE `revocations` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `revocations_id_unique` ON `revocations` (`id`);--> statement-breakpoint
CREATE TABLE `stamps` (
	`name` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `users` (
	`email` text PRIMARY KEY NOT NULL,
	`full_name` text,
	`is_admin` integer DEFAULT false NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `server_prompts` (
	`server_id` text NOT NULL,
	`prompt_id` text NOT NULL,
	`name` text NOT NULL,
	`position` integer NOT NULL,
	PRIMARY KEY(`server_id`, `prompt_id`),
	FOREIGN KEY (`server_id`) REFERENCES `servers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`prompt_id`) REFERENCES `prompts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `server_resources` (
	`server_id` text NOT NULL,
	`resource_id` text NOT NULL,
	`name` text NOT NULL,
	`position` integer NOT NULL,
	PRIMARY KEY(`server_id`, `resource_id`),
	FOREIGN KEY (`server_id`) REFERENCES `servers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`resource_id`) REFERENCES `resources`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `server_tools` (
	`server_id` text NOT NULL,
	`tool_id` text NOT NULL,
	`name` text NOT NULL,
	`position` integer NOT NULL,
	PRIMARY KEY(`server_id`, `tool_id`),
	FOREIGN KEY (`server_id`) REFERENCES `servers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tool_id`) REFERENCES `tools`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `servers` (
	`id` text PRIMARY KEY NOT NULL,
	`description` text,
	`enabled` integer DEFAULT true NOT NULL,
	`tags` text DEFAULT '[]' NOT NULL,
	`visibility` text DEFAULT 'public' NOT NULL,
	`owner_email` text,
	`team_id` text,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`created_by` text,
	`created_from_ip` text,
	`created_via` text,
	`created_user_agent` text,
	`modified_by` text,
	`modified_from_ip` text,
	`modified_via` text,
	`modified_user_agent` text,
	`name` text NOT NULL,
	`icon` text,
	`instructions` text,
	`open` integer DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `servers_name_unique` ON `servers` (`name`);--> statement-breakpoint
CREATE TABLE `upstreams` (
	`id` text PRIMARY KEY NOT NULL,
	`description` text,
	`enabled` integer DEFAULT true NOT NULL,
	`tags` text DEFAULT '[]' NOT NULL,
	`visibility` text DEFAULT 'public' NOT NULL,
	`owner_email` text,
	`team_id` text,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`created_by` text,
	`created_from_ip` text,
	`created_via` text,
	`created_user_agent` text,
	`modified_by` text,
	`modified_from_ip` text,
	`modified_via` text,
	`modified_user_agent` text,
	`name` text NOT NULL,
	`slug` text NOT NULL,
	`url` text NOT NULL,
	`transport` text DEFAULT 'auto' NOT NULL,
	`era` text NOT NULL,
	`era_found_at` text NOT NULL,
	`protocol_version` text NOT NULL,
	`sessionful` integer DEFAULT false NOT NULL,
	`capabilities` text DEFAULT '{}' NOT NULL,
	`server_info` text,
	`instructions` text,
	`reachable` integer DEFAULT true NOT NULL,
	`last_seen` text,
	`last_error` text,
	`last_refresh_at` text,
	`problems` text DEFAULT '[]' NOT NULL,
	`auth_type` text DEFAULT 'none' NOT NULL,
	`auth_sealed` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `upstreams_name_unique` ON `upstreams` (`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `upstreams_slug_unique` ON `upstreams` (`slug`);--> statement-breakpoint
INSERT INTO `stamps` (`name`, `version`) VALUES ('catalog', 1), ('access', 1);
