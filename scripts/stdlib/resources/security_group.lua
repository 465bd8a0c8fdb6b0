--- Security groups, without their rules: those follow in a second pass (security_group_rules), when all groups that they
--- may refer to are there. Matched by name in the project; every project has its own group "default" from the start.
---
--- @since 0.1
---
--- Example: moonferry run migrate --select security_group=web

local compare = require "compare"
local mark = require "mark"
local match = require "match"
local neutron = require "neutron"

local security_group = { kind = "security_group", service = "network", in_project = true }

function security_group.list(cloud, scope)
  return cloud.network:security_groups({ project_id = scope.project }):all()
end

function security_group.get(cloud, name, scope)
  return cloud.network:security_group(name, { project_id = scope.project })
end

function security_group.project(object)
  return object.project_id
end

function security_group.needs(object)
  return { { kind = "project", id = object.project_id } }
end

function security_group.parts(object)
  return { { kind = "security_group_rules", id = object.id } }
end

function security_group.match(object, ctx)
  return match.pick(ctx, {
    kind = "security_group",
    object = object,
    candidates = ctx:in_target_project("security_group", object.project_id),
    fields = { "stateful" },
    source_of = function(candidate)
      return mark.source_of(candidate.tags)
    end,
  })
end

function security_group.demand(object)
  return object.name ~= "default" and { security_group = 1 } or {}
end

--- Removes the groups that were only made to make Neutron make another one.
local function sweep(ctx, project, name)
  for _, helper in ipairs(ctx.target.network:security_groups({ project_id = project, name = name }):all()) do
    helper:delete()
  end
end

--- The group "default" of a new project. Neutron makes it together with the first thing of the project, so where there is
--- none yet, a group is made for a moment.
local function default_group(w, ctx, project)
  local function look()
    return ctx.target.network:security_groups({ project_id = project, name = "default" }):first()
  end
  return w:step("default", {
    retry = 2,
    run = function(s)
      local found = look()
      if not found then
        ctx.target.network:create_security_group { name = s.tag, project_id = project }
        found = look()
      end
      sweep(ctx, project, s.tag)
      return found
    end,
    undo = function(_, s)
      sweep(ctx, project, s.tag)
      local found = look()
      if found then
        found:delete() -- the project goes too; its group would stay behind as nobody's
      end
    end,
  })
end

function security_group.create(w, object, ctx)
  local project = ctx:target_id("project", object.project_id)
  if object.name == "default" then
    return default_group(w, ctx, project)
  end
  return neutron.create(w, object, {
    look = function()
      return ctx.target.network:security_groups({ project_id = project, name = object.name }):all()
    end,
    make = function(description)
      return ctx.target.network:create_security_group {
        name = object.name,
        project_id = project,
        stateful = object.stateful,
        description = description,
      }
    end,
  })
end

function security_group.verify(object, made)
  local now = made:refresh()
  local differs = compare.fields(object, now, { "name", "stateful" })
  if object.name ~= "default" then
    compare.check(differs, "description", object.description, now.description)
    compare.check(differs, "tags", mark.plain_tags(object.tags), mark.plain_tags(now.tags))
  end
  return differs
end

function security_group.remove(object)
  if object.name ~= "default" then
    object:delete()
  end
end

return security_group
