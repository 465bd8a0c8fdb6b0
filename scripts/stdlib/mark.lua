--- Marks: what every object made by a run carries, so that a later run, a resume or a person can tell where it came from.
---
--- Two marks: the step's tag (which step of which run made it; `find` looks for it after a kill) and the id of the object
--- it was made from (a second run recognises its own work by it, whatever has been renamed meanwhile).
---
--- @since 0.1
---
--- Example:
---   local mark = require "mark"
---   network:set_tags(mark.tags(source.tags, s.tag, source.id))

local mark = {}

local FROM = "moonferry-source:"

--- The metadata of a server or volume: its own, and the marks.
function mark.metadata(own, tag, id)
  local all = mark.plain_metadata(own)
  all.moonferry, all.moonferry_source = tag, id
  return all
end

--- Metadata without any marks: what two clouds are compared by, and what an object that was migrated before hands on.
function mark.plain_metadata(metadata)
  local plain = {}
  for key, value in pairs(metadata or {}) do
    if not key:find "^moonferry" then
      plain[key] = value
    end
  end
  return plain
end

--- The tags of a network object, image or project: its own, and the marks.
function mark.tags(own, tag, id)
  local all = mark.plain_tags(own)
  all[#all + 1] = tag
  all[#all + 1] = FROM .. id
  return all
end

--- Tags without any marks, sorted, because clouds return them in any order.
function mark.plain_tags(tags)
  local plain = {}
  for _, tag in ipairs(tags or {}) do
    if not tag:find "^moonferry[:-]" then
      plain[#plain + 1] = tag
    end
  end
  table.sort(plain)
  return plain
end

--- The id of the object that one with these tags was made from, or nil.
function mark.source_of(tags)
  for _, tag in ipairs(tags or {}) do
    if tag:sub(1, #FROM) == FROM then
      return tag:sub(#FROM + 1)
    end
  end
end

function mark.has(tags, wanted)
  for _, tag in ipairs(tags or {}) do
    if tag == wanted then
      return true
    end
  end
  return false
end

return mark
