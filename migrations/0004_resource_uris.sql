-- Clients see the stored URI from now on; so far they saw the resource's own.
UPDATE `server_resources` SET `name` = (SELECT `uri` FROM `resources` WHERE `resources`.`id` = `resource_id`);
