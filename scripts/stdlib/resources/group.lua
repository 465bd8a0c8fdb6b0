--- Groups of users, with their members. Matched by name within the domain.
---
--- @since 0.1
---
--- Example: moonferry run migrate --select group=operators

local compare = require "compare"
local match = require "match"

local group = { kind = "group", service = "identity" }

function group.list(cloud)
  return cloud.identity:groups():all()
end

function group.get(cloud, name)
  return cloud.identity:group(name)
end

local function members(at, object)
  return at:once("members " .. object.id, function()
    return at.cloud.identity:group_users { group = object.id }
  end)
end

function group.needs(object, ctx)
  local needs = { { kind = "domain", id = object.domain_id } }
  for _, user in ipairs(members(ctx.at_source, object)) do
    needs[#needs + 1] = { kind = "user", id = user.id }
  end
  return needs
end

local function names(users)
  local list = {}
  for i, user in ipairs(users) do
    list[i] = user.name
  end
  table.sort(list)
  return list
end

local function differences(object, candidate, ctx)
  local differs = compare.fields(object, candidate, { "description" })
  local theirs = ctx.target.identity:group_users { group = candidate.id }
  compare.check(differs, "members", names(members(ctx.at_source, object)), names(theirs))
  return differs
end

function group.match(object, ctx)
  local domain = ctx:find_target("domain", object.domain_id)
  local found = domain and ctx.target.identity:find_group(object.name, { domain_id = domain })
  if not found then
    return { state = "missing" }
  end
  local function compare_with(candidate)
    return differences(object, candidate, ctx)
  end
  return match.judge({ object = object, compare = compare_with }, found, "the same is at the target")
end

function group.create(w, object, ctx)
  -- A group has no tags. The name is unique in the domain, and the description carries the mark until the second step.
  local domain = ctx:target_id("domain", object.domain_id)
  local made = w:step("create", {
    retry = 2,
    find = function(s)
      local found = ctx.target.identity:find_group(object.name, { domain_id = domain })
      return found and found.description == s.tag and found or nil
    end,
    run = function(s)
      return ctx.target.identity:create_group { name = object.name, domain_id = domain, description = s.tag }
    end,
    undo = function(made)
      made:delete() -- the memberships go with it
    end,
  })
  return w:step("members", {
    retry = 2,
    run = function()
      parallel(ctx:item("group", object.id).needs, { limit = 4 }, function(key)
        if key:find "^user/" then
          made:add_user { user_id = ctx.ids[key] }
        end
      end)
      return made:update { description = object.description }
    end,
  })
end

function group.verify(object, made, ctx)
  local differs = differences(object, made, ctx)
  compare.check(differs, "name", object.name, made.name)
  return differs
end

return group
