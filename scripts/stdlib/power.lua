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

--- The server once nothing is being done to it: a request that was sent just before a kill may still be under way.
local function settled(server, patience)
  return poll({ every = 0.5, timeout = patience }, function()
    local now = server:refresh()
    return not now.task_state and now
  end)
end

--- Asks for a change of state. Where the answer is lost, it asks once more; that is refused when the first one worked.
local function ask(change, server)
  local ok, problem = pcall(change, server)
  if ok then
    return
  end
  if problem.kind ~= "transport" and problem.kind ~= "unavailable" and problem.kind ~= "timeout" then
    error(problem, 0)
  end
  ok, problem = pcall(change, server)
  if not ok and problem.kind ~= "conflict" then
    error(problem, 0)
  end
end

--- Stops a server, whatever it is doing; returns it stopped. What is paused or suspended runs for a moment first, since
--- Nova stops only what runs.
function power.stop(server, patience)
  local now = settled(server, patience)
  if now.status == "PAUSED" then
    ask(now.unpause, now)
    now = now:wait("ACTIVE", { timeout = patience })
  elseif now.status == "SUSPENDED" then
    ask(now.resume, now)
    now = now:wait("ACTIVE", { timeout = patience })
  end
  if now.status ~= "SHUTOFF" then
    ask(now.stop, now)
    now = now:wait("SHUTOFF", { timeout = patience })
  end
  return now
end

--- Brings a server to a state it had: running, stopped, paused or suspended. Doing it twice does no harm.
function power.restore(server, status, patience)
  local now = settled(server, patience)
  if now.status == status then
    return now
  end
  if status == "SHUTOFF" then
    return power.stop(now, patience)
  end
  if now.status == "SHUTOFF" then
    ask(now.start, now)
    now = now:wait("ACTIVE", { timeout = patience })
  end
  if status == "PAUSED" then
    ask(now.pause, now)
    now = now:wait("PAUSED", { timeout = patience })
  elseif status == "SUSPENDED" then
    ask(now.suspend, now)
    now = now:wait("SUSPENDED", { timeout = patience })
  end
  return now
end

return power
