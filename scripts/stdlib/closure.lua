--- Closure: a selection with everything it needs, as items of a plan.
---
--- `needs` of an object come always, because it cannot exist without them. Its `parts` (the floating IPs of a server, the
--- subnets of a network) come unless --only or --no-deps asks for just the object.
---
--- @since 0.1
---
--- Example:
---   local items = require("closure").close(ctx, select.wanted(ctx))

local resources = require "resources"

local closure = {}

local function new_item(ctx, kind, object, selected)
  local handler = resources.handler(kind)
  local id = resources.id(handler, object)
  return {
    key = ctx.key(kind, id),
    kind = kind,
    id = id,
    name = resources.name(handler, object),
    project = resources.project(handler, object),
    object = object,
    selected = selected,
    needs = {},
  }
end

--- What one item leads to: the keys of what it needs, and references to look up.
local function follow(ctx, item, with_parts)
  local handler = resources.handler(item.kind)
  local found = {}
  item.detail = handler.detail and handler.detail(item.object, ctx)
  if handler.reference and handler.reference(item.object, ctx) then
    return found -- it is only looked up at the target, so nothing has to come with it
  end
  for _, need in ipairs(handler.needs and handler.needs(item.object, ctx) or {}) do
    found[#found + 1] = need
    item.needs[#item.needs + 1] = ctx.key(need.kind, need.id)
  end
  for _, part in ipairs(with_parts and handler.parts and handler.parts(item.object, ctx) or {}) do
    found[#found + 1] = { kind = part.kind, id = part.id, part = true }
  end
  return found
end

local function gone(need)
  fail {
    kind = "refused",
    message = ("%s %s is needed but the source does not have it any more"):format(need.kind, need.id),
    hint = "map it to something the target has, or leave out what needs it",
  }
end

--- Goes from wave to wave: what one wave needs is the next; all of a wave is asked for at once.
function closure.close(ctx, selection)
  local input = ctx.input
  local with_parts = input.deps and #input.only == 0
  local items, wave = {}, {}
  local function add(kind, object, selected)
    local item = new_item(ctx, kind, object, selected)
    if not ctx.items[item.key] then
      ctx.items[item.key] = item
      items[#items + 1], wave[#wave + 1] = item, item
    end
  end
  for _, one in ipairs(selection) do
    add(one.kind, one.object, true)
  end
  while #wave > 0 do
    local current = wave
    wave = {}
    local found = parallel(current, { limit = 16 }, function(item)
      return follow(ctx, item, with_parts)
    end)
    local asked, next_wave = {}, {}
    for i, list in ipairs(found) do
      for _, need in ipairs(list) do
        local key = ctx.key(need.kind, need.id)
        if not ctx.items[key] and not asked[key] then
          asked[key] = true
          need.selected = need.part and current[i].selected or false
          next_wave[#next_wave + 1] = need
        end
      end
    end
    parallel(next_wave, { limit = 16 }, function(need)
      need.object = need.object or ctx.at_source:get(need.kind, need.id) or gone(need)
    end)
    for _, need in ipairs(next_wave) do
      add(need.kind, need.object, need.selected)
    end
  end
  return items
end

return closure
