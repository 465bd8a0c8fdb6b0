-- The part of the host that is said more easily in Lua. It runs once per VM, before any script, with the plain globals.
-- `host` holds the functions of concurrency.rs, sandbox.rs and values.rs.
local host = ...
local pcall, xpcall, error, type, tostring, setmetatable = pcall, xpcall, error, type, tostring, setmetatable
local create, resume, yield, status = coroutine.create, coroutine.resume, coroutine.yield, coroutine.status
local pack, unpack, concat, sort = table.pack, table.unpack, table.concat, table.sort

local function invalid(message)
  fail { kind = "invalid", message = message }
end

local function need_function(name, fn)
  if type(fn) ~= "function" then
    invalid(name .. ": expected a function, got " .. type(fn))
  end
end

-- Coroutines. What waits inside a script's coroutine yields the engine's own signal: it is handed on to the task that
-- drives everything, and never seen by the script.
local function hand_on(co, ok, first, ...)
  if ok and first == host.pending then
    return hand_on(co, resume(co, yield(first)))
  end
  return ok, first, ...
end

local function rethrow(ok, ...)
  if ok then
    return ...
  end
  error((...), 0)
end

function coroutine.create(fn)
  local co = create(fn)
  host.coroutines[co] = true
  return co
end

function coroutine.resume(co, ...)
  return hand_on(co, resume(co, ...))
end

-- The pcall at the bottom lets an error unwind inside the coroutine, where its to-be-closed variables may still wait.
local function step(co, ok, ...)
  if ok and status(co) == "dead" then
    return rethrow(...)
  end
  return rethrow(ok, ...)
end

function coroutine.wrap(fn)
  need_function("coroutine.wrap", fn)
  local co = coroutine.create(function(...)
    return pcall(fn, ...)
  end)
  return function(...)
    return step(co, hand_on(co, resume(co, ...)))
  end
end

-- Errors. `unwinding` passes through every pcall, and so does `cancelled` once a script has swallowed it too often.
local function settle(ok, problem, ...)
  if not ok and type(problem) == "userdata" and host.passes(problem) then
    error(problem, 0)
  end
  return ok, problem, ...
end

function _G.pcall(fn, ...)
  return settle(pcall(fn, ...))
end

function _G.xpcall(fn, handler, ...)
  local function unless_passing(problem)
    if type(problem) == "userdata" and host.unwinding(problem) then
      return problem
    end
    return handler(problem)
  end
  return settle(xpcall(fn, unless_passing, ...))
end

-- Concurrency. The host answers `false, error` instead of raising, so that a script's own error value stays itself.
function parallel(list, options, fn)
  if fn == nil then
    options, fn = {}, options
  end
  need_function("parallel", fn)
  return rethrow(host.parallel(list, options, fn))
end

function race(functions)
  return rethrow(host.race(functions))
end

function timeout(limit, fn, ...)
  need_function("timeout", fn)
  return rethrow(host.timeout(limit, fn, ...))
end

function shield(fn, ...)
  need_function("shield", fn)
  return rethrow(host.shield(fn, ...))
end

function require(name)
  return rethrow(host.require(name))
end

-- A failing clean-up must not hide the error that made it necessary.
local Deferred = { __name = "defer" }
function Deferred:__close(problem)
  if problem == nil then
    return shield(self[1])
  end
  local ok, second = pcall(shield, self[1], problem)
  if not ok then
    log.warn("clean-up failed: " .. tostring(second))
  end
end

function defer(fn)
  need_function("defer", fn)
  return setmetatable({ fn }, Deferred)
end

function poll(options, fn)
  need_function("poll", fn)
  host.options(options, { "every", "timeout" }, "poll")
  local every = options.every or 1
  local function ask()
    while true do
      local answer = pack(fn())
      if answer[1] then
        return unpack(answer, 1, answer.n)
      end
      sleep(every)
    end
  end
  if options.timeout == nil then
    return ask()
  end
  return timeout(options.timeout, ask)
end

-- table.sort's comparator may not wait; here all keys are asked first, and equal keys keep their order.
function sort_by(list, key)
  need_function("sort_by", key)
  local order, keys = {}, {}
  for at, item in ipairs(list) do
    order[at], keys[at] = at, key(item)
    if keys[at] == nil then
      invalid("sort_by: the key of item " .. at .. " is nil")
    end
  end
  sort(order, function(a, b)
    if keys[a] < keys[b] then
      return true
    end
    return a < b and not (keys[b] < keys[a])
  end)
  local sorted = {}
  for place, at in ipairs(order) do
    sorted[place] = list[at]
  end
  return sorted
end

-- Output goes to whoever hosts this VM: a terminal under a progress bar, a log, a test.
local function text(separator, ...)
  local parts = pack(...)
  for at = 1, parts.n do
    parts[at] = tostring(parts[at])
  end
  return concat(parts, separator)
end

function print(...)
  host.print(text("\t", ...))
end

-- What scripts may not do says so, and says what to do instead.
local function closed(name, remedy)
  return function()
    fail { kind = "refused", message = name .. " is not available to scripts", hint = remedy }
  end
end

local FILES = "allow it in site.lua: allow = { files = true }"
local PROCESSES = "allow it in site.lua: allow = { processes = true }"
local open, lines = io.open, io.lines
local files = { open = open, lines = lines, type = io.type, popen = io.popen, close = io.close, tmpfile = io.tmpfile }
io = setmetatable(files, {
  __index = function(_, name)
    fail { kind = "refused", message = "io." .. tostring(name) .. " is not available to scripts", hint = "use print or log" }
  end,
})

function io.write(...)
  host.print((text("", ...):gsub("\n$", "")))
end

if not host.allow_files then
  function io.open(path, mode)
    local real, problem, number = host.site_file(path, mode or "r")
    if not real then
      return nil, problem, number
    end
    return open(real, mode)
  end

  function io.lines(path, ...)
    local real, problem = host.site_file(path, "r")
    if not real then
      error(problem, 2)
    end
    return lines(real, ...)
  end

  io.tmpfile = closed("io.tmpfile", FILES)
  for _, name in ipairs { "remove", "rename", "tmpname" } do
    os[name] = closed("os." .. name, FILES)
  end
end
if not host.allow_processes then
  io.popen = closed("io.popen", PROCESSES)
  os.execute = closed("os.execute", PROCESSES)
end
os.exit = closed("os.exit", "return from the script, or call fail")
os.getenv = closed("os.getenv", 'use secret.env "NAME"')
os.setlocale, string.dump, dofile, loadfile = nil, nil, nil, nil

-- Text only, in the scripts' own globals.
local load, globals = load, host.globals
function _G.load(chunk, name, _, env)
  return load(chunk, name or "=(load)", "t", env or globals)
end

debug = { traceback = host.traceback }
_G._G = globals
