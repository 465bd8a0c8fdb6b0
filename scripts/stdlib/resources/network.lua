--- Networks. Those of the project are created; external ones, and those that another project shares, are looked up at the
--- target by name (`--map-network SOURCE=TARGET`) and never created.
---
--- The VLAN or tunnel number and the physical network belong to the source's wiring and are left out; `--keep-provider`
--- keeps them, for two clouds on the same switches. The MTU follows from how the target builds its networks.
---
--- @since 0.1
---
--- Example: moonferry run migrate --project web --map-network public=ext-net

local compare = require "compare"
local mark = require "mark"
local match = require "match"
local neutron = require "neutron"

local network = { kind = "network", service = "network", in_project = true }

local FIELDS = { "name", "description", "admin_state_up", "shared", "port_security_enabled", "dns_domain" }

function network.list(cloud, scope)
  return cloud.network:networks({ project_id = scope.project }):all()
end

function network.get(cloud, name, scope)
  return cloud.network:network(name, { project_id = scope.project })
end

function network.project(object)
  return object.project_id
end

network.reference = neutron.foreign

function network.needs(object)
  return { { kind = "project", id = object.project_id } }
end

function network.parts(object)
  local parts = {}
  for i, id in ipairs(object.subnets) do
    parts[i] = { kind = "subnet", id = id }
  end
  return parts
end

--- All networks of the target that are external or shared; listed once.
local function common(ctx, filter)
  return ctx.at_target:once("networks " .. next(filter), function()
    return ctx.target.network:networks(filter):all()
  end)
end

function network.match(object, ctx)
  local about = { kind = "network", object = object }
  if object.router_external then
    about.candidates = common(ctx, { router_external = true })
  elseif neutron.foreign(object, ctx) then
    about.candidates = common(ctx, { shared = true })
  elseif match.mapped(ctx, "network", object) then
    about.candidates = { ctx.target.network:find_network(match.mapped(ctx, "network", object)) }
  else
    about.candidates = ctx:in_target_project("network", object.project_id)
    about.fields = FIELDS
    about.source_of = function(candidate)
      return mark.source_of(candidate.tags)
    end
  end
  return match.pick(ctx, about)
end

function network.demand()
  return { network = 1 }
end

function network.notes(object, ctx)
  if object.provider_segmentation_id and not ctx.input.keep_provider then
    return { ("built by the target in its own way (at the source %s %d)"):format(
      object.provider_network_type,
      object.provider_segmentation_id
    ) }
  end
  return {}
end

--- A smaller MTU is one that the guests are set to; a larger one is more than the target's way of building can carry.
local function keep_mtu(w, object, made)
  if not object.mtu or not made.mtu or object.mtu == made.mtu then
    return made
  end
  if object.mtu > made.mtu then
    w:tell(("network %s: MTU %d at the source, %d at the target"):format(object.name, object.mtu, made.mtu), "warn")
    return made
  end
  return w:step("mtu", {
    retry = 2,
    run = function()
      return made:update { mtu = object.mtu }
    end,
  })
end

function network.create(w, object, ctx)
  local project = ctx:target_id("project", object.project_id)
  local made = neutron.create(w, object, {
    look = function()
      return ctx.target.network:networks({ project_id = project, name = object.name }):all()
    end,
    make = function(description)
      local options = neutron.given {
        name = object.name,
        project_id = project,
        admin_state_up = object.admin_state_up,
        shared = object.shared,
        port_security_enabled = object.port_security_enabled,
        dns_domain = object.dns_domain,
        description = description,
      }
      if ctx.input.keep_provider then
        options.provider_network_type = object.provider_network_type
        options.provider_physical_network = object.provider_physical_network
        options.provider_segmentation_id = object.provider_segmentation_id
        options.mtu = object.mtu
      end
      return ctx.target.network:create_network(options)
    end,
  })
  return keep_mtu(w, object, made)
end

function network.verify(object, made)
  local now = made:refresh()
  local differs = compare.fields(object, now, FIELDS)
  compare.check(differs, "tags", mark.plain_tags(object.tags), mark.plain_tags(now.tags))
  return differs
end

function network.remove(object)
  object:delete()
end

return network
