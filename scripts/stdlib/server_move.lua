--- The stretch of a server's downtime: stop, copy the disks, boot the copy, compare (resources/server.lua says when).
---
--- @since 0.1
---
--- Example:
---   local moved = stretch.move(s, server, ctx, stretch.options(server, ctx))

local again = require "again"
local compare = require "compare"
local disk = require "disk"
local images = require "resources.image"
local keys = require "lent_key"
local mark = require "mark"
local match = require "match"
local power = require "power"
local volumes = require "resources.volume"
local zones = require "zones"

local stretch = {}

local function flavor_item(object, ctx)
  return ctx:item("flavor", ctx:detail("server", object).flavor)
end

local function keypair_of(object, ctx)
  local id = ctx:detail("server", object).keypair
  return id and ctx:source_object("keypair", id)
end

--- What the copy is created with, but for its disks.
function stretch.options(object, ctx)
  local detail = ctx:detail("server", object)
  local networks = {}
  for i, id in ipairs(detail.ports) do
    networks[i] = { port = ctx:target_id("port", id) }
  end
  return {
    name = object.name,
    flavor = ctx:target_id("flavor", detail.flavor),
    networks = #networks > 0 and networks or "none",
    metadata = mark.plain_metadata(object.metadata),
    tags = #object.tags > 0 and object.tags or nil,
    description = object.description,
    user_data = object.user_data,
    config_drive = object.config_drive,
    availability_zone = zones.at_target(ctx, "compute", object.availability_zone),
    scheduler_hints = detail.group and { group = ctx:target_id("server_group", detail.group) } or nil,
  }
end

--- The volume at the target that stands for one of the source already, or nil where it has to be copied.
local function taken_over(ctx, volume)
  local item = ctx:item("volume", volume.id)
  return item.action ~= "create" and item.target_id or nil
end

--- Copies the disks, all at once. Returns the image to boot from (or nil) and the ids of the volumes by source id.
local function copy_disks(s, object, stopped, ctx)
  local jobs, done = {}, {}
  local total = object.image_id and GiB(flavor_item(object, ctx).object.disk) or 0
  for i, one in ipairs(ctx:detail("server", object).volumes) do
    local volume = ctx:source_object("volume", one.id)
    total = total + GiB(volume.size)
    jobs[i] = { volume = volume, temporary = s.tag .. ":" .. i }
  end
  if object.image_id then
    jobs[#jobs + 1] = { temporary = s.tag .. ":root" }
  end
  local copied = { volumes = {} }
  parallel(jobs, { limit = 4 }, function(job)
    if job.volume and not taken_over(ctx, job.volume) then
      job.snapshot = disk.snapshot(ctx, job.volume, job.temporary)
    end
  end)
  parallel(jobs, { limit = 4 }, function(job)
    local function progress(bytes)
      done[job.temporary] = bytes
      local sum = 0
      for _, part in pairs(done) do
        sum = sum + part
      end
      s:progress(math.min(sum, total), total)
    end
    if job.volume then
      local there = taken_over(ctx, job.volume)
      local made = not there and volumes.copy(ctx, job.volume, s.tag, job.temporary, job.snapshot, progress)
      copied.volumes[job.volume.id] = there or made.id
      return
    end
    local image = disk.of_server(ctx, stopped, job.temporary)
    -- It stays: Nova goes back to a server's image when it resizes, migrates or rebuilds the server.
    copied.image = disk.stream(ctx, image, {
      name = object.name .. " root disk",
      owner = ctx:target_id("project", object.project_id),
      visibility = "private",
      min_disk = image.min_disk,
      min_ram = image.min_ram,
      tags = mark.tags({}, s.tag, object.id),
      properties = images.properties(image),
    }, progress).id
  end)
  return copied
end

--- The disks as Nova wants to hear of them: the one to boot from first.
local function block_devices(object, ctx, copied)
  local list = {}
  if copied.image then
    list[1] = {
      uuid = copied.image,
      source_type = "image",
      destination_type = "local",
      boot_index = 0,
      delete_on_termination = true,
    }
  end
  for _, one in ipairs(ctx:detail("server", object).volumes) do
    list[#list + 1] = {
      uuid = copied.volumes[one.id],
      source_type = "volume",
      destination_type = "volume",
      boot_index = #list == 0 and 0 or -1,
      delete_on_termination = one.goes_with_server,
    }
  end
  return list
end

local function boot(s, object, ctx, options, copied)
  options.image = copied.image
  local devices = block_devices(object, ctx, copied)
  if next(copied.volumes) then
    options.block_devices = devices
  end
  options.metadata = mark.metadata(options.metadata, s.tag, object.id)
  local inside = ctx:inside_project(object.project_id)
  local key = keypair_of(object, ctx)
  local made = keys.with(ctx, key, function()
    options.key_name = key and key.name
    return inside.compute:create_server(options)
  end)
  made = made:wait("ACTIVE", { timeout = ctx.input.boot_timeout })
  return power.restore(made, object.status, ctx.input.boot_timeout)
end

--- All addresses with their MACs, in order.
function stretch.addresses(object)
  local list = {}
  for _, of_network in pairs(object.addresses) do
    for _, address in ipairs(of_network) do
      if address.type ~= "floating" then
        list[#list + 1] = address.addr .. " " .. address.mac_address:lower()
      end
    end
  end
  table.sort(list)
  return list
end

--- A mapped flavor, or one that was adopted although it differs, is another size by the operator's own wish.
local function check_size(differs, object, made, ctx)
  local flavor = flavor_item(object, ctx)
  if flavor.differs or match.mapped(ctx, "flavor", flavor.object) then
    return
  end
  for _, size in ipairs { "vcpus", "ram", "disk" } do
    if object.flavor[size] and made.flavor[size] then
      compare.check(differs, "flavor." .. size, object.flavor[size], made.flavor[size])
    end
  end
end

local function check_volumes(differs, made, ctx, copied)
  local attached = {}
  for _, one in ipairs(made.volumes_attached) do
    attached[one.id] = true
  end
  for source, target in pairs(copied.volumes) do
    if not attached[target] then
      differs[#differs + 1] = ("volume %s is not attached as %s"):format(source, target)
    end
    local volume = ctx:source_object("volume", source)
    for _, difference in ipairs(volumes.differences(volume, ctx.target.volume:volume(target), ctx)) do
      differs[#differs + 1] = ("volume %s: %s"):format(source, difference)
    end
  end
end

--- Every field that ought to be equal. Floating IPs follow and are verified for themselves.
local function differences(object, made, ctx, options, copied)
  local differs = compare.fields(object, made, { "name", "status", "config_drive", "user_data" })
  compare.check(differs, "metadata", mark.plain_metadata(options.metadata), mark.plain_metadata(made.metadata))
  compare.check(differs, "description", options.description, made.description)
  compare.check(differs, "key_name", options.key_name, made.key_name)
  compare.check(differs, "tags", mark.plain_tags(options.tags), mark.plain_tags(made.tags))
  compare.check(differs, "addresses", stretch.addresses(object), stretch.addresses(made))
  compare.check(differs, "security_groups", object.security_groups, made.security_groups)
  compare.check(differs, "availability_zone", options.availability_zone or made.availability_zone, made.availability_zone)
  check_size(differs, object, made, ctx)
  check_volumes(differs, made, ctx, copied)
  return differs
end

--- The copies that carry the mark; interrupted attempts of the step made them.
local function earlier(ctx, object, tag)
  local pattern = "^" .. object.name:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?{}|\\]", "\\%0") .. "$"
  local project = ctx:target_id("project", object.project_id)
  local found = {}
  for candidate in ctx.target.compute:servers { all_projects = true, project_id = project, name = pattern } do
    if candidate.metadata.moonferry == tag then
      found[#found + 1] = candidate
    end
  end
  return found
end

--- Removes what was only needed on the way.
local function clear_temporary(ctx, object, tag)
  local names = {}
  for i in ipairs(object.volumes_attached) do
    names[i] = tag .. ":" .. i
  end
  parallel(names, { limit = 4 }, function(name)
    volumes.sweep(ctx, name)
  end)
  if object.image_id then
    disk.sweep_images(ctx.source, tag .. ":root")
  end
end

--- Removes all that this step made, at both clouds, whole or half.
local function clear(ctx, object, tag)
  for _, copy in ipairs(earlier(ctx, object, tag)) do
    again(copy.delete, copy)
    copy:wait_gone { timeout = ctx.input.boot_timeout }
  end
  if #object.volumes_attached > 0 then
    volumes.remove_marked(ctx, object, tag)
  end
  for _, image in ipairs(ctx.target.image:images({ tag = tag }):all()) do
    again(image.delete, image)
  end
  clear_temporary(ctx, object, tag)
end

--- Undoes the move: the copy goes, and the source is as it was.
function stretch.take_back(ctx, object, tag)
  clear(ctx, object, tag)
  keys.take_back(ctx, keypair_of(object, ctx))
  power.restore(object, object.status, ctx.input.boot_timeout)
end

--- All of it, in one go. Raises after everything was taken back, the source's power included.
function stretch.move(s, object, ctx, options)
  if s.attempt > 1 then
    clear(ctx, object, s.tag) -- of an interrupted attempt nothing is kept: its bytes may be older than the source's
  end
  local stopped = power.stop(object, ctx.input.boot_timeout)
  local ok, result = pcall(function()
    local copied = copy_disks(s, object, stopped, ctx)
    local made = boot(s, object, ctx, options, copied)
    local differs = differences(object, made, ctx, options, copied)
    if #differs > 0 then
      fail { kind = "conflict", message = "the copy is not like the source: " .. table.concat(differs, "; ") }
    end
    clear_temporary(ctx, object, s.tag)
    return { server = made, volumes = copied.volumes, image = copied.image }
  end)
  if ok then
    return result
  end
  local cleared, problem = pcall(shield, stretch.take_back, ctx, object, s.tag)
  if not cleared then
    log.warn(("server %s: the failed move could not be cleared: %s"):format(object.name, tostring(problem)))
  end
  error(result, 0)
end

return stretch
