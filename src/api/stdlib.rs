//! The workflows and helpers that come inside the program.

macro_rules! embed {
    ($($name:literal => $file:literal),* $(,)?) => {
        /// Every embedded module: the name `require` takes, and its source.
        pub const MODULES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/stdlib/", $file)))),*];
    };
}

embed! {
    "again" => "again.lua",
    "cidr" => "cidr.lua",
    "closure" => "closure.lua",
    "compare" => "compare.lua",
    "context" => "context.lua",
    "disk" => "disk.lua",
    "hooks" => "hooks.lua",
    "index" => "index.lua",
    "inventory" => "inventory.lua",
    "lent_key" => "lent_key.lua",
    "mark" => "mark.lua",
    "match" => "match.lua",
    "move" => "move.lua",
    "neutron" => "neutron.lua",
    "planner" => "planner.lua",
    "power" => "power.lua",
    "precheck" => "precheck.lua",
    "quota" => "quota.lua",
    "resources" => "resources/init.lua",
    "resources.access" => "resources/access.lua",
    "resources.any_port" => "resources/any_port.lua",
    "resources.domain" => "resources/domain.lua",
    "resources.flavor" => "resources/flavor.lua",
    "resources.floating_ip" => "resources/floating_ip.lua",
    "resources.group" => "resources/group.lua",
    "resources.image" => "resources/image.lua",
    "resources.keypair" => "resources/keypair.lua",
    "resources.network" => "resources/network.lua",
    "resources.port" => "resources/port.lua",
    "resources.project" => "resources/project.lua",
    "resources.quota" => "resources/quota.lua",
    "resources.role" => "resources/role.lua",
    "resources.role_assignment" => "resources/role_assignment.lua",
    "resources.router" => "resources/router.lua",
    "resources.router_port" => "resources/router_port.lua",
    "resources.security_group" => "resources/security_group.lua",
    "resources.security_group_rules" => "resources/security_group_rules.lua",
    "resources.server" => "resources/server.lua",
    "resources.server_group" => "resources/server_group.lua",
    "resources.subnet" => "resources/subnet.lua",
    "resources.user" => "resources/user.lua",
    "resources.volume" => "resources/volume.lua",
    "select" => "select.lua",
    "server_move" => "server_move.lua",
    "workflows.discover" => "workflows/discover.lua",
    "workflows.migrate" => "workflows/migrate.lua",
    "zones" => "zones.lua",
}

/// Returns the names and sources of the embedded workflows.
pub fn workflows() -> impl Iterator<Item = (&'static str, &'static str)> {
    MODULES.iter().filter_map(|(name, source)| Some((name.strip_prefix("workflows.")?, *source)))
}
