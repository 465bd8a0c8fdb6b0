--- Again: a call that does no harm when it is made twice, once more where the wire or a service failed for a moment.
---
--- For deleting, stopping, setting; never for creating, which could make two of a kind: creating belongs into a step with
--- `find`.
---
--- @since 0.1
---
--- Example:
---   again(image.delete, image)

local PASSING = { transport = true, unavailable = true, timeout = true, rate_limited = true }
local TRIES = 4

local function again(call, ...)
  for try = 1, TRIES do
    local ok, result = pcall(call, ...)
    if ok then
      return result
    end
    if try == TRIES or not PASSING[result.kind] then
      error(result, 0)
    end
    sleep(try / 2)
  end
end

return again
