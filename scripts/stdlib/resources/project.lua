--- Projects. Matched by name within the domain; `--map-project SOURCE=TARGET` moves into another one, which is created
--- under that name where it is missing.
---
--- @since 0.1
---
--- Example: moonferry run migrate --project web --map-project web=web-2026

local compare = require "compare"
local mark = require "mark"
local match = require "match"

local project = { kind = "project", service = "identity", in_project = true }

function project.list(cloud, scope)
  return scope.project and { cloud.identity:project(scope.project) } or cloud.identity:projects():all()
end

function project.get(cloud, name, scope)
  return cloud.identity:project(name, { domain_id = scope.domain })
end

function project.needs(object)
  local needs = { { kind = "domain", id = object.domain_id } }
  if object.parent_id and object.parent_id ~= object.domain_id then
    needs[#needs + 1] = { kind = "project", id = object.parent_id }
  end
  return needs
end

local function name_at_target(object, ctx)
  return match.mapped(ctx, "project", object) or object.name
end

function project.match(object, ctx)
  local domain = ctx:find_target("domain", object.domain_id)
  if not domain then
    return { state = "missing" }
  end
  local name = name_at_target(object, ctx)
  local found = ctx.target.identity:find_project(name, { domain_id = domain })
  if not found then
    return { state = "missing" }
  end
  if name ~= object.name then
    return { state = "same", target_id = found.id, why = "mapped to " .. name }
  end
  local about = { object = object, fields = { "enabled", "description" } }
  return match.judge(about, found, "the same is at the target")
end

function project.create(w, object, ctx)
  return w:step("create", {
    retry = 2,
    find = function(s)
      return ctx.target.identity:projects({ tags = s.tag }):first()
    end,
    run = function(s)
      local parent = object.parent_id ~= object.domain_id and ctx:find_target("project", object.parent_id) or nil
      return ctx.target.identity:create_project {
        name = name_at_target(object, ctx),
        domain_id = ctx:target_id("domain", object.domain_id),
        parent_id = parent,
        description = object.description,
        enabled = object.enabled,
        tags = mark.tags(object.tags, s.tag, object.id),
      }
    end,
    undo = function(made)
      made:delete()
    end,
  })
end

function project.verify(object, made, ctx)
  local differs = compare.fields(object, made, { "enabled", "description" })
  compare.check(differs, "name", name_at_target(object, ctx), made.name)
  compare.check(differs, "tags", mark.plain_tags(object.tags), mark.plain_tags(made.tags))
  return differs
end

return project
