--- Volumes: bytes, type (`--map-volume-type SOURCE=TARGET`), zone, metadata, bootable flag and image metadata.
---
--- A detached volume is read as it is. An attached one is read through a temporary snapshot and clone; one that belongs to
--- a server of this migration moves with that server, once it is stopped (resources/server.lua).
---
--- @since 0.1
---
--- Example: moonferry run migrate --select volume=data-1 --map-volume-type ssd=fast

local again = require "again"
local compare = require "compare"
local disk = require "disk"
local mark = require "mark"
local match = require "match"
local zones = require "zones"

local volume = { kind = "volume", service = "volume", in_project = true, scoped = true }

--- Image metadata that describes the image a volume was once made of, or its bytes, and not how to run it.
local OF_THE_IMAGE = {
  image_id = true, image_name = true, checksum = true, size = true, disk_format = true, container_format = true,
  min_disk = true, min_ram = true, signature_verified = true,
}

function volume.list(cloud, scope)
  return cloud.volume:volumes({ all_projects = true, project_id = scope.project }):all()
end

function volume.get(cloud, name, scope)
  return cloud.volume:volume(name, { all_projects = true, project_id = scope.project })
end

function volume.project(object)
  return object.project_id
end

function volume.needs(object)
  return { { kind = "project", id = object.project_id }, { kind = "access", id = object.project_id } }
end

function volume.type_at_target(object, ctx)
  return ctx:mapped("volume_type", object.volume_type) or object.volume_type
end

local function hardware(object)
  local kept = {}
  for name, value in pairs(object.volume_image_metadata) do
    if not OF_THE_IMAGE[name] and not name:find "^moonferry" then
      kept[name] = value
    end
  end
  return kept
end

--- The differences between a volume and its copy; the bytes were compared while they were copied.
function volume.differences(object, candidate, ctx)
  local differs = compare.fields(object, candidate, { "name", "description", "size", "bootable" })
  compare.check(differs, "metadata", mark.plain_metadata(object.metadata), mark.plain_metadata(candidate.metadata))
  compare.check(differs, "volume_type", volume.type_at_target(object, ctx), candidate.volume_type)
  local zone = zones.at_target(ctx, "volume", object.availability_zone)
  if zone then
    compare.check(differs, "availability_zone", zone, candidate.availability_zone)
  end
  for name, value in pairs(hardware(object)) do
    compare.check(differs, "image metadata " .. name, value, candidate.volume_image_metadata[name])
  end
  return differs
end

function volume.match(object, ctx)
  return match.pick(ctx, {
    kind = "volume",
    object = object,
    candidates = ctx:in_target_project("volume", object.project_id),
    source_of = function(candidate)
      return candidate.metadata.moonferry_source
    end,
    compare = function(candidate)
      local differs = volume.differences(object, candidate, ctx)
      if candidate.metadata.moonferry_source ~= object.id then
        table.insert(differs, 1, "it was not made of this volume, so nothing is known of its bytes")
      end
      return differs
    end,
  })
end

local function types(ctx)
  return ctx.at_target:once("volume types", function()
    local found = {}
    for kind in ctx.target.volume:volume_types { is_public = "None" } do
      found[kind.name] = true
    end
    return found
  end)
end

function volume.refuse(object, ctx)
  if object.status ~= "available" and object.status ~= "in-use" then
    return ("is %s"):format(object.status), "mend it or leave it out"
  end
  if object.encrypted then
    return "is encrypted, and its bytes are of no use without the source's keys", "leave it out; copy it inside the guest"
  end
  if #object.attachments > 1 then
    return ("is attached to %d servers at once"):format(#object.attachments), "leave all but one attached"
  end
  local wanted = volume.type_at_target(object, ctx)
  if wanted and not types(ctx)[wanted] then
    return ("has the type '%s', which %s has not"):format(wanted, ctx.target.name),
      ("create it there, or --map-volume-type %s=TYPE"):format(object.volume_type)
  end
  local _, problem = zones.at_target(ctx, "volume", object.availability_zone)
  if problem then
    return "cannot be placed: " .. problem, ("--map-availability-zone %s=ZONE"):format(object.availability_zone)
  end
end

function volume.bytes(object)
  return GiB(object.size)
end

function volume.demand(object)
  return { volumes = 1, gigabytes = object.size }
end

--- Copies a volume, by its snapshot where it is attached. `tag` marks the copy; `temporary` names all that is only needed on
--- the way, which the caller sweeps.
function volume.copy(ctx, object, tag, temporary, snapshot, progress)
  local image = disk.of_volume(ctx, object, temporary, snapshot)
  local arrived = disk.stream(ctx, image, { name = temporary, visibility = "private" }, progress)
  local made = ctx:inside_project(object.project_id).volume:create_volume {
    name = object.name,
    description = object.description,
    size = object.size,
    volume_type = volume.type_at_target(object, ctx),
    availability_zone = zones.at_target(ctx, "volume", object.availability_zone),
    metadata = mark.metadata(object.metadata, tag, object.id),
    image = arrived.id,
  }
  made = made:wait("available", { timeout = ctx.input.copy_timeout })
  return volume.equip(object, made)
end

--- What a volume cannot be created with. A volume that is made of an image counts as bootable at first.
function volume.equip(object, made)
  if made.bootable ~= object.bootable then
    again(made.set_bootable, made, { bootable = object.bootable })
  end
  local metadata = hardware(object)
  if next(metadata) then
    again(made.set_image_metadata, made, metadata)
  end
  return made:refresh()
end

--- The volumes of the target that carry a mark.
function volume.marked(ctx, object, tag)
  local project = ctx:find_target("project", object.project_id)
  if not project then
    return {}
  end
  local found = {}
  local filter = { all_projects = true, project_id = project, metadata = json.encode { moonferry = tag } }
  for _, candidate in ipairs(ctx.target.volume:volumes(filter):all()) do
    if candidate.metadata.moonferry == tag then
      found[#found + 1] = candidate
    end
  end
  return found
end

--- Removes the volumes that carry a mark, whole or half.
function volume.remove_marked(ctx, object, tag)
  for _, found in ipairs(volume.marked(ctx, object, tag)) do
    again(found.delete, found)
    found:wait_gone { timeout = ctx.input.boot_timeout }
  end
end

--- Removes what was only needed on the way: image, clone and snapshot at the source, an image at the target.
function volume.sweep(ctx, name)
  disk.sweep(ctx.source, name)
  disk.sweep_images(ctx.target, name)
end

function volume.create(w, object, ctx)
  -- No `find` here: half a volume is of no use, so `run` itself looks, removes halves, and begins anew.
  return w:step("copy", {
    retry = 1,
    run = function(s)
      local temporary = s.tag
      local _ <close> = defer(function()
        volume.sweep(ctx, temporary)
      end)
      volume.sweep(ctx, temporary) -- what a kill left behind
      for _, found in ipairs(volume.marked(ctx, object, s.tag)) do
        if found.status == "available" then
          return volume.equip(object, found)
        end
      end
      volume.remove_marked(ctx, object, s.tag)
      return volume.copy(ctx, object, s.tag, temporary, disk.snapshot(ctx, object, temporary), function(done, total)
        s:progress(done, total)
      end)
    end,
    undo = function(_, s)
      volume.sweep(ctx, s.tag)
      volume.remove_marked(ctx, object, s.tag)
    end,
  })
end

function volume.verify(object, made, ctx)
  return volume.differences(object, made:refresh(), ctx)
end

function volume.remove(object, ctx)
  local left = ctx.source.volume:find_volume(object.id)
  if left then -- it may have gone with its server
    left:wait("available", { timeout = ctx.input.boot_timeout })
    left:delete()
  end
end

return volume
