--- Users. Matched by name within the domain (`--map-user SOURCE=TARGET`).
---
--- The API never shows a password, so it cannot move. A migrated user has none at the target: nobody can log in with a
--- password as that user until an administrator sets one. `--users disabled` disables the user on top of that.
---
--- @since 0.1
---
--- Example: moonferry run migrate --project web --users disabled

local compare = require "compare"
local match = require "match"

local user = { kind = "user", service = "identity" }

function user.list(cloud)
  return cloud.identity:users():all()
end

function user.get(cloud, name)
  return cloud.identity:user(name)
end

function user.needs(object)
  return { { kind = "domain", id = object.domain_id } }
end

--- Its default project comes first where that is part of the run, so that the user can be given it.
function user.after(object, ctx)
  return object.default_project_id and { ctx.key("project", object.default_project_id) } or {}
end

--- The key pairs of a user who moves.
function user.parts(object, ctx)
  local parts = {}
  for _, keypair in ipairs(ctx.at_source:list("keypair", { user = object.id })) do
    parts[#parts + 1] = { kind = "keypair", id = keypair.id }
  end
  return parts
end

function user.match(object, ctx)
  local domain = ctx:find_target("domain", object.domain_id)
  local mapped = match.mapped(ctx, "user", object)
  if not domain then
    return { state = "missing" }
  end
  local found = ctx.target.identity:find_user(mapped or object.name, { domain_id = domain })
  if mapped and not found then
    return { state = "invalid", why = ("--map-user %s=%s: the target has no such user"):format(object.name, mapped) }
  end
  if not found then
    return { state = "missing" }
  end
  if mapped then
    return { state = "same", target_id = found.id, why = "mapped to " .. mapped }
  end
  -- Whether the user is enabled is not compared: it may still be waiting for a password there.
  return match.judge({ object = object, fields = { "email" } }, found, "the same is at the target")
end

function user.notes(_, ctx)
  return { ctx.input.users == "disabled" and "no password, disabled" or "no password" }
end

function user.create(w, object, ctx)
  -- A user has no tags. The name is unique in the domain, and the description carries the mark until the second step.
  local domain = ctx:target_id("domain", object.domain_id)
  local made = w:step("create", {
    retry = 2,
    find = function(s)
      local found = ctx.target.identity:find_user(object.name, { domain_id = domain })
      return found and found.description == s.tag and found or nil
    end,
    run = function(s)
      return ctx.target.identity:create_user {
        name = object.name,
        domain_id = domain,
        email = object.email,
        enabled = object.enabled and ctx.input.users ~= "disabled",
        default_project_id = ctx:project_at_target(object.default_project_id),
        description = s.tag,
      }
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

function user.verify(object, made, ctx)
  local differs = compare.fields(object, made, { "name", "email", "description" })
  if ctx.input.users ~= "disabled" then
    compare.check(differs, "enabled", object.enabled, made.enabled)
  end
  return differs
end

return user
