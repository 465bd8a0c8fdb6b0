--- Subnets, with range, pools, gateway, DHCP, name servers and routes. Matched by their range within the network.
---
--- A subnet that came from a subnet pool keeps its range but not the pool.
---
--- @since 0.1
---
--- Example: moonferry run migrate --select subnet=web-v4

local compare = require "compare"
local mark = require "mark"
local match = require "match"
local neutron = require "neutron"

local subnet = { kind = "subnet", service = "network", in_project = true }

local FIELDS = {
  "name", "description", "ip_version", "cidr", "gateway_ip", "enable_dhcp", "dns_nameservers", "ipv6_address_mode",
  "ipv6_ra_mode", "service_types",
}

function subnet.list(cloud, scope)
  return cloud.network:subnets({ project_id = scope.project }):all()
end

function subnet.get(cloud, name, scope)
  return cloud.network:subnet(name, { project_id = scope.project })
end

function subnet.project(object)
  return object.project_id
end

--- A subnet of a network that is only looked up is only looked up, too.
function subnet.reference(object, ctx)
  local network = ctx:source_object("network", object.network_id)
  return network ~= nil and neutron.foreign(network, ctx)
end

function subnet.needs(object)
  return { { kind = "network", id = object.network_id }, { kind = "project", id = object.project_id } }
end

--- The routers that hang on it: without its gateway a subnet leads nowhere.
function subnet.parts(object, ctx)
  local parts = {}
  for _, port in ipairs(ctx.at_source:list("router_port", { project = object.project_id })) do
    for _, ip in ipairs(port.fixed_ips) do
      if ip.subnet_id == object.id then
        parts[#parts + 1] = { kind = "router", id = port.device_id }
      end
    end
  end
  return parts
end

local function by_destination(route)
  return route.destination .. route.nexthop
end

local function by_start(pool)
  return pool.start
end

local function differences(object, candidate)
  local differs = compare.fields(object, candidate, FIELDS)
  local pools = { compare.sorted(object.allocation_pools, by_start), compare.sorted(candidate.allocation_pools, by_start) }
  compare.check(differs, "allocation_pools", pools[1], pools[2])
  local routes =
    { compare.sorted(object.host_routes, by_destination), compare.sorted(candidate.host_routes, by_destination) }
  compare.check(differs, "host_routes", routes[1], routes[2])
  return differs
end

function subnet.match(object, ctx)
  local network = ctx:find_target("network", object.network_id)
  if not network then
    return { state = "missing" }
  end
  return match.pick(ctx, {
    kind = "subnet",
    object = object,
    candidates = ctx.at_target:once("subnets of " .. network, function()
      return ctx.target.network:subnets({ network_id = network }):all()
    end),
    key = function(candidate)
      return candidate.cidr
    end,
    compare = function(candidate)
      return subnet.reference(object, ctx) and {} or differences(object, candidate)
    end,
  })
end

function subnet.demand()
  return { subnet = 1 }
end

function subnet.create(w, object, ctx)
  local network = ctx:target_id("network", object.network_id)
  local project = ctx:target_id("project", object.project_id)
  return neutron.create(w, object, {
    look = function()
      return ctx.target.network:subnets({ network_id = network }):all()
    end,
    make = function(description)
      return ctx.target.network:create_subnet(neutron.given {
        network_id = network,
        project_id = project,
        name = object.name,
        description = description,
        ip_version = object.ip_version,
        cidr = object.cidr,
        gateway_ip = object.gateway_ip or null,
        enable_dhcp = object.enable_dhcp,
        dns_nameservers = object.dns_nameservers,
        allocation_pools = object.allocation_pools,
        host_routes = object.host_routes,
        ipv6_address_mode = object.ipv6_address_mode,
        ipv6_ra_mode = object.ipv6_ra_mode,
        service_types = next(object.service_types) and object.service_types or nil,
      })
    end,
  })
end

function subnet.verify(object, made)
  local now = made:refresh()
  local differs = differences(object, now)
  compare.check(differs, "tags", mark.plain_tags(object.tags), mark.plain_tags(now.tags))
  return differs
end

function subnet.remove(object)
  object:delete()
end

return subnet
