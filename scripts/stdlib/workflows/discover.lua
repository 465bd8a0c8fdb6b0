--- Discover: what a cloud has. Services and endpoints, every kind of resource with its count and rows, and what a chosen
--- object depends on.
---
--- It changes nothing and returns its tables, so that `-f json` gives all of it to other programs.
---
--- @since 0.1

local context = require "context"
local inventory = require "inventory"
local resources = require "resources"

--- What is listed, and the columns that say most about it. `filters` ask for more than our own project's.
local SHOWN = {
  { "identity", "domains", { "id", "name", "enabled" } },
  { "identity", "projects", { "id", "name", "domain_id", "enabled" } },
  { "identity", "users", { "id", "name", "domain_id", "enabled" } },
  { "identity", "groups", { "id", "name", "domain_id" } },
  { "identity", "roles", { "id", "name" } },
  { "compute", "flavors", { "id", "name", "vcpus", "ram", "disk", "is_public" }, { is_public = "None" } },
  { "compute", "hypervisors", { "id", "hypervisor_hostname", "state", "status" } },
  { "compute", "server_groups", { "id", "name", "policy", "project_id" }, { all_projects = true } },
  { "compute", "servers", { "id", "name", "status", "project_id", "host" }, { all_projects = true } },
  { "image", "images", { "id", "name", "status", "size", "visibility", "owner" } },
  { "network", "networks", { "id", "name", "project_id", "shared", "router_external" } },
  { "network", "subnets", { "id", "name", "cidr", "network_id", "project_id" } },
  { "network", "routers", { "id", "name", "status", "project_id" } },
  { "network", "ports", { "id", "name", "mac_address", "device_owner", "device_id", "network_id" } },
  { "network", "floating_ips", { "id", "floating_ip_address", "port_id", "project_id" } },
  { "network", "security_groups", { "id", "name", "project_id" } },
  { "volume", "volume_types", { "id", "name", "is_public" } },
  { "volume", "volumes", { "id", "name", "status", "size", "volume_type", "project_id" }, { all_projects = true } },
  { "volume", "snapshots", { "id", "name", "status", "size", "volume_id" }, { all_projects = true } },
}

--- All rows of one kind: only the columns, because 100,000 whole objects would fill the memory.
local function rows(the_cloud, service, plural, columns, filters)
  local found = {}
  for object in the_cloud[service][plural](the_cloud[service], filters) do
    local row = {}
    for _, column in ipairs(columns) do
      row[column] = object[column]
    end
    found[#found + 1] = row
  end
  return found
end

local function everything(the_cloud, project)
  local wanted = {}
  for _, one in ipairs(SHOWN) do
    if the_cloud:has(one[1]) then
      wanted[#wanted + 1] = one
    end
  end
  local lists = parallel(wanted, { limit = 8 }, function(one)
    return rows(the_cloud, table.unpack(one, 1, 4))
  end)
  local found = {}
  for i, one in ipairs(wanted) do
    local kept = {}
    for _, row in ipairs(lists[i]) do
      if not project or row.project_id == nil or row.project_id == project then
        kept[#kept + 1] = row
      end
    end
    found[one[2]] = kept
  end
  return found, wanted
end

--- An object and, indented below it, what it needs; an object that came up before is only named.
local function tree(ctx, kind, object, depth, seen, lines)
  local handler = resources.handler(kind)
  local key = ctx.key(kind, resources.id(handler, object))
  local again = seen[key]
  lines[#lines + 1] = {
    tree = ("  "):rep(depth) .. kind .. " " .. resources.name(handler, object) .. (again and " (see above)" or ""),
    id = resources.id(handler, object),
  }
  if again then
    return
  end
  seen[key] = true
  for _, need in ipairs(handler.needs and handler.needs(object, ctx) or {}) do
    local below = need.kind ~= "access" and (need.object or ctx.at_source:get(need.kind, need.id))
    if below then
      tree(ctx, need.kind, below, depth + 1, seen, lines)
    end
  end
end

local function dependencies(the_cloud, text)
  local kind, name = text:match "^([%w_]+)=(.+)$"
  if not kind then
    fail { kind = "invalid", message = ("--object takes KIND=NAME_OR_ID, not '%s'"):format(text) }
  end
  local at = inventory.of(the_cloud)
  local ctx = setmetatable({
    input = { on_conflict = {} },
    source = the_cloud,
    at_source = at,
    items = {},
    ids = {},
    projects = {},
  }, context)
  local lines = {}
  tree(ctx, kind, resources.handler(kind).get(the_cloud, name, {}, at), 0, {}, lines)
  return lines
end

local function run(w, input)
  local the_cloud = cloud(input.cloud)
  if input.object then
    local lines = dependencies(the_cloud, input.object)
    w:show("What " .. input.object .. " needs", lines)
    return { dependencies = lines }
  end
  local services = the_cloud:services()
  w:show("Services of " .. the_cloud.name, services)
  local project = input.project and the_cloud.identity:project(input.project).id
  local found, wanted = everything(the_cloud, project)
  local counts = {}
  for i, one in ipairs(wanted) do
    counts[i] = { service = one[1], kind = one[2], count = #found[one[2]] }
  end
  w:show("Resources", counts)
  for _, one in ipairs(input.kind) do
    local list = found[one] or found[one .. "s"]
    if not list then
      fail { kind = "invalid", message = ("--kind %s: not one of the kinds above"):format(one) }
    end
    w:show(one, list)
  end
  return { services = services, counts = counts, resources = found }
end

return workflow.define {
  name = "discover",
  summary = "Shows what a cloud has: services, resources, and what an object depends on.",
  input = {
    cloud = { type = "string", doc = "The cloud: an entry of clouds.yaml." },
    project = { type = "string?", doc = "Only this project's resources." },
    kind = { type = "string[]", doc = "Show the rows of this kind, not only how many there are." },
    object = { type = "string?", doc = "Show what this object depends on: KIND=NAME_OR_ID." },
  },
  examples = {
    "moonferry run discover --cloud old",
    "moonferry run discover --cloud old --kind servers",
    "moonferry run discover --cloud old --object server=web-1",
  },
  run = run,
}
