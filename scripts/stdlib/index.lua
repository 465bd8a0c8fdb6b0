--- Index: objects by one of their values, built once per list, so that 100,000 objects are looked up and not searched.
---
--- @since 0.1
---
--- Example:
---   local ports = index.by(list, "device", function(port) return port.device_id end)
---   for _, port in ipairs(ports[server.id] or {}) do … end

local index = {}

local made = setmetatable({}, { __mode = "k" }) -- per list, gone with the list

--- Groups a list by what `key` returns (nil leaves an object out). The same list and name give the same index again.
function index.by(list, name, key)
  local of_list = made[list]
  if not of_list then
    of_list = {}
    made[list] = of_list
  end
  if not of_list[name] then
    local groups = {}
    for _, object in ipairs(list) do
      local value = key(object)
      if value ~= nil then
        groups[value] = groups[value] or {}
        table.insert(groups[value], object)
      end
    end
    of_list[name] = groups
  end
  return of_list[name]
end

return index
