--- The ports by which a project's routers hang on subnets. Nothing moves under this kind: routers and subnets look here.
---
--- @since 0.1

local router_port = { kind = "router_port", service = "network" }

--- Plain, distributed and highly available routers call their interfaces differently.
local OWNERS = {
  ["network:router_interface"] = true,
  ["network:router_interface_distributed"] = true,
  ["network:ha_router_replicated_interface"] = true,
}

function router_port.list(_, scope, inventory)
  local found = {}
  for _, port in ipairs(inventory:list("any_port", scope)) do
    if OWNERS[port.device_owner] then
      found[#found + 1] = port
    end
  end
  return found
end

function router_port.get(cloud, id)
  return cloud.network:port(id)
end

return router_port
