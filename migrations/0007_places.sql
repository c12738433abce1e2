DROP INDEX `prompts_name_unique`;--> statement-breakpoint
CREATE UNIQUE INDEX `prompts_name_in_place` ON `prompts` (`name`,CASE "visibility" WHEN 'public' THEN '' WHEN 'team' THEN 'team:' || "team_id" ELSE 'user:' || "owner_email" END);--> statement-breakpoint
DROP INDEX `resources_own_uri`;--> statement-breakpoint
CREATE UNIQUE INDEX `resources_uri_in_place` ON `resources` (`uri`,CASE "visibility" WHEN 'public' THEN '' WHEN 'team' THEN 'team:' || "team_id" ELSE 'user:' || "owner_email" END) WHERE "resources"."upstream_id" IS NULL;--> statement-breakpoint
DROP INDEX `tools_name_unique`;--> statement-breakpoint
CREATE UNIQUE INDEX `tools_name_in_place` ON `tools` (`name`,CASE "visibility" WHEN 'public' THEN '' WHEN 'team' THEN 'team:' || "team_id" ELSE 'user:' || "owner_email" END);--> statement-breakpoint
DROP INDEX `servers_name_unique`;--> statement-breakpoint
CREATE UNIQUE INDEX `servers_name_in_place` ON `servers` (`name`,CASE "visibility" WHEN 'public' THEN '' WHEN 'team' THEN 'team:' || "team_id" ELSE 'user:' || "owner_email" END);--> statement-breakpoint
DROP INDEX `upstreams_name_unique`;--> statement-breakpoint
DROP INDEX `upstreams_slug_unique`;--> statement-breakpoint
CREATE UNIQUE INDEX `upstreams_name_in_place` ON `upstreams` (`name`,CASE "visibility" WHEN 'public' THEN '' WHEN 'team' THEN 'team:' || "team_id" ELSE 'user:' || "owner_email" END);--> statement-breakpoint
CREATE UNIQUE INDEX `upstreams_slug_in_place` ON `upstreams` (`slug`,CASE "visibility" WHEN 'public' THEN '' WHEN 'team' THEN 'team:' || "team_id" ELSE 'user:' || "owner_email" END);