--- Inventory: what one cloud has, asked for once.
---
--- Handlers list a kind per project and never per object; everyone else asks here, and whoever asks second waits for
--- the first answer instead of asking the cloud again.
---
--- @since 0.1
---
--- Example:
---   local at_source = require("inventory").of(cloud "source")
---   for _, port in ipairs(at_source:list("port", { project = id })) do … end

local resources = require "resources"

local inventory = {}
inventory.__index = inventory

function inventory.of(the_cloud)
  return setmetatable({ cloud = the_cloud, answers = {}, known = {} }, inventory)
end

--- Calls `ask` once per key; its answer, or its error, is everyone's.
function inventory:once(key, ask)
  local answer = self.answers[key]
  if answer then
    poll({ every = 0.02 }, function()
      return answer.ended
    end)
  else
    answer = {}
    self.answers[key] = answer
    answer.ok, answer.value = pcall(ask)
    answer.ended = true
  end
  if not answer.ok then
    self.answers[key] = nil -- the next who asks may be luckier
    error(answer.value, 0)
  end
  return answer.value
end

--- The objects of a kind in a scope: `{ project = id }`, `{ host = name }`, `{ user = id }` or `{}` for the whole cloud.
function inventory:list(kind, scope)
  local key = ("list %s %s %s %s"):format(kind, scope.project or "", scope.host or "", scope.user or "")
  return self:once(key, function()
    local handler = resources.handler(kind)
    local found = handler.list(self.cloud, scope, self)
    for _, object in ipairs(found) do
      self.known[kind .. "/" .. resources.id(handler, object)] = object
    end
    return found
  end)
end

--- One object by id, from what was listed before or by asking; nil where the cloud does not have it.
function inventory:get(kind, id)
  local known = self.known[kind .. "/" .. id]
  if known then
    return known
  end
  return self:once(("get %s %s"):format(kind, id), function()
    local ok, found = pcall(resources.handler(kind).get, self.cloud, id, {}, self)
    if not ok then
      if found.kind == "not_found" then
        return nil
      end
      error(found, 0)
    end
    return found
  end)
end

return inventory
