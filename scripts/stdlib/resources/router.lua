--- Routers: gateway through the mapped external network (at the same address where that is free), interfaces at the same
--- addresses, static routes. Matched by name in the project.
---
--- Whether a router is distributed or highly available is the target's business.
---
--- @since 0.1
---
--- Example: moonferry run migrate --select router=web-gw

local compare = require "compare"
local mark = require "mark"
local match = require "match"
local neutron = require "neutron"

local router = { kind = "router", service = "network", in_project = true }

function router.list(cloud, scope)
  return cloud.network:routers({ project_id = scope.project }):all()
end

function router.get(cloud, name, scope)
  return cloud.network:router(name, { project_id = scope.project })
end

function router.project(object)
  return object.project_id
end

--- The interfaces: { subnet_id, ip_address } each, in the order of the addresses.
local function interfaces(at, object)
  local list = {}
  for _, port in ipairs(at:list("router_port", { project = object.project_id })) do
    for _, ip in ipairs(port.device_id == object.id and port.fixed_ips or {}) do
      list[#list + 1] = { subnet_id = ip.subnet_id, ip_address = ip.ip_address }
    end
  end
  return compare.sorted(list, function(interface)
    return interface.ip_address
  end)
end

--- The plan remembers the interfaces, because the steps that make them are named by their addresses.
function router.detail(object, ctx)
  return { interfaces = interfaces(ctx.at_source, object) }
end

function router.needs(object, ctx)
  local needs = { { kind = "project", id = object.project_id } }
  if object.external_gateway_info then
    needs[#needs + 1] = { kind = "network", id = object.external_gateway_info.network_id }
  end
  for _, interface in ipairs(ctx:detail("router", object).interfaces) do
    needs[#needs + 1] = { kind = "subnet", id = interface.subnet_id }
  end
  return needs
end

local function by_destination(route)
  return route.destination .. route.nexthop
end

--- The addresses of interfaces, in order: equal lists mean equal interfaces, since an address lies in one subnet.
local function addresses(list)
  local found = {}
  for i, interface in ipairs(list) do
    found[i] = interface.ip_address
  end
  return found
end

local function differences(object, candidate, ctx, at_target)
  local differs = compare.fields(object, candidate, { "name", "description", "admin_state_up" })
  local routes = { compare.sorted(object.routes, by_destination), compare.sorted(candidate.routes, by_destination) }
  compare.check(differs, "routes", routes[1], routes[2])
  local source, target = object.external_gateway_info or {}, candidate.external_gateway_info or {}
  compare.check(differs, "gateway", ctx:find_target("network", source.network_id), target.network_id)
  compare.check(differs, "SNAT", source.enable_snat, target.enable_snat)
  local here, there = addresses(ctx:detail("router", object).interfaces), addresses(interfaces(at_target, candidate))
  compare.check(differs, "interfaces", here, there)
  return differs
end

function router.match(object, ctx)
  return match.pick(ctx, {
    kind = "router",
    object = object,
    candidates = ctx:in_target_project("router", object.project_id),
    source_of = function(candidate)
      return mark.source_of(candidate.tags)
    end,
    compare = function(candidate)
      return differences(object, candidate, ctx, ctx.at_target)
    end,
  })
end

function router.demand(object, ctx)
  local ports = #ctx:detail("router", object).interfaces
  return { router = 1, port = ports }
end

--- The gateway at the same address where the external network can give it, else at any.
local function set_gateway(w, made, object, ctx)
  local source = object.external_gateway_info
  local gateway = { network_id = ctx:target_id("network", source.network_id), enable_snat = source.enable_snat }
  return w:step("gateway", {
    retry = 2,
    run = function()
      local wanted = source.external_fixed_ips[1]
      if wanted and ctx.input.same_address ~= "any" then
        gateway.external_fixed_ips = { { ip_address = wanted.ip_address } }
        local ok, result = pcall(made.update, made, { external_gateway_info = gateway })
        if ok then
          return result
        end
        local taken = result.kind == "conflict" or result.kind == "invalid"
        if not taken or ctx.input.same_address == "require" then
          error(result, 0)
        end
        w:tell(("router %s: the gateway address %s is not to be had at %s; it gets another"):format(
          object.name,
          wanted.ip_address,
          ctx.target.name
        ), "warn")
        gateway.external_fixed_ips = nil
      end
      return made:update { external_gateway_info = gateway }
    end,
    undo = function()
      made:update { external_gateway_info = null }
    end,
  })
end

--- One interface: at the subnet's gateway address Neutron makes the port, at any other address we do.
local function add_interface(w, made, interface, ctx)
  local subnet = ctx:target_id("subnet", interface.subnet_id)
  w:step("interface " .. interface.ip_address, {
    retry = 2,
    run = function()
      local there = ctx.target.network:subnet(subnet)
      for _, port in ipairs(ctx.target.network:ports({ device_id = made.id }):all()) do
        for _, ip in ipairs(port.fixed_ips) do
          if ip.subnet_id == subnet then
            return -- an interrupted attempt came this far
          end
        end
      end
      if there.gateway_ip == interface.ip_address then
        made:add_interface { subnet_id = subnet }
        return
      end
      local port = ctx.target.network:create_port {
        network_id = there.network_id,
        project_id = made.project_id,
        fixed_ips = { { subnet_id = subnet, ip_address = interface.ip_address } },
      }
      made:add_interface { port_id = port.id }
    end,
    undo = function()
      local ok, problem = pcall(made.remove_interface, made, { subnet_id = subnet })
      if not ok and problem.kind ~= "not_found" then
        error(problem, 0)
      end
    end,
  })
end

function router.create(w, object, ctx)
  local project = ctx:target_id("project", object.project_id)
  local made = neutron.create(w, object, {
    look = function()
      return ctx.target.network:routers({ project_id = project, name = object.name }):all()
    end,
    make = function(description)
      return ctx.target.network:create_router {
        name = object.name,
        project_id = project,
        admin_state_up = object.admin_state_up,
        description = description,
      }
    end,
  })
  if object.external_gateway_info then
    set_gateway(w, made, object, ctx)
  end
  w:parallel("interfaces", ctx:detail("router", object).interfaces, { limit = 4 }, function(inner, interface)
    add_interface(inner, made, interface, ctx)
  end)
  if #object.routes > 0 then
    -- After the interfaces, since a route needs a way to its next hop; undone before them for the same reason.
    w:step("routes", {
      retry = 2,
      run = function()
        made:update { routes = object.routes }
      end,
      undo = function()
        made:update { routes = {} }
      end,
    })
  end
  return made
end

function router.verify(object, made, ctx)
  local now = made:refresh()
  local fresh = require("inventory").of(ctx.target) -- what was listed before knows nothing of the new interfaces
  local differs = differences(object, now, ctx, fresh)
  compare.check(differs, "tags", mark.plain_tags(object.tags), mark.plain_tags(now.tags))
  return differs
end

function router.remove(object, ctx)
  object:update { routes = {} }
  for _, interface in ipairs(ctx:detail("router", object).interfaces) do
    object:remove_interface { subnet_id = interface.subnet_id }
  end
  object:delete()
end

return router
