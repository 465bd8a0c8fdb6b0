--- Matching: is an object of the source already at the target?
---
--- In this order: what the operator's map says, what carries the mark of an earlier run, what has the same name. The
--- answer is one of
---   { state = "missing" }
---   { state = "same", target_id =, why = }
---   { state = "conflict", target_id =, differs = { "…", … } }
---   { state = "invalid", why = }        a map names something that is not there, or a name means several objects
---
--- @since 0.1
---
--- Example:
---   return match.pick(ctx, { kind = "flavor", object = flavor, candidates = flavors, fields = { "vcpus", "ram" } })

local compare = require "compare"
local index = require "index"

local match = {}

local function name_of(candidate)
  return candidate.name ~= "" and candidate.name or candidate.id
end

--- What `map_<kind>` says of an object, by its name or id; nil where nothing.
function match.mapped(ctx, kind, object)
  local map = ctx.input["map_" .. kind] or {}
  return map[object.id] or map[object.name]
end

local function id_of(object)
  return object.id
end

local function plain_name(object)
  return object.name ~= "" and object.name or nil
end

local function by_map(ctx, about)
  local wanted = match.mapped(ctx, about.kind, about.object)
  if not wanted then
    return nil
  end
  local by_id = index.by(about.candidates, "id", id_of)[wanted]
  local found = by_id or index.by(about.candidates, "name", plain_name)[wanted] or {}
  if #found == 1 then
    return { state = "same", target_id = found[1].id, why = "mapped to " .. wanted }
  end
  local what = #found == 0 and "is not at the target" or "means " .. #found .. " objects at the target"
  local why = ("--map-%s %s=%s: '%s' %s"):format(about.kind:gsub("_", "-"), name_of(about.object), wanted, wanted, what)
  return { state = "invalid", why = why }
end

--- Compares with one candidate.
function match.judge(about, candidate, why)
  local differs = about.compare and about.compare(candidate)
    or compare.fields(about.object, candidate, about.fields or {})
  if #differs == 0 then
    return { state = "same", target_id = candidate.id, why = why }
  end
  return { state = "conflict", target_id = candidate.id, differs = differs }
end

--- Picks the candidate that is, or ought to be, the object.
---
--- `about.source_of(candidate)` tells of what an earlier run made it; `about.key(object)` is compared instead of the name.
function match.pick(ctx, about)
  local mapped = by_map(ctx, about)
  if mapped then
    return mapped
  end
  local ours = about.source_of and index.by(about.candidates, "source", about.source_of)[about.object.id]
  if ours then
    return match.judge(about, ours[1], "made of it by an earlier run")
  end
  local key = about.key or plain_name
  local wanted = key(about.object)
  local named = wanted and index.by(about.candidates, about.key and "key" or "name", key)[wanted] or {}
  if #named == 0 then
    return { state = "missing" }
  end
  if #named == 1 then
    return match.judge(about, named[1], "the same is at the target")
  end
  -- Several of one name: only one that is equal in every field can be meant.
  local same = {}
  for _, candidate in ipairs(named) do
    local judged = match.judge(about, candidate, "the same is at the target")
    if judged.state == "same" then
      same[#same + 1] = judged
    end
  end
  if #same == 1 then
    return same[1]
  end
  local why = ("the name '%s' means %d objects at the target"):format(name_of(about.object), #named)
  return { state = "invalid", why = why }
end

return match
