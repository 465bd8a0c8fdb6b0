--- Floating IPs: at the same address where the mapped external network can give it. `--same-address require` fails
--- otherwise, `prefer` (the default) takes another and says so, `any` does not even try.
---
--- It leads to its port once the server behind it has moved, so that packets never go to a server that is not there.
---
--- @since 0.1
---
--- Example: moonferry run migrate --server web-1 --same-address require

local compare = require "compare"
local index = require "index"
local mark = require "mark"
local match = require "match"
local neutron = require "neutron"

local floating_ip = { kind = "floating_ip", service = "network", in_project = true }

function floating_ip.list(cloud, scope)
  return cloud.network:floating_ips({ project_id = scope.project }):all()
end

function floating_ip.get(cloud, address, scope)
  return cloud.network:floating_ip(address, { project_id = scope.project })
end

function floating_ip.name(object)
  return object.floating_ip_address
end

function floating_ip.project(object)
  return object.project_id
end

function floating_ip.needs(object)
  local needs = {
    { kind = "project", id = object.project_id },
    { kind = "network", id = object.floating_network_id },
  }
  if object.port_id then
    needs[#needs + 1] = { kind = "port", id = object.port_id }
  end
  if object.router_id then
    needs[#needs + 1] = { kind = "router", id = object.router_id }
  end
  return needs
end

function floating_ip.after(object, ctx)
  local port = object.port_id and ctx:source_object("port", object.port_id)
  return port and port.device_owner:find "^compute:" and { ctx.key("server", port.device_id) } or {}
end

local function differences(object, candidate, ctx)
  local differs = compare.fields(object, candidate, { "description", "fixed_ip_address" })
  compare.check(differs, "port", ctx:find_target("port", object.port_id), candidate.port_id)
  return differs
end

function floating_ip.match(object, ctx)
  local network = ctx:find_target("network", object.floating_network_id)
  local project = ctx:find_target("project", object.project_id)
  if not network then
    return { state = "missing" }
  end
  local about = {
    object = object,
    compare = function(candidate)
      return differences(object, candidate, ctx)
    end,
  }
  local others = ctx.at_target:once("floating IPs of " .. network, function()
    return ctx.target.network:floating_ips({ floating_network_id = network }):all()
  end)
  local ours = index.by(others, "source", function(other)
    return mark.source_of(other.tags)
  end)[object.id]
  if ours then
    return match.judge(about, ours[1], "made of it by an earlier run")
  end
  local same = index.by(others, "address", floating_ip.name)[object.floating_ip_address]
  if same and same[1].project_id == project then
    return match.judge(about, same[1], "the same is at the target")
  elseif same and ctx.input.same_address == "require" then
    return { state = "conflict", differs = { "the address belongs to another project there" } }
  end
  return { state = "missing" }
end

function floating_ip.demand()
  return { floatingip = 1 }
end

--- Asks for the same address first, and for any other one only where the policy allows it.
local function allocate(w, object, ctx, options)
  if ctx.input.same_address == "any" then
    return ctx.target.network:create_floating_ip(options)
  end
  options.floating_ip_address = object.floating_ip_address
  local ok, result = pcall(ctx.target.network.create_floating_ip, ctx.target.network, options)
  if ok then
    return result
  end
  local not_to_be_had = result.kind == "conflict" or result.kind == "invalid"
  if not not_to_be_had or ctx.input.same_address == "require" then
    error(result, 0)
  end
  options.floating_ip_address = nil
  local made = ctx.target.network:create_floating_ip(options)
  w:tell(("floating IP %s is not to be had at %s (%s); it became %s"):format(
    object.floating_ip_address,
    ctx.target.name,
    result.message,
    made.floating_ip_address
  ), "warn")
  return made
end

function floating_ip.create(w, object, ctx)
  local network = ctx:target_id("network", object.floating_network_id)
  local project = ctx:target_id("project", object.project_id)
  local made = neutron.create(w, object, {
    look = function()
      return ctx.target.network:floating_ips({ floating_network_id = network, project_id = project }):all()
    end,
    make = function(description)
      return allocate(w, object, ctx, {
        floating_network_id = network,
        project_id = project,
        description = description,
      })
    end,
  })
  if object.port_id then
    return w:step("lead to the port", {
      retry = 2,
      run = function()
        return made:update {
          port_id = ctx:target_id("port", object.port_id),
          fixed_ip_address = object.fixed_ip_address,
        }
      end,
    })
  end
  return made
end

function floating_ip.verify(object, made, ctx)
  local now = made:refresh()
  local differs = differences(object, now, ctx)
  if ctx.input.same_address == "require" then
    compare.check(differs, "address", object.floating_ip_address, now.floating_ip_address)
  end
  return differs
end

function floating_ip.remove(object)
  object:delete()
end

return floating_ip
