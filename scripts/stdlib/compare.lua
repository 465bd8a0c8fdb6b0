--- Comparing objects of two clouds: which fields differ, in words an operator can act on.
---
--- @since 0.1
---
--- Example:
---   local differs = require("compare").fields(old, new, { "cidr", "gateway_ip" })
---   -- { "gateway_ip is 10.0.0.1 at the source and 10.0.0.254 at the target" }

local compare = {}

--- Absent, empty text and empty table mean the same: releases differ in which of them they send.
local function nothing(value)
  return value == nil or value == "" or value == null or (type(value) == "table" and next(value) == nil)
end

--- Tells whether two values of data are equal.
function compare.equal(a, b)
  if nothing(a) or nothing(b) then
    return nothing(a) and nothing(b)
  end
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not compare.equal(value, b[key]) then
      return false
    end
  end
  for key, value in pairs(b) do
    if a[key] == nil and not nothing(value) then
      return false
    end
  end
  return true
end

--- A value in a message, short.
function compare.shown(value)
  if nothing(value) then
    return "nothing"
  end
  local text = type(value) == "table" and json.encode(value) or tostring(value)
  return #text > 120 and text:sub(1, 117) .. "…" or text
end

--- One difference in words.
function compare.difference(name, source, target)
  return ("%s is %s at the source and %s at the target"):format(name, compare.shown(source), compare.shown(target))
end

--- Adds a difference to a list where two values are not equal.
function compare.check(differs, name, source, target)
  if not compare.equal(source, target) then
    differs[#differs + 1] = compare.difference(name, source, target)
  end
end

--- The differences between two objects in the named fields.
function compare.fields(source, target, names)
  local differs = {}
  for _, name in ipairs(names) do
    compare.check(differs, name, source[name], target[name])
  end
  return differs
end

--- A list of tables in a fixed order, so that the same rules in another order are the same.
function compare.sorted(list, key)
  local copy = {}
  for i, item in ipairs(list or {}) do
    copy[i] = item
  end
  table.sort(copy, function(a, b)
    return key(a) < key(b)
  end)
  return copy
end

return compare
