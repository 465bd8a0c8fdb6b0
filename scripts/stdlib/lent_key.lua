--- Lent keys: Nova takes a server's key pair from the user who creates it, and that is us. So our user at the target is
--- lent a key pair of the same name for the moment of the call; the server keeps the key, our user does not.
---
--- @since 0.1
---
--- Example:
---   keys.with(ctx, keypair, function() return compute:create_server(options) end)

local keypairs = require "resources.keypair"

local lent = {}

local held = {} -- names of key pairs that are lent right now

--- The key pairs that are our user's own: those that were there when the run was planned.
function lent.own(ctx)
  local own = {}
  for key in ctx.target.compute:keypairs() do
    own[key.name] = key.public_key
  end
  return own
end

--- Tells whether our user has another key under that name.
function lent.in_the_way(ctx, key)
  local own = ctx.own_keys and ctx.own_keys[key.name]
  return own ~= nil and keypairs.key_of(own) ~= keypairs.key_of(key.public_key)
end

--- Takes a key back; those that were our user's own before stay.
function lent.take_back(ctx, key)
  if key and not ctx.own_keys[key.name] then
    keypairs.delete(ctx.target, nil, key.name)
  end
end

--- Calls `create` while our user has the key. Two servers with keys of one name wait for each other.
function lent.with(ctx, key, create)
  if not key or ctx.own_keys[key.name] then
    return create()
  end
  poll({ every = 0.05 }, function()
    return not held[key.name]
  end)
  held[key.name] = true
  local _ <close> = defer(function()
    local ok, problem = pcall(lent.take_back, ctx, key)
    if not ok then
      log.warn(("our user at %s keeps the key pair %s: %s"):format(ctx.target.name, key.name, tostring(problem)))
    end
    held[key.name] = nil
  end)
  lent.take_back(ctx, key) -- a killed run may have left one, even another
  ctx.target.compute:create_keypair { name = key.name, public_key = key.public_key, type = key.type }
  return create()
end

return lent
