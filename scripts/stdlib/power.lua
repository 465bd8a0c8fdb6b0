--- Power: stopping a server for a copy, and bringing servers to the state they had.
---
--- @since 0.1
---
--- Example:
---   power.stop(server)
---   power.restore(copy, "SHUTOFF")

local power = {}

--- The states a server can be moved from, and what they become at the target.
power.MOVABLE = { ACTIVE = true, SHUTOFF = true, PAUSED = true, SUSPENDED = true }

--- Stops a server, whatever it is doing; returns it stopped. What is paused or suspended runs for a moment first, since
--- Nova stops only what runs.
function power.stop(server, patience)
  local now = server:refresh()
  if now.status == "PAUSED" then
    now:unpause()
    now = now:wait("ACTIVE", { timeout = patience })
  elseif now.status == "SUSPENDED" then
    now:resume()
    now = now:wait("ACTIVE", { timeout = patience })
  end
  if now.status ~= "SHUTOFF" then
    now:stop()
    now = now:wait("SHUTOFF", { timeout = patience })
  end
  return now
end

--- Brings a server to a state it had: running, stopped, paused or suspended. Doing it twice does no harm.
function power.restore(server, status, patience)
  local now = server:refresh()
  if now.status == status then
    return now
  end
  if status == "SHUTOFF" then
    return power.stop(now, patience)
  end
  if now.status == "SHUTOFF" then
    now:start()
    now = now:wait("ACTIVE", { timeout = patience })
  end
  if status == "PAUSED" then
    now:pause()
    now = now:wait("PAUSED", { timeout = patience })
  elseif status == "SUSPENDED" then
    now:suspend()
    now = now:wait("SUSPENDED", { timeout = patience })
  end
  return now
end

return power
