--- The plan: every object, what will become of it, and what stands in the way.
---
--- The plan is made once and journaled whole. A resume and an undo go by it, because the clouds look different by then:
--- half of the objects are at the target already, and servers are stopped that were running.
---
--- @since 0.1
---
--- Example:
---   local plan = w:step("plan", function() return require("planner").make(ctx) end)

local closure = require "closure"
local keys = require "lent_key"
local precheck = require "precheck"
local resources = require "resources"
local selection = require "select"

local planner = {}

local function no_counterpart(ctx, item)
  local remedy = "create it there, or take it along"
  if ctx.input["map_" .. item.kind] then
    remedy = ("create it there, or map it: --map-%s %s=NAME"):format(item.kind:gsub("_", "-"), item.name)
  end
  return {
    about = item.key,
    problem = ("%s '%s' is missing at %s"):format(item.kind, item.name, ctx.target.name),
    remedy = remedy,
  }
end

--- Turns what matching found, and what the operator wants in that case, into an action.
local function decide(ctx, item, found, findings)
  local handler = resources.handler(item.kind)
  item.target_id = found.target_id
  if found.state == "same" then
    item.action, item.why = "adopt", found.why
  elseif found.state == "conflict" then
    local policy = ctx:on_conflict(item.kind)
    item.differs, item.why = found.differs, table.concat(found.differs, "; ")
    item.action = ({ fail = "conflict", adopt = "adopt", skip = "skip" })[policy]
    if policy == "fail" then
      findings[#findings + 1] = {
        about = item.key,
        problem = ("%s '%s' is at %s but differs: %s"):format(item.kind, item.name, ctx.target.name, item.why),
        remedy = ("make them equal, or choose --on-conflict %s=adopt (use it as it is) or =skip"):format(item.kind),
      }
    elseif policy == "skip" then
      item.target_id = nil
    end
  elseif found.state == "invalid" then
    item.action, item.why = "conflict", found.why
    findings[#findings + 1] = { about = item.key, problem = found.why, remedy = "give an id instead of a name" }
  elseif handler.reference and handler.reference(item.object, ctx) then
    item.action, item.why = "missing", "only looked up at the target"
    findings[#findings + 1] = no_counterpart(ctx, item)
  elseif not ctx.input.deps and not item.selected and item.kind ~= "access" then
    item.action, item.why = "missing", "not selected, and --no-deps takes just the selection"
    findings[#findings + 1] = no_counterpart(ctx, item)
  else
    item.action, item.why = "create", item.selected and "selected" or "needed"
  end
end

--- The items in waves: each needs only what is in the waves before it.
local function waves(ctx, items)
  local level, in_waves = {}, {}
  local function level_of(item, above)
    if not level[item.key] then
      if above[item.key] then
        fail { kind = "script", message = "these need each other in a circle: " .. item.key }
      end
      above[item.key] = true
      local highest = 0
      for _, key in ipairs(item.needs) do
        highest = math.max(highest, level_of(ctx.items[key], above))
      end
      above[item.key] = nil
      level[item.key] = highest + 1
    end
    return level[item.key]
  end
  for _, item in ipairs(items) do
    local at = level_of(item, {})
    in_waves[at] = in_waves[at] or {}
    table.insert(in_waves[at], item)
  end
  return in_waves
end

--- Matches wave after wave, because an object can only be recognised once the objects it refers to are.
local function match_all(ctx, items, findings)
  for _, wave in ipairs(waves(ctx, items)) do
    local found = parallel(wave, { limit = 16 }, function(item)
      return resources.handler(item.kind).match(item.object, ctx)
    end)
    for i, item in ipairs(wave) do
      decide(ctx, item, found[i], findings)
      if item.target_id then
        ctx:learn(item.key, item.target_id)
      end
    end
  end
end

--- What needs something that is skipped is skipped too, and says why.
local function spread_skips(ctx, items)
  for _, wave in ipairs(waves(ctx, items)) do
    for _, item in ipairs(wave) do
      for _, key in ipairs(item.needs) do
        local need = ctx.items[key]
        if need.action == "skip" and item.action == "create" then
          item.action, item.why = "skip", ("needs %s '%s', which is skipped"):format(need.kind, need.name)
        end
      end
    end
  end
end

--- Volumes of a server that moves go with it, because they may only be read once it is stopped.
local function carry_volumes(ctx, items)
  for _, item in ipairs(items) do
    if item.kind == "server" and item.action == "create" then
      for _, key in ipairs(item.needs) do
        local volume = ctx.items[key]
        if volume.kind == "volume" and volume.action == "create" then
          volume.carried_by, volume.why = item.key, "moves with server " .. item.name
        end
      end
    end
  end
end

--- A project is entered only where something has to be made from inside.
local function leave_out_access(ctx, items)
  local used = {}
  for _, item in ipairs(items) do
    if item.action == "create" and item.kind ~= "access" then
      for _, key in ipairs(item.needs) do
        used[key] = true
      end
    end
  end
  for _, item in ipairs(items) do
    if item.kind == "access" and item.action == "create" and not used[item.key] then
      item.action, item.why = "adopt", "nothing has to be made inside"
      item.target_id = ctx:find_target("project", item.id)
    end
  end
end

--- The order of execution: `needs`, and `after` where both are in the plan.
local function order(ctx, items)
  for _, item in ipairs(items) do
    local handler = resources.handler(item.kind)
    local before, seen = {}, {}
    local function add(key)
      local other = ctx.items[key]
      if other and not seen[key] and not other.carried_by and other.action ~= "skip" and key ~= item.key then
        seen[key] = true
        before[#before + 1] = key
      end
    end
    for _, key in ipairs(item.needs) do
      add(key)
    end
    for _, key in ipairs(handler.after and handler.after(item.object, ctx) or {}) do
      add(key)
    end
    if item.project and item.kind ~= "quota" and item.kind ~= "access" then
      add(ctx.key("quota", item.project)) -- what a project may use is set before anything is made in it
    end
    item.before = before
  end
end

--- What it costs: bytes over the wire, seconds of downtime, quota.
local function estimate(ctx, items)
  for _, item in ipairs(items) do
    local handler = resources.handler(item.kind)
    if item.action == "create" then
      item.bytes = handler.bytes and handler.bytes(item.object, ctx) or 0
      item.demand = handler.demand and handler.demand(item.object, ctx) or {}
      item.notes = handler.notes and handler.notes(item.object, ctx) or {}
      item.downtime = handler.downtime and handler.downtime(item.object, ctx)
    end
  end
end

--- Makes the plan: { items = { … }, findings = { { about, problem, remedy }, … }, own_keys = { … } }.
function planner.make(ctx)
  precheck.credentials(ctx)
  local wanted = selection.wanted(ctx)
  for _, one in ipairs(wanted) do
    local project = resources.project(resources.handler(one.kind), one.object)
    ctx.projects[one.kind == "project" and one.object.id or project or ""] = true
  end
  local items = closure.close(ctx, wanted)
  ctx.own_keys = ctx.target:has "compute" and keys.own(ctx) or {}
  local findings = {}
  match_all(ctx, items, findings)
  spread_skips(ctx, items)
  carry_volumes(ctx, items)
  leave_out_access(ctx, items)
  estimate(ctx, items)
  order(ctx, items)
  precheck.plan(ctx, items, findings)
  return { items = items, findings = findings, own_keys = ctx.own_keys }
end

--- Takes a plan into the context: after a resume it comes from the journal.
function planner.use(ctx, plan)
  ctx.own_keys = plan.own_keys
  for _, item in ipairs(plan.items) do
    ctx.items[item.key] = item
    if item.target_id then
      ctx:learn(item.key, item.target_id)
    end
  end
end

local function shown_demand(demand)
  local parts = {}
  for name, count in pairs(demand or {}) do
    parts[#parts + 1] = ("%s %d"):format(name, count)
  end
  table.sort(parts)
  return table.concat(parts, ", ")
end

--- The plan as rows for the operator, in the order in which kinds depend on each other.
function planner.rows(plan)
  local place, rows = {}, {}
  for i, kind in ipairs(resources.KINDS) do
    place[kind] = i
  end
  local sorted = sort_by(plan.items, function(item)
    return place[item.kind] or #resources.KINDS + 1
  end)
  for i, item in ipairs(sorted) do
    rows[i] = {
      kind = item.kind,
      name = item.name,
      action = item.action,
      why = item.why or "",
      bytes = (item.bytes or 0) > 0 and fmt.bytes(item.bytes) or "",
      downtime = item.downtime and "about " .. fmt.duration(item.downtime) or "",
      quota = shown_demand(item.demand),
    }
  end
  return rows
end

return planner
