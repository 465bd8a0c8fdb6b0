--- Server groups: name and policy; the members follow as servers are created into it.
---
--- @since 0.1
---
--- Example: moonferry run migrate --select server_group=db-apart

local compare = require "compare"
local match = require "match"

local server_group = { kind = "server_group", service = "compute", in_project = true, scoped = true }

--- Nova has no filter by project; the whole list is asked for once.
local function of_project(cloud, project, inventory)
  local all = inventory:once("all server groups", function()
    return cloud.compute:server_groups({ all_projects = true }):all()
  end)
  local found = {}
  for _, group in ipairs(all) do
    if not project or group.project_id == project then
      found[#found + 1] = group
    end
  end
  return found
end

function server_group.list(cloud, scope, inventory)
  return of_project(cloud, scope.project, inventory)
end

function server_group.get(cloud, name, scope, inventory)
  for _, group in ipairs(of_project(cloud, scope.project, inventory)) do
    if group.id == name or group.name == name then
      return group
    end
  end
  fail { kind = "not_found", message = ("%s has no server group '%s'"):format(cloud.name, name) }
end

function server_group.project(object)
  return object.project_id
end

function server_group.needs(object)
  return { { kind = "project", id = object.project_id }, { kind = "access", id = object.project_id } }
end

function server_group.match(object, ctx)
  return match.pick(ctx, {
    kind = "server_group",
    object = object,
    candidates = ctx:in_target_project("server_group", object.project_id),
    fields = { "policy", "rules" },
  })
end

function server_group.demand()
  return { server_groups = 1 }
end

function server_group.create(w, object, ctx)
  -- A server group can carry no mark: one of that name in the project, which was not there when the plan was made, is ours.
  local project = ctx:target_id("project", object.project_id)
  return w:step("create", {
    retry = 2,
    find = function()
      for group in ctx.target.compute:server_groups { all_projects = true } do
        if group.project_id == project and group.name == object.name then
          return group
        end
      end
    end,
    run = function()
      return ctx:inside_project(object.project_id).compute:create_server_group {
        name = object.name,
        policy = object.policy,
        rules = next(object.rules) and object.rules or nil,
      }
    end,
    undo = function(made)
      made:delete()
    end,
  })
end

function server_group.verify(object, made)
  return compare.fields(object, made, { "name", "policy", "rules" })
end

function server_group.remove(object)
  object:delete()
end

return server_group
