--- Flavors: the id is kept, with extra specs and the list of projects that may use a private one. Matched by id, then by
--- name (`--map-flavor SOURCE=TARGET`). An existing flavor is never changed: servers of others depend on it.
---
--- @since 0.1
---
--- Example: moonferry run migrate --select flavor=m1.small

local compare = require "compare"
local match = require "match"

local flavor = { kind = "flavor", service = "compute" }

local FIELDS = { "vcpus", "ram", "disk", "ephemeral", "swap", "is_public", "extra_specs" }

function flavor.list(cloud)
  return cloud.compute:flavors({ is_public = "None" }):all()
end

--- By id or name. (A flavor that was deleted while servers still have it comes from those servers, with the id
--- "gone:NAME"; it gets a new id at the target.)
function flavor.get(cloud, name, _, inventory)
  local named = {}
  for _, candidate in ipairs(inventory:list("flavor", {})) do
    if candidate.id == name then
      return candidate
    elseif candidate.name == name then
      named[#named + 1] = candidate
    end
  end
  if #named == 0 then
    fail { kind = "not_found", message = ("%s has no flavor '%s'"):format(cloud.name, name) }
  end
  return named[1] -- names of flavors are unique
end

--- The flavor of a server. Since 2.47 Nova tells its name and size but not its id; the size must agree, because a
--- flavor may have been deleted and made anew under its name.
function flavor.of_server(server, ctx)
  local wanted = server.flavor
  for _, candidate in ipairs(ctx.at_source:list("flavor", {})) do
    if wanted.id and candidate.id == wanted.id then
      return candidate
    end
    local same = wanted.original_name == candidate.name
      and #compare.fields(wanted, candidate, { "vcpus", "ram", "disk", "ephemeral", "swap" }) == 0
    if not wanted.id and same then
      return candidate
    end
  end
end

--- The projects of the source that may use a private flavor.
function flavor.detail(object)
  return { access = object.is_public and {} or object:access() }
end

function flavor.after(object, ctx)
  local keys = {}
  for i, id in ipairs(ctx:detail("flavor", object).access) do
    keys[i] = ctx.key("project", id)
  end
  return keys
end

function flavor.match(object, ctx)
  local candidates = ctx.at_target:list("flavor", {})
  local mapped = match.mapped(ctx, "flavor", object)
  for _, candidate in ipairs(candidates) do
    if not mapped and candidate.id == object.id then
      local judged = match.judge({ object = object, fields = FIELDS }, candidate, "the same is at the target")
      if candidate.name ~= object.name and judged.state == "same" then
        judged.why = "the same is at the target as " .. candidate.name
      end
      return judged
    end
  end
  return match.pick(ctx, { kind = "flavor", object = object, candidates = candidates, fields = FIELDS })
end

function flavor.create(w, object, ctx)
  -- A flavor has no tags. Its id and name are unique, and both were free when the plan was made.
  local gone = object.id:find "^gone:" ~= nil
  local made = w:step("create", {
    retry = 2,
    find = function()
      return ctx.target.compute:find_flavor(gone and object.name or object.id, { is_public = "None" })
    end,
    run = function()
      return ctx.target.compute:create_flavor {
        id = not gone and object.id or nil,
        name = object.name,
        vcpus = object.vcpus,
        ram = object.ram,
        disk = object.disk,
        ephemeral = object.ephemeral,
        swap = object.swap,
        is_public = object.is_public,
      }
    end,
    undo = function(made)
      made:delete()
    end,
  })
  w:step("extra specs and access", {
    retry = 2,
    run = function()
      if next(object.extra_specs) then
        made:set_extra_specs(object.extra_specs)
      end
      local has = made.is_public and {} or made:access()
      local allowed = {}
      for _, id in ipairs(has) do
        allowed[id] = true
      end
      for _, id in ipairs(ctx:detail("flavor", object).access) do
        local project = ctx:find_target("project", id) -- projects that do not move need no access
        if project and not allowed[project] then
          made:add_access { project_id = project }
        end
      end
    end,
  })
  return made
end

function flavor.verify(object, made, ctx)
  local now = ctx.target.compute:flavor(made.id, { is_public = "None" })
  local differs = compare.fields(object, now, { "name", table.unpack(FIELDS) })
  if not object.id:find "^gone:" then
    compare.check(differs, "id", object.id, now.id)
  end
  return differs
end

return flavor
