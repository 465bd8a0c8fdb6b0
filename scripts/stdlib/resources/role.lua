--- Roles. Matched by name (`--map-role SOURCE=TARGET`); what a role may do is in the services' policies, not in the role.
---
--- @since 0.1
---
--- Example: moonferry run migrate --select role=auditor

local match = require "match"

local role = { kind = "role", service = "identity" }

function role.list(cloud)
  return cloud.identity:roles():all()
end

function role.get(cloud, name)
  return cloud.identity:role(name)
end

function role.match(object, ctx)
  return match.pick(ctx, { kind = "role", object = object, candidates = ctx.at_target:list("role", {}) })
end

function role.create(w, object, ctx)
  -- A role has neither tags nor metadata. Its name is unique, and its description carries the mark until the second step.
  local made = w:step("create", {
    retry = 2,
    find = function(s)
      local found = ctx.target.identity:find_role(object.name)
      return found and found.description == s.tag and found or nil
    end,
    run = function(s)
      return ctx.target.identity:create_role { name = object.name, description = s.tag }
    end,
    undo = function(made)
      made:delete()
    end,
  })
  return w:step("describe", {
    retry = 2,
    run = function()
      return made:update { description = object.description }
    end,
  })
end

function role.verify(object, made)
  return require("compare").fields(object, made, { "name", "description" })
end

return role
