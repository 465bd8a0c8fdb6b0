--- Images: bytes, properties, members; the checksum is verified. `--map-image SOURCE=TARGET` uses an existing one.
---
--- An image carries its marks as tags and not as properties, because Cinder copies an image's properties to every volume
--- made of it.
---
--- @since 0.1
---
--- Example: moonferry run migrate --select image=debian-12

local compare = require "compare"
local disk = require "disk"
local mark = require "mark"
local match = require "match"

local image = { kind = "image", service = "image", in_project = true }

--- Properties that name things of the source, or that only the image service may set.
local LOCAL = {
  owner_id = true, user_id = true, instance_uuid = true, base_image_ref = true, image_location = true, image_state = true,
  boot_roles = true, owner_project_name = true, owner_user_name = true, kernel_id = true, ramdisk_id = true,
  block_device_mapping = true, bdm_v2 = true, root_device_name = true,
}

--- The properties that mean the same in every cloud.
function image.properties(object)
  local kept = {}
  for name, value in pairs(object.properties) do
    if not LOCAL[name] and not name:find "^os_glance_" and not name:find "^moonferry" then
      kept[name] = tostring(value)
    end
  end
  return kept
end

function image.list(cloud, scope)
  return cloud.image:images({ owner = scope.project }):all()
end

function image.get(cloud, name, scope)
  return cloud.image:image(name, { owner = scope.project })
end

function image.project(object)
  return object.owner
end

--- The kernel and the RAM disk of an image that boots by them.
local function boot_parts(object)
  local parts = {}
  for _, name in ipairs { "kernel_id", "ramdisk_id" } do
    local id = object.properties[name]
    if id and id ~= "" then
      parts[name] = id
    end
  end
  return parts
end

function image.needs(object)
  local needs = { { kind = "project", id = object.owner } }
  for _, id in pairs(boot_parts(object)) do
    needs[#needs + 1] = { kind = "image", id = id }
  end
  return needs
end

local function differences(object, candidate)
  local differs = compare.fields(object, candidate, {
    "name", "disk_format", "container_format", "min_disk", "min_ram", "visibility", "protected", "os_hidden",
  })
  for name, value in pairs(image.properties(object)) do
    compare.check(differs, "property " .. name, value, candidate.properties[name])
  end
  for _, difference in ipairs(disk.checksums(object, candidate)) do
    differs[#differs + 1] = difference
  end
  return differs
end

function image.match(object, ctx)
  local candidates = ctx:in_target_project("image", object.owner)
  local mapped = match.mapped(ctx, "image", object)
  if mapped then
    candidates = { ctx.target.image:find_image(mapped) }
  elseif object.visibility == "public" then
    candidates = ctx.at_target:once("public images", function()
      return ctx.target.image:images({ visibility = "public" }):all()
    end)
  end
  return match.pick(ctx, {
    kind = "image",
    object = object,
    candidates = candidates,
    source_of = function(candidate)
      return mark.source_of(candidate.tags)
    end,
    compare = function(candidate)
      return differences(object, candidate)
    end,
  })
end

function image.refuse(object)
  if object.status ~= "active" then
    return ("is %s, so its bytes cannot be read"):format(object.status),
      object.status == "deactivated" and "reactivate it for the time of the migration" or "delete it, or leave it out"
  end
end

--- Every image service keeps a checksum, but some old images came without bytes passing through it.
function image.notes(object)
  return not object.checksum and { "its bytes cannot be compared: the source knows no checksum" } or {}
end

function image.bytes(object)
  return object.size or 0
end

--- Looks for what an earlier attempt made: complete, or to be removed.
local function earlier(ctx, tag)
  for _, found in ipairs(ctx.target.image:images({ tag = tag }):all()) do
    if found.status == "active" then
      return found
    end
    found:delete()
  end
end

function image.create(w, object, ctx)
  -- No `find` here: half an image is of no use, so `run` itself looks, removes halves, and goes on.
  local made = w:step("copy", {
    retry = 1,
    run = function(s)
      local there = earlier(ctx, s.tag)
      if there then
        return there
      end
      local properties = image.properties(object)
      for name, id in pairs(boot_parts(object)) do
        properties[name] = ctx:target_id("image", id)
      end
      return disk.stream(ctx, object, {
        name = object.name,
        owner = ctx:target_id("project", object.owner),
        visibility = object.visibility,
        min_disk = object.min_disk,
        min_ram = object.min_ram,
        tags = mark.tags(object.tags, s.tag, object.id),
        properties = properties,
      }, function(done)
        s:progress(done, object.size)
      end)
    end,
    undo = function(_, s)
      for _, found in ipairs(ctx.target.image:images({ tag = s.tag }):all()) do
        if found.protected then
          found:update { protected = false }
        end
        found:delete()
      end
    end,
  })
  return w:step("members and protection", {
    retry = 2,
    run = function()
      for _, member in ipairs(object.visibility == "shared" and object:members() or {}) do
        local project = ctx:project_at_target(member.member_id)
        if project then -- a project that the target does not have cannot be shared with
          made:add_member { project_id = project }
          made:set_member_status { project_id = project, status = member.status }
        end
      end
      -- Protection comes last: what is protected could not be removed if the copy went wrong.
      if object.protected or object.os_hidden then
        return made:update { protected = object.protected, os_hidden = object.os_hidden }
      end
      return made:refresh()
    end,
  })
end

function image.verify(object, made)
  local now = made:refresh()
  local differs = differences(object, now)
  compare.check(differs, "tags", mark.plain_tags(object.tags), mark.plain_tags(now.tags))
  return differs
end

function image.remove(object)
  if object.protected then
    object:update { protected = false }
  end
  object:delete()
end

return image
