--- Quotas: does what the plan makes fit into what the target project may use?
---
--- Where the plan copies the source's quota to the target, those limits count; else the target's own. Limits of -1 are
--- none.
---
--- @since 0.1
---
--- Example:
---   quota.check(ctx, items, findings)

local quota = {}

--- Which service keeps the limit of what: names as in the quotas of Nova, Neutron and Cinder.
quota.SERVICES = {
  compute = { "instances", "cores", "ram", "server_groups" },
  network = { "network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule" },
  volume = { "volumes", "gigabytes" },
}

--- What `openstack quota set` calls them, where it is another word.
local FLAGS = {
  network = "networks", subnet = "subnets", port = "ports", router = "routers", floatingip = "floating-ips",
  security_group = "secgroups", security_group_rule = "secgroup-rules", server_groups = "server-groups",
}

local function demand_of(items)
  local by_project = {}
  for _, item in ipairs(items) do
    if item.action == "create" and item.project then
      local sum = by_project[item.project] or {}
      by_project[item.project] = sum
      for name, count in pairs(item.demand or {}) do
        sum[name] = (sum[name] or 0) + count
      end
    end
  end
  return by_project
end

--- The limits that will hold in a project's counterpart, and what is used there already, for one service.
local function limits(ctx, project, service)
  local target = ctx:find_target("project", project)
  local usage = target and ctx.target[service]:quota_usage { project = target } or {}
  local copied = ctx:item("quota", project)
  if copied and copied.action == "create" then
    return copied.object[service] or {}, usage
  end
  if not target then
    return {}, usage -- a new project gets the defaults, which nobody can be asked for before it exists
  end
  return ctx.target[service]:quota { project = target }, usage
end

local function check_service(ctx, project, service, demand, findings)
  local asked = {}
  for _, name in ipairs(quota.SERVICES[service]) do
    asked[#asked + 1] = demand[name] and name
  end
  if #asked == 0 or not ctx.target:has(service) then
    return
  end
  local limit, usage = limits(ctx, project, service)
  for _, name in ipairs(asked) do
    local used = usage[name] and usage[name].in_use or 0
    local most = limit[name]
    if most and most >= 0 and used + demand[name] > most then
      findings[#findings + 1] = {
        about = "project/" .. project,
        problem = ("the %s quota of project '%s' at %s is too small: %s may be %d, %d are used, %d more are needed"):format(
          service,
          ctx:name("project", project),
          ctx.target.name,
          name,
          most,
          used,
          demand[name]
        ),
        remedy = ("raise it there: openstack quota set --%s %d %s"):format(
          FLAGS[name] or name,
          used + demand[name],
          ctx:find_target("project", project) or ctx:name("project", project)
        ),
      }
    end
  end
end

--- Adds a finding for every limit that the plan would run into.
function quota.check(ctx, items, findings)
  local asked = {}
  for project, demand in pairs(demand_of(items)) do
    for service in pairs(quota.SERVICES) do
      asked[#asked + 1] = { project = project, service = service, demand = demand }
    end
  end
  parallel(asked, { limit = 8 }, function(one)
    check_service(ctx, one.project, one.service, one.demand, findings)
  end)
end

return quota
