--- Ranges of addresses: does one overlap another, does one hold an address?
---
--- @since 0.1
---
--- Example:
---   cidr.overlap("10.0.0.0/16", "10.0.4.0/24")    -- true
---   cidr.holds("10.0.0.0/24", "10.0.1.5")         -- false

local cidr = {}

local function groups4(text)
  local list = {}
  for part in text:gmatch "%d+" do
    list[#list + 1] = tonumber(part)
  end
  return #list == 4 and list or nil, 8
end

--- The eight groups of an IPv6 address, with `::` filled up.
local function groups6(text)
  local head, tail = text:match "^(.-)::(.*)$"
  local list = {}
  local function add(part)
    for group in part:gmatch "%x+" do
      list[#list + 1] = tonumber(group, 16)
    end
  end
  add(head or text)
  if head then
    local _, behind = tail:gsub("%x+", "")
    while #list < 8 - behind do
      list[#list + 1] = 0
    end
    add(tail)
  end
  return #list == 8 and list or nil, 16
end

--- An address as a string of bits, so that both families compare alike.
local function bits(address)
  local groups, width
  if address:find(":", 1, true) then
    groups, width = groups6(address)
  else
    groups, width = groups4(address)
  end
  if not groups then
    return nil
  end
  local text = {}
  for _, group in ipairs(groups) do
    for bit = width - 1, 0, -1 do
      text[#text + 1] = (group >> bit) & 1
    end
  end
  return table.concat(text)
end

local function prefix(range)
  local address, length = range:match "^(.+)/(%d+)$"
  local all = address and bits(address)
  return all and all:sub(1, tonumber(length))
end

local function same_family(a, b)
  return (a:find(":", 1, true) == nil) == (b:find(":", 1, true) == nil)
end

--- Tells whether two ranges share an address.
function cidr.overlap(a, b)
  local one, two = prefix(a), prefix(b)
  if not one or not two or not same_family(a, b) then
    return false
  end
  local length = math.min(#one, #two)
  return one:sub(1, length) == two:sub(1, length)
end

--- Tells whether a range holds an address.
function cidr.holds(range, address)
  local one, two = prefix(range), bits(address)
  return one ~= nil and two ~= nil and same_family(range, address) and two:sub(1, #one) == one
end

return cidr
