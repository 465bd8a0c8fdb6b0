--- Servers, with their disks. The order keeps the downtime short: all that needs no stopped server is at the target
--- before; then, in one go, the source is stopped, its disks are copied in parallel, the copy is created, booted and
--- compared. The source stays stopped and says in its metadata where it went; nothing else of it changes.
---
--- Where anything in that stretch fails, the source is started again, because no server stays stopped for nothing. That
--- makes every copied byte stale, so the stretch is one step: it happens as a whole or not at all.
---
--- Booted from an image: the root disk travels as an image made of the stopped server. Booted from a volume: the volume.
--- The copy belongs to our user, since Nova has no way to create for another one.
---
--- @since 0.1
---
--- Example: moonferry run migrate --server web-1

local compare = require "compare"
local disk = require "disk"
local flavors = require "resources.flavor"
local index = require "index"
local keys = require "lent_key"
local mark = require "mark"
local match = require "match"
local power = require "power"
local stretch = require "server_move"
local zones = require "zones"

local server = { kind = "server", service = "compute", in_project = true, scoped = true }

function server.list(cloud, scope)
  return cloud.compute:servers({ all_projects = true, project_id = scope.project, host = scope.host }):all()
end

function server.get(cloud, name, scope)
  return cloud.compute:server(name, { all_projects = true, project_id = scope.project })
end

function server.project(object)
  return object.project_id
end

--- Its ports in the order of its interfaces.
local function ports_of(object, ctx)
  local place = {}
  for i, mac in ipairs(object.macs) do
    place[mac:lower()] = i
  end
  local found = {}
  local all = ctx.at_source:list("port", { project = object.project_id })
  local by_device = index.by(all, "device", function(port)
    return port.device_id
  end)
  for i, port in ipairs(by_device[object.id] or {}) do
    found[i] = { id = port.id, place = place[port.mac_address:lower()] or #object.macs + 1 }
  end
  table.sort(found, function(a, b)
    return a.place ~= b.place and a.place < b.place or a.place == b.place and a.id < b.id
  end)
  local ids = {}
  for i, one in ipairs(found) do
    ids[i] = one.id
  end
  return ids
end

--- Its volumes in the order of their devices: /dev/vda before /dev/vdb.
local function volumes_of(object, ctx)
  local found = {}
  for _, attached in ipairs(object.volumes_attached) do
    local volume = ctx:source_object("volume", attached.id)
    local device = volume.attachments[1] and volume.attachments[1].device or ""
    found[#found + 1] = { id = attached.id, device = device, goes_with_server = attached.delete_on_termination or false }
  end
  return compare.sorted(found, function(one)
    return ("%3d%s"):format(#one.device, one.device) -- vdb before vdaa
  end)
end

--- What a deleted flavor was, as far as the server remembers.
local function gone_flavor(object)
  local f = object.flavor
  local name = f.original_name or f.id
  return {
    id = "gone:" .. name,
    name = name,
    vcpus = f.vcpus,
    ram = f.ram,
    disk = f.disk,
    ephemeral = f.ephemeral or 0,
    swap = f.swap or 0,
    is_public = true,
    extra_specs = f.extra_specs,
  }
end

local function flavor_of(object, ctx)
  return flavors.of_server(object, ctx) or gone_flavor(object)
end

local function keypair_of(object, ctx)
  if not object.key_name then
    return nil
  end
  for _, key in ipairs(ctx.at_source:list("keypair", { user = object.user_id })) do
    if key.name == object.key_name then
      return key
    end
  end
end

--- The server groups of its project by their members.
local function groups_of(object, ctx)
  return ctx.at_source:once("group members of " .. object.project_id, function()
    local by_member = {}
    for _, group in ipairs(ctx.at_source:list("server_group", { project = object.project_id })) do
      for _, member in ipairs(group.members) do
        by_member[member] = group
      end
    end
    return by_member
  end)
end

--- What the server consists of, as ids: the plan remembers it, because later the source may say otherwise.
function server.detail(object, ctx)
  local flavor, key = flavor_of(object, ctx), keypair_of(object, ctx)
  local detail = {
    flavor = flavor.id,
    keypair = key and key.id,
    ports = ports_of(object, ctx),
    volumes = volumes_of(object, ctx),
  }
  local group = groups_of(object, ctx)[object.id]
  detail.group = group and group.id
  return detail
end

function server.needs(object, ctx)
  local detail = ctx:detail("server", object)
  local flavor = flavor_of(object, ctx)
  local needs = {
    { kind = "project", id = object.project_id },
    { kind = "access", id = object.project_id },
    { kind = "flavor", id = flavor.id, object = flavor },
  }
  if detail.keypair then
    needs[#needs + 1] = { kind = "keypair", id = detail.keypair }
  end
  if detail.group then
    needs[#needs + 1] = { kind = "server_group", id = detail.group }
  end
  for _, id in ipairs(detail.ports) do
    needs[#needs + 1] = { kind = "port", id = id }
  end
  for _, volume in ipairs(detail.volumes) do
    needs[#needs + 1] = { kind = "volume", id = volume.id }
  end
  return needs
end

--- The floating IPs that lead to it.
function server.parts(object, ctx)
  local all = ctx.at_source:list("floating_ip", { project = object.project_id })
  local by_port = index.by(all, "port", function(floating_ip)
    return floating_ip.port_id
  end)
  local parts = {}
  for _, id in ipairs(ctx:detail("server", object).ports) do
    for _, floating_ip in ipairs(by_port[id] or {}) do
      parts[#parts + 1] = { kind = "floating_ip", id = floating_ip.id }
    end
  end
  return parts
end

--- The flavor and the key pair as the plan has them.
local function planned_flavor(object, ctx)
  return ctx:item("flavor", ctx:detail("server", object).flavor)
end

local function planned_keypair(object, ctx)
  local id = ctx:detail("server", object).keypair
  return id and ctx:source_object("keypair", id)
end

function server.match(object, ctx)
  return match.pick(ctx, {
    kind = "server",
    object = object,
    candidates = ctx:in_target_project("server", object.project_id),
    source_of = function(candidate)
      return candidate.metadata.moonferry_source
    end,
    compare = function(candidate)
      local differs = compare.fields(object, candidate, { "name", "description", "config_drive" })
      -- A key pair that is gone at the source cannot be named at the target.
      local key = planned_keypair(object, ctx)
      compare.check(differs, "key_name", key and key.name, candidate.key_name)
      compare.check(differs, "metadata", mark.plain_metadata(object.metadata), mark.plain_metadata(candidate.metadata))
      if candidate.metadata.moonferry_source ~= object.id then
        table.insert(differs, 1, "it was not made of this server, so nothing is known of its disks")
      end
      return differs
    end,
  })
end

function server.refuse(object, ctx)
  if not power.MOVABLE[object.status] then
    return ("is in state %s"):format(object.status), "bring it to ACTIVE or SHUTOFF, or leave it out"
  end
  if object.task_state then
    return ("is busy: %s"):format(object.task_state), "wait until that has ended"
  end
  local ephemeral = planned_flavor(object, ctx).object.ephemeral or 0
  if ephemeral > 0 and not ctx.input.drop_ephemeral then
    return ("has an ephemeral disk of %d GiB, which no API can read"):format(ephemeral),
      "save what is on it and give --drop-ephemeral"
  end
  local _, problem = zones.at_target(ctx, "compute", object.availability_zone)
  if problem then
    return "cannot be placed: " .. problem, ("--map-availability-zone %s=ZONE"):format(object.availability_zone)
  end
  local key = planned_keypair(object, ctx)
  if key and keys.in_the_way(ctx, key) then
    return ("has the key pair '%s', and our user has another one of that name at %s"):format(key.name, ctx.target.name),
      "rename our user's key pair there"
  end
end

function server.notes(object, ctx)
  local notes = {}
  if object.key_name and not planned_keypair(object, ctx) then
    notes[#notes + 1] = ("its key pair '%s' is gone at the source; the key is on its disk"):format(object.key_name)
  end
  if object.status == "PAUSED" or object.status == "SUSPENDED" then
    notes[#notes + 1] = "what was in its memory is lost; it boots anew and is then " .. object.status
  end
  return notes
end

--- The root disk of a server that boots from an image, at most; volumes count for themselves.
function server.bytes(object, ctx)
  return object.image_id and GiB(planned_flavor(object, ctx).object.disk) or 0
end

--- Stop and boot take their time, and all disks pass in between.
function server.downtime(object, ctx)
  if object.status ~= "ACTIVE" then
    return nil
  end
  local bytes = server.bytes(object, ctx)
  for _, one in ipairs(ctx:detail("server", object).volumes) do
    bytes = bytes + GiB(ctx:source_object("volume", one.id).size)
  end
  return 40 + disk.seconds(ctx, bytes)
end

function server.demand(object, ctx)
  local flavor = planned_flavor(object, ctx).object
  return { instances = 1, cores = flavor.vcpus, ram = flavor.ram }
end

--- Takes the volumes that came along into the id map.
local function record_volumes(w, object, ctx, moved)
  for _, one in ipairs(ctx:detail("server", object).volumes) do
    local item = ctx:item("volume", one.id)
    local target = moved.volumes[one.id]
    ctx:learn(item.key, target)
    if item.action == "create" then
      w:record {
        kind = "volume",
        name = item.name,
        source = ctx.source.name,
        source_id = item.id,
        target = ctx.target.name,
        target_id = target,
        state = "done",
      }
    end
  end
end

function server.create(w, object, ctx)
  local about = { name = object.name, source_id = object.id, options = stretch.options(object, ctx) }
  local options = w:hook("server.options", about).options
  w:hook("server.before_stop", { name = object.name, source_id = object.id, host = object.host })
  local moved = w:step("move", {
    retry = 1, -- where the wire failed; the source has been started again meanwhile
    run = function(s)
      return stretch.move(s, object, ctx, options)
    end,
    undo = function(_, s)
      stretch.take_back(ctx, object, s.tag)
    end,
  })
  record_volumes(w, object, ctx, moved)
  return moved.server
end

--- The site's own test of the running copy, then the note at the source where it went. A copy that the site rejects is
--- removed, and the source runs again.
function server.finish(w, object, made, ctx)
  local about = { name = object.name, source_id = object.id, target_id = made.id, addresses = stretch.addresses(made) }
  local ok, veto = pcall(w.hook, w, "server.verify", about)
  if not ok then
    w:step("reject", {
      retry = 2,
      run = function()
        stretch.take_back(ctx, object, made.metadata.moonferry)
      end,
    })
    error(veto, 0)
  end
  w:step("mark the source", {
    retry = 2,
    run = function()
      object:set_metadata { moonferry_migrated_to = made.id }
    end,
    undo = function()
      object:remove_metadata { "moonferry_migrated_to" }
    end,
  })
end

function server.remove(object)
  object:delete()
  object:wait_gone { timeout = "10m" }
end

return server
