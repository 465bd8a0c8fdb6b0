--- Key pairs: the public half, for the user it belongs to (microversion 2.10 lets an administrator do that).
---
--- Nova knows a key pair by its user and name; here its id is "USER/NAME".
---
--- @since 0.1
---
--- Example: moonferry run migrate --project web --only keypair

local again = require "again"

local keypair = { kind = "keypair", service = "compute" }

local function of_user(cloud, user)
  local list = {}
  for key in cloud.compute:keypairs { user_id = user } do
    -- Lists do not say whose a key pair is, so it is kept as plain data with that added.
    list[#list + 1] = {
      id = user .. "/" .. key.name,
      name = key.name,
      user_id = user,
      public_key = key.public_key,
      type = key.type,
    }
  end
  return list
end

function keypair.list(cloud, scope)
  return of_user(cloud, scope.user)
end

function keypair.get(cloud, id)
  local user = id:match "^([^/]+)/"
  for _, key in ipairs(user and of_user(cloud, user) or {}) do
    if key.id == id then
      return key
    end
  end
  fail {
    kind = "not_found",
    message = ("%s has no key pair %s"):format(cloud.name, id),
    hint = "a key pair is named USER_ID/NAME",
  }
end

function keypair.needs(object)
  return { { kind = "user", id = object.user_id } }
end

--- The key itself, without the comment behind it.
local function key_of(public_key)
  return public_key:match "^%s*(%S+%s+%S+)" or public_key
end

keypair.key_of = key_of

function keypair.match(object, ctx)
  local user = ctx:find_target("user", object.user_id)
  for _, other in ipairs(user and ctx.at_target:list("keypair", { user = user }) or {}) do
    if other.name == object.name then
      if key_of(other.public_key) == key_of(object.public_key) then
        return { state = "same", target_id = other.id, why = "the same is at the target" }
      end
      return { state = "conflict", target_id = other.id, differs = { "the public keys differ" } }
    end
  end
  return { state = "missing" }
end

function keypair.create(w, object, ctx)
  -- A key pair can carry no mark: one of that name and key, which was not there when the plan was made, is ours.
  local user = ctx:target_id("user", object.user_id)
  local id = user .. "/" .. object.name
  return w:step("create", {
    retry = 2,
    find = function()
      for _, key in ipairs(of_user(ctx.target, user)) do
        if key.id == id and key_of(key.public_key) == key_of(object.public_key) then
          return key
        end
      end
    end,
    run = function()
      ctx.target.compute:create_keypair {
        name = object.name,
        public_key = object.public_key,
        type = object.type,
        user_id = user,
      }
      return { id = id, user_id = user, name = object.name }
    end,
    undo = function()
      keypair.delete(ctx.target, user, object.name)
    end,
  })
end

--- Deletes a key pair of any user; one that is gone already is no error.
function keypair.delete(cloud, user, name)
  local ok, problem = pcall(again, cloud.request, cloud, {
    service = "compute",
    method = "DELETE",
    path = "/os-keypairs/" .. name:gsub("[^%w%.%-_]", function(c)
      return ("%%%02X"):format(c:byte())
    end),
    query = { user_id = user },
    microversion = "2.10",
  })
  if not ok and problem.kind ~= "not_found" then
    error(problem, 0)
  end
end

function keypair.verify(object, made, ctx)
  local other = keypair.get(ctx.target, made.id)
  return key_of(other.public_key) == key_of(object.public_key) and {} or { "the public keys differ" }
end

return keypair
