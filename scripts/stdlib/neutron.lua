--- Network objects: creating one so that a kill between any two calls leaves nothing that is not found again.
---
--- Neutron takes tags only after creation. Until then the description carries the mark, in the same call that creates the
--- object; the second step puts the tags and the real description in place.
---
--- @since 0.1
---
--- Example: see resources/network.lua

local mark = require "mark"

local neutron = {}

--- Makes an object in two steps. `calls.look()` lists where it would be, `calls.make(description)` creates it,
--- `calls.remove(made)` is the undo where deleting alone does not do.
function neutron.create(w, object, calls)
  local made = w:step("create", {
    retry = 2,
    find = function(s)
      for _, candidate in ipairs(calls.look()) do
        if candidate.description == s.tag then
          return candidate
        end
      end
    end,
    run = function(s)
      return calls.make(s.tag)
    end,
    undo = calls.remove or function(made)
      made:delete()
    end,
  })
  return w:step("describe", {
    retry = 2,
    run = function()
      made:set_tags(mark.tags(object.tags, made.description, object.id))
      return made:update { description = object.description or "" }
    end,
  })
end

--- Only the keys that have a value, because Neutron takes an empty one for a wish.
function neutron.given(options)
  local given = {}
  for key, value in pairs(options) do
    if value ~= "" then
      given[key] = value
    end
  end
  return given
end

--- Addresses with the ids of the target's subnets.
function neutron.fixed_ips(ctx, fixed_ips)
  local list = {}
  for i, ip in ipairs(fixed_ips) do
    list[i] = { subnet_id = ctx:target_id("subnet", ip.subnet_id), ip_address = ip.ip_address }
  end
  return list
end

--- Tells whether a network is only looked up at the target: external ones, and those that a project outside of this
--- migration shares.
function neutron.foreign(network, ctx)
  return network.router_external or (network.shared and not ctx.projects[network.project_id])
end

return neutron
