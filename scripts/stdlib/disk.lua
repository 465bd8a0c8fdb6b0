--- Disks: bytes from cloud to cloud by API. An image goes as it is; a volume or a server's root disk becomes a temporary
--- image at the source, is streamed, and is taken apart again.
---
--- Temporary objects have the step's tag as their name, so that they are found whatever happened in between. Whoever copies
--- ends with `sweep`, well or badly, and begins with it where a killed attempt may have left something.
---
--- @since 0.1
---
--- Example:
---   local image = disk.of_volume(ctx, volume, s.tag, disk.snapshot(ctx, volume, s.tag))
---   disk.stream(ctx, image, { name = s.tag }, function(done) s:progress(done, image.size) end)
---   disk.sweep(ctx.source, s.tag)

local again = require "again"

local disk = {}

--- Deletes an object that may be gone already.
local function drop(object)
  if object then
    again(object.delete, object)
    object:wait_gone { timeout = "10m" }
  end
end

--- Removes the temporary images of that name.
function disk.sweep_images(the_cloud, name)
  for _, image in ipairs(the_cloud.image:images({ name = name }):all()) do
    again(image.delete, image)
  end
end

--- Removes all temporary objects of that name. A clone goes before its snapshot, because a snapshot with clones stays.
function disk.sweep(the_cloud, name)
  disk.sweep_images(the_cloud, name)
  for _, volume in ipairs(the_cloud.volume:volumes({ name = name, all_projects = true }):all()) do
    drop(volume)
  end
  for _, snapshot in ipairs(the_cloud.volume:snapshots({ name = name, all_projects = true }):all()) do
    drop(snapshot)
  end
end

--- A snapshot of a volume that is attached, or nil where it is not. Nova takes part in some snapshots and refuses while
--- it makes an image of the same server, so they come before that.
function disk.snapshot(ctx, volume, name)
  volume = volume:refresh()
  if volume.status == "available" then
    return nil
  end
  local snapshot = ctx.source.volume:create_snapshot { volume = volume.id, name = name, force = true }
  return snapshot:wait("available", { timeout = ctx.input.copy_timeout })
end

--- A volume to read from: the volume itself, or a clone of its snapshot where it is attached, because stock Cinder
--- refuses to read a volume that is in use.
local function readable(ctx, volume, name, snapshot)
  if not snapshot then
    return volume
  end
  local wait = { timeout = ctx.input.copy_timeout }
  local clone = ctx.source.volume:create_volume { snapshot = snapshot.id, size = volume.size, name = name }
  return clone:wait("available", wait)
end

--- A volume's bytes as a temporary image of the source, by its snapshot where it is attached; the volume is as it was when
--- this returns.
function disk.of_volume(ctx, volume, name, snapshot)
  local from = readable(ctx, volume, name, snapshot)
  local image = from:upload_to_image {
    name = name,
    disk_format = ctx.input.volume_format,
    container_format = "bare",
  }
  image = image:wait("active", { timeout = ctx.input.copy_timeout })
  from:wait("available", { timeout = ctx.input.copy_timeout })
  return image
end

--- A stopped server's root disk as a temporary image of the source.
function disk.of_server(ctx, server, name)
  local image = server:create_image { name = name }
  return image:wait("active", { timeout = ctx.input.copy_timeout })
end

--- The differences between the checksums of two images; what a cloud does not know cannot be compared.
function disk.checksums(source, target)
  local differs = {}
  for _, name in ipairs { "size", "checksum" } do
    if source[name] and target[name] and source[name] ~= target[name] then
      differs[#differs + 1] = ("%s is %s at the source and %s at the target"):format(name, source[name], target[name])
    end
  end
  local comparable = source.os_hash_algo ~= nil and source.os_hash_algo == target.os_hash_algo
  if comparable and source.os_hash_value ~= target.os_hash_value then
    differs[#differs + 1] = source.os_hash_algo .. " of the bytes differs"
  end
  return differs
end

--- Makes an image of the target with the bytes of one of the source; raises where their checksums differ.
function disk.stream(ctx, source, options, progress)
  options.disk_format, options.container_format = source.disk_format, source.container_format
  local image = ctx.target.image:create_image(options)
  image:upload_from(source, { progress = progress })
  image = image:wait("active", { timeout = ctx.input.copy_timeout })
  local differs = disk.checksums(source, image)
  if #differs > 0 then
    fail { kind = "conflict", message = ("image %s arrived damaged: %s"):format(image.name, table.concat(differs, "; ")) }
  end
  return image
end

--- The seconds it takes to copy so many bytes of a volume or root disk, for estimates: the bytes are read into the image
--- service, streamed, and written to the disk again.
function disk.seconds(ctx, bytes)
  return 3 * bytes // (ctx.input.assumed_rate * MiB(1))
end

return disk
