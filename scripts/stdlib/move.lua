--- Moving one object of a plan: create, verify, record. Every kind goes this way.
---
--- @since 0.1
---
--- Example:
---   w:graph(items, { limit = 16 }, function(w, item) return move.one(w, item, ctx) end)

local resources = require "resources"

local move = {}

function move.record(w, ctx, item, state, reason)
  if item.kind == "access" then
    return -- our own way in, nobody's object
  end
  w:record {
    kind = item.kind,
    name = item.name,
    source = ctx.source.name,
    source_id = item.id,
    target = ctx.target.name,
    target_id = ctx.ids[item.key],
    state = state,
    reason = reason,
  }
end

--- Compares what was made with its source. As a step: once equal it is not asked again, and what differed and was mended
--- by hand is compared anew by `resume`.
local function verify(w, handler, item, made, ctx)
  if not handler.verify then
    return
  end
  w:step("verify", {
    retry = 2,
    run = function()
      local differs = handler.verify(item.object, made, ctx)
      if #differs > 0 then
        fail {
          kind = "conflict",
          message = ("%s '%s' is at %s but not as it was: %s"):format(
            item.kind,
            item.name,
            ctx.target.name,
            table.concat(differs, "; ")
          ),
          hint = "mend it there and `resume`, or `undo` the run",
        }
      end
    end,
  })
end

local function create(w, item, ctx)
  local handler = resources.handler(item.kind)
  w:hook("object.before", { kind = item.kind, name = item.name, source_id = item.id })
  local made = handler.create(w, item.object, ctx)
  ctx:learn(item.key, made.id)
  verify(w, handler, item, made, ctx)
  if handler.finish then
    handler.finish(w, item.object, made, ctx)
  end
  w:hook("object.done", { kind = item.kind, name = item.name, source_id = item.id, target_id = made.id })
end

--- Brings one object to the target, or takes the one that is there.
function move.one(w, item, ctx)
  if item.action == "adopt" then
    move.record(w, ctx, item, "adopted", item.why)
    return true
  end
  local ok, problem = pcall(create, w, item, ctx)
  if not ok then
    if problem.kind ~= "cancelled" then
      move.record(w, ctx, item, "failed", problem.message or tostring(problem))
    end
    error(problem, 0)
  end
  move.record(w, ctx, item, "done")
  return true -- the graph counts what has a result
end

return move
