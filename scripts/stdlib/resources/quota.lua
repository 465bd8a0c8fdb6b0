--- Quotas: what a project may use of compute, network and block storage. They move before anything else of the project.
---
--- @since 0.1
---
--- Example: moonferry run migrate --project web --only quota

local compare = require "compare"

local quota = { kind = "quota", service = "compute", in_project = true }

--- The limits that both releases know by the same name; Nova's file injection went away and volume types differ.
local LIMITS = {
  compute = { "instances", "cores", "ram", "key_pairs", "metadata_items", "server_groups", "server_group_members" },
  network = { "network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule" },
  volume = { "volumes", "snapshots", "gigabytes", "per_volume_gigabytes", "backups", "backup_gigabytes" },
}

local SERVICES = { "compute", "network", "volume" }

local function read(cloud, project)
  local all = { id = project }
  parallel(SERVICES, function(service)
    if cloud:has(service) then
      local limits = cloud[service]:quota { project = project }
      all[service] = {}
      for _, name in ipairs(LIMITS[service]) do
        all[service][name] = limits[name]
      end
    end
  end)
  return all
end

function quota.list(cloud, scope)
  return { quota.get(cloud, scope.project) }
end

--- The id is the project's.
function quota.get(cloud, project)
  local found = read(cloud, project)
  found.name = cloud.identity:project(project).name
  return found
end

function quota.project(object)
  return object.id
end

function quota.needs(object)
  return { { kind = "project", id = object.id } }
end

--- The limits that both sides have, which is all that can be compared and set.
local function differences(object, other)
  local differs = {}
  for _, service in ipairs(SERVICES) do
    for _, name in ipairs(object[service] and other[service] and LIMITS[service] or {}) do
      local source, target = object[service][name], other[service][name]
      if source ~= nil and target ~= nil then
        compare.check(differs, service .. "." .. name, source, target)
      end
    end
  end
  return differs
end

function quota.match(object, ctx)
  local project = ctx:find_target("project", object.id)
  if not project then
    return { state = "missing" }
  end
  local differs = differences(object, read(ctx.target, project))
  if #differs == 0 then
    return { state = "same", target_id = project, why = "the limits are equal" }
  end
  return { state = "conflict", target_id = project, differs = differs }
end

local function set(ctx, project, limits)
  for _, service in ipairs(SERVICES) do
    if limits[service] and ctx.target:has(service) then
      ctx.target[service]:set_quota { project = project, values = limits[service] }
    end
  end
end

function quota.create(w, object, ctx)
  local project = ctx:target_id("project", object.id)
  -- What was before is journaled first: after a kill in the middle of `set` nobody could tell any more.
  local before = w:step("before", function()
    return read(ctx.target, project)
  end)
  w:step("set", {
    retry = 2,
    run = function()
      local limits = {}
      for _, service in ipairs(SERVICES) do
        for name, limit in pairs(object[service] or {}) do
          if before[service] and before[service][name] ~= nil then
            limits[service] = limits[service] or {}
            limits[service][name] = limit
          end
        end
      end
      set(ctx, project, limits)
    end,
    undo = function()
      if ctx:made_here("project", object.id) then
        for _, service in ipairs(SERVICES) do
          if ctx.target:has(service) then
            ctx.target[service]:reset_quota { project = project } -- no trace of a project that goes again
          end
        end
      else
        set(ctx, project, before)
      end
    end,
  })
  return { id = project }
end

function quota.verify(object, made, ctx)
  return differences(object, read(ctx.target, made.id))
end

return quota
