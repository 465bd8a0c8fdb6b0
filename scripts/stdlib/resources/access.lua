--- Access: our own way into a project of the target while it is filled.
---
--- Nova and Cinder create servers and volumes in the project of the token, whatever an administrator asks for. So our user
--- gets a role in the target project, uses it, and loses it again at the end. This is no resource of anybody's: its
--- "objects" are projects of the source whose counterpart has to be entered.
---
--- @since 0.1

local access = { kind = "access", service = "identity" }

function access.list()
  return {}
end

--- The id is a project's id of the source.
function access.get(cloud, project)
  local found = cloud.identity:project(project)
  return { id = found.id, name = found.name }
end

function access.needs(object)
  return { { kind = "project", id = object.id } }
end

local function ours(ctx, project)
  return ctx.target.identity:role_assignments { user_id = ctx.target:whoami().user_id, project_id = project }
end

local function role(ctx)
  return ctx.target.identity:role(ctx.input.admin_role)
end

function access.match(object, ctx)
  local project = ctx:find_target("project", object.id)
  if not project then
    return { state = "missing" }
  end
  if ctx.target:whoami().project_id == project then
    return { state = "same", target_id = project, why = "our credentials are of this project" }
  end
  for _, assignment in ipairs(ours(ctx, project)) do
    if assignment.role_id == role(ctx).id then
      return { state = "same", target_id = project, why = "our user has the role already" }
    end
  end
  return { state = "missing" }
end

function access.create(w, object, ctx)
  local project = ctx:target_id("project", object.id)
  local grant = w:step("enter", {
    retry = 2,
    run = function()
      local given = { role = role(ctx).id, user = ctx.target:whoami().user_id, project = project }
      ctx.target.identity:assign_role(given)
      return given
    end,
    undo = function(given)
      if given then
        ctx.target.identity:unassign_role(given)
      end
    end,
  })
  return { id = project, grant = grant }
end

--- Gives the role back once the project is filled, unless it came over with the project as somebody's own.
function access.leave(w, object, ctx)
  w:step("leave", {
    retry = 2,
    run = function()
      local given = { role = role(ctx).id, user = ctx.target:whoami().user_id, project = ctx:target_id("project", object.id) }
      for _, item in pairs(ctx.items) do
        if item.kind == "role_assignment" and item.action == "create" then
          local o = item.object
          local same = ctx:find_target("role", o.role_id) == given.role
            and ctx:find_target("user", o.user_id) == given.user
            and ctx:find_target("project", o.project_id) == given.project
          if same then
            return "kept"
          end
        end
      end
      ctx.target.identity:unassign_role(given)
      return "left"
    end,
  })
end

return access
