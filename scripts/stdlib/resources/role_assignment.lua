--- Role assignments: who has which role on a project, users and groups alike, inherited ones included.
---
--- @since 0.1
---
--- Example: moonferry run migrate --project web --only role_assignment

local role_assignment = { kind = "role_assignment", service = "identity", in_project = true }

function role_assignment.list(cloud, scope)
  return cloud.identity:role_assignments { project_id = scope.project }
end

--- An assignment is known by all that it consists of.
function role_assignment.id(object)
  local who = object.user_id and "user:" .. object.user_id or "group:" .. object.group_id
  return ("%s:role:%s:project:%s%s"):format(who, object.role_id, object.project_id, object.inherited and ":inherited" or "")
end

function role_assignment.name(object)
  local who = object.user_name or object.group_name or object.user_id or object.group_id
  return ("%s is %s"):format(who, object.role_name or object.role_id)
end

function role_assignment.project(object)
  return object.project_id
end

function role_assignment.get(cloud, id)
  local project = id:match ":project:([^:]+)"
  for _, object in ipairs(project and cloud.identity:role_assignments { project_id = project } or {}) do
    if role_assignment.id(object) == id then
      return object
    end
  end
  fail { kind = "not_found", message = ("%s has no role assignment %s"):format(cloud.name, id) }
end

function role_assignment.needs(object)
  return {
    { kind = "project", id = object.project_id },
    { kind = "role", id = object.role_id },
    object.user_id and { kind = "user", id = object.user_id } or { kind = "group", id = object.group_id },
  }
end

--- The same assignment with the target's ids; nil where a part of it is not there yet.
local function at_target(object, ctx)
  local same = {
    role = ctx:find_target("role", object.role_id),
    project = ctx:find_target("project", object.project_id),
    user = ctx:find_target("user", object.user_id),
    group = ctx:find_target("group", object.group_id),
    inherited = object.inherited,
  }
  return same.role and same.project and (same.user or same.group) and same or nil
end

local function there(wanted, assignments)
  for _, one in ipairs(assignments) do
    local same = one.role_id == wanted.role and one.user_id == wanted.user and one.group_id == wanted.group
    if same and one.inherited == wanted.inherited then
      return one
    end
  end
end

function role_assignment.match(object, ctx)
  local wanted = at_target(object, ctx)
  if wanted and there(wanted, ctx:in_target_project("role_assignment", object.project_id)) then
    local id = ("%s:role:%s:project:%s"):format(wanted.user or wanted.group, wanted.role, wanted.project)
    return { state = "same", target_id = id, why = "the same is at the target" }
  end
  return { state = "missing" }
end

function role_assignment.create(w, object, ctx)
  -- Assigning twice is the same as once, and an assignment can carry no mark: it was not there when the plan was made.
  local wanted = at_target(object, ctx)
  w:step("assign", {
    retry = 2,
    run = function()
      ctx.target.identity:assign_role(wanted)
    end,
    undo = function()
      ctx.target.identity:unassign_role(wanted)
    end,
  })
  return { id = ("%s:role:%s:project:%s"):format(wanted.user or wanted.group, wanted.role, wanted.project) }
end

function role_assignment.verify(object, _, ctx)
  local wanted = at_target(object, ctx)
  local assignments = ctx.target.identity:role_assignments { project_id = wanted.project }
  return there(wanted, assignments) and {} or { "the assignment is not there" }
end

return role_assignment
