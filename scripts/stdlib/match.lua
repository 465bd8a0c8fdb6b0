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

local match = {}

local function name_of(candidate)
  return candidate.name ~= "" and candidate.name or candidate.id
end

--- What `map_<kind>` says of an object, by its name or id; nil where nothing.
function match.mapped(ctx, kind, object)
  local map = ctx.input["map_" .. kind] or {}
  return map[object.id] or map[object.name]
end

local function by_map(ctx, about)
  local wanted = match.mapped(ctx, about.kind, about.object)
  if not wanted then
    return nil
  end
  local found = {}
  for _, candidate in ipairs(about.candidates) do
    if candidate.id == wanted then
      return { state = "same", target_id = wanted, why = "mapped to " .. wanted }
    elseif candidate.name == wanted then
      found[#found + 1] = candidate
    end
  end
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
--- `about.marked(candidate)` tells that an earlier run made it of this object; `about.named(candidate)` replaces the
--- comparison of names.
function match.pick(ctx, about)
  local mapped = by_map(ctx, about)
  if mapped then
    return mapped
  end
  for _, candidate in ipairs(about.candidates) do
    if about.marked and about.marked(candidate) then
      return match.judge(about, candidate, "made of it by an earlier run")
    end
  end
  local named = {}
  for _, candidate in ipairs(about.candidates) do
    local fits
    if about.named then
      fits = about.named(candidate)
    else
      fits = about.object.name ~= "" and candidate.name == about.object.name
    end
    if fits then
      named[#named + 1] = candidate
    end
  end
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
