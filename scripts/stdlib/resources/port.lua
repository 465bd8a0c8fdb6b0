--- Ports of servers and of nobody, at the same addresses and with the same MAC, allowed pairs, port security and security
--- groups. They are created before their server, plugged into nothing. Matched by MAC within the network.
---
--- Ports of routers come with the routers; those of DHCP belong to the target itself.
---
--- @since 0.1
---
--- Example: moonferry run migrate --project web --only port

local compare = require "compare"
local index = require "index"
local mark = require "mark"
local match = require "match"
local neutron = require "neutron"

local port = { kind = "port", service = "network", in_project = true }

function port.list(_, scope, inventory)
  local found = {}
  for _, candidate in ipairs(inventory:list("any_port", scope)) do
    if candidate.device_owner == "" or candidate.device_owner:find "^compute:" then
      found[#found + 1] = candidate
    end
  end
  return found
end

function port.get(cloud, name, scope)
  return cloud.network:port(name, { project_id = scope.project })
end

function port.name(object)
  local ip = object.fixed_ips[1]
  return object.name ~= "" and object.name or ip and ip.ip_address or object.mac_address
end

function port.project(object)
  return object.project_id
end

function port.needs(object)
  local needs = {
    { kind = "project", id = object.project_id },
    { kind = "network", id = object.network_id },
  }
  for _, ip in ipairs(object.fixed_ips) do
    needs[#needs + 1] = { kind = "subnet", id = ip.subnet_id }
  end
  for _, id in ipairs(object.security_groups) do
    needs[#needs + 1] = { kind = "security_group", id = id }
  end
  return needs
end

--- No server shall be reachable before the rules that protect it are in place.
function port.after(object, ctx)
  local keys = {}
  for i, id in ipairs(object.security_groups) do
    keys[i] = ctx.key("security_group_rules", id)
  end
  return keys
end

local function by_address(ip)
  return ip.ip_address
end

--- The addresses of a port, sorted; subnets are told by the address.
local function addresses(object)
  local list = {}
  for i, ip in ipairs(compare.sorted(object.fixed_ips, by_address)) do
    list[i] = ip.ip_address
  end
  return list
end

--- Allowed pairs without the MAC where it is the port's own, which is what absent means.
local function pairs_of(object)
  local list = {}
  for i, pair in ipairs(object.allowed_address_pairs) do
    list[i] = pair.ip_address .. " " .. (pair.mac_address or object.mac_address):lower()
  end
  table.sort(list)
  return list
end

local function groups_at_target(object, ctx)
  local list = {}
  for i, id in ipairs(object.security_groups) do
    list[i] = ctx:find_target("security_group", id) or "?"
  end
  table.sort(list)
  return list
end

local function sorted(list)
  return compare.sorted(list, tostring)
end

local function differences(object, candidate, ctx)
  local differs = compare.fields(object, candidate, { "name", "admin_state_up", "port_security_enabled", "extra_dhcp_opts" })
  compare.check(differs, "mac_address", object.mac_address:lower(), candidate.mac_address:lower())
  compare.check(differs, "addresses", addresses(object), addresses(candidate))
  compare.check(differs, "allowed_address_pairs", pairs_of(object), pairs_of(candidate))
  compare.check(differs, "security_groups", groups_at_target(object, ctx), sorted(candidate.security_groups))
  return differs
end

--- The port of the target that has this one's place: made of it before, or with its MAC or one of its addresses.
local function in_its_place(object, others)
  local by_source = index.by(others, "source", function(other)
    return mark.source_of(other.tags)
  end)
  local by_mac = index.by(others, "mac", function(other)
    return other.mac_address:lower()
  end)
  local found = by_source[object.id] or by_mac[object.mac_address:lower()]
  if found then
    return found[1]
  end
  local by_address = index.by(others, "address", function(other)
    return other.fixed_ips[1] and other.fixed_ips[1].ip_address
  end)
  for _, ip in ipairs(object.fixed_ips) do
    if by_address[ip.ip_address] then
      return by_address[ip.ip_address][1]
    end
  end
end

function port.match(object, ctx)
  local network = ctx:find_target("network", object.network_id)
  if not network then
    return { state = "missing" }
  end
  local others = ctx.at_target:once("ports of " .. network, function()
    return ctx.target.network:ports({ network_id = network }):all()
  end)
  local other = in_its_place(object, others)
  if not other then
    return { state = "missing" }
  end
  local about = {
    compare = function()
      return differences(object, other, ctx)
    end,
  }
  return match.judge(about, other, "the same is at the target")
end

function port.demand()
  return { port = 1 }
end

function port.notes(object)
  local notes = {}
  if next(object.binding_profile) then
    notes[#notes + 1] = "the binding profile names hardware of the source and is left out"
  end
  if object.qos_policy_id then
    notes[#notes + 1] = "the QoS policy is left out"
  end
  return notes
end

function port.create(w, object, ctx)
  local network = ctx:target_id("network", object.network_id)
  local project = ctx:target_id("project", object.project_id)
  return neutron.create(w, object, {
    look = function()
      return ctx.target.network:ports({ network_id = network, mac_address = object.mac_address }):all()
    end,
    make = function(description)
      local options = {
        network_id = network,
        project_id = project,
        name = object.name,
        description = description,
        admin_state_up = object.admin_state_up,
        mac_address = object.mac_address,
        fixed_ips = neutron.fixed_ips(ctx, object.fixed_ips),
        port_security_enabled = object.port_security_enabled,
        security_groups = {},
      }
      -- A port without port security takes neither groups nor pairs, not even empty lists of pairs.
      if object.port_security_enabled ~= false then
        options.security_groups = groups_at_target(object, ctx)
        options.allowed_address_pairs = object.allowed_address_pairs
      end
      if #object.extra_dhcp_opts > 0 then
        options.extra_dhcp_opts = object.extra_dhcp_opts
      end
      if object.dns_name and object.dns_name ~= "" then
        options.dns_name = object.dns_name
      end
      if object.binding_vnic_type and object.binding_vnic_type ~= "normal" then
        options.binding_vnic_type = object.binding_vnic_type
      end
      return ctx.target.network:create_port(options)
    end,
  })
end

function port.verify(object, made, ctx)
  local now = made:refresh()
  local differs = differences(object, now, ctx)
  compare.check(differs, "description", object.description, now.description)
  compare.check(differs, "tags", mark.plain_tags(object.tags), mark.plain_tags(now.tags))
  return differs
end

--- Ports that Nova made go with their server; only the others are left to delete.
function port.remove(object, ctx)
  local left = ctx.source.network:find_port(object.id)
  if left then
    left:delete()
  end
end

return port
