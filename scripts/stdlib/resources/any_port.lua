--- All ports of a project, whoever owns them, listed once: ports of servers, of routers, of nobody. Nothing moves under
--- this kind; port.lua and router_port.lua pick from it.
---
--- @since 0.1

local any_port = { kind = "any_port", service = "network" }

function any_port.list(cloud, scope)
  return cloud.network:ports({ project_id = scope.project }):all()
end

function any_port.get(cloud, id)
  return cloud.network:port(id)
end

return any_port
