--- Domains: the namespaces of projects, users and groups. Matched by name (`--map-domain SOURCE=TARGET`).
---
--- @since 0.1
---
--- Example: moonferry run migrate --select domain=Customers

local match = require "match"

local domain = { kind = "domain", service = "identity" }

function domain.list(cloud)
  return cloud.identity:domains():all()
end

function domain.get(cloud, name)
  return cloud.identity:domain(name)
end

function domain.match(object, ctx)
  local candidates = ctx.at_target:list("domain", {})
  return match.pick(ctx, { kind = "domain", object = object, candidates = candidates, fields = { "enabled" } })
end

function domain.create(w, object, ctx)
  -- A domain has no tags. Its name is unique, and its description carries the mark until the second step.
  local made = w:step("create", {
    retry = 2,
    find = function(s)
      local found = ctx.target.identity:find_domain(object.name)
      return found and found.description == s.tag and found or nil
    end,
    run = function(s)
      return ctx.target.identity:create_domain { name = object.name, enabled = object.enabled, description = s.tag }
    end,
    undo = function(made)
      made:update { enabled = false } -- Keystone deletes only disabled domains
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

function domain.verify(object, made)
  return require("compare").fields(object, made, { "name", "enabled", "description" })
end

return domain
