--- Selection: what the operator asked for, as a list of `{ kind =, object = }`.
---
--- Names are looked up by the service, so that a cloud with 200,000 servers is never listed for the sake of one.
---
--- @since 0.1
---
--- Example:
---   select.wanted(ctx)      -- for --project web --only server --name "web-*"

local resources = require "resources"

local wanted = {}

--- Turns `web-*` into a Lua pattern: `*` is any text, `?` any character.
local function glob(text)
  local pattern = text:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", ".")
  return "^" .. pattern .. "$"
end

--- The handler of a kind that the operator named.
local function handler_of(kind)
  local ok, handler = pcall(resources.handler, kind)
  if ok then
    return handler
  end
  if handler.kind == "not_found" and handler.message:find("resources." .. kind, 1, true) then
    local known = table.concat(resources.KINDS, ", ")
    fail { kind = "refused", message = ("there is no kind '%s'"):format(kind), hint = "kinds: " .. known }
  end
  error(handler, 0)
end

--- The tests that a selected object must pass: --only, --name, --where, --filter.
local function tests(input)
  local list = {}
  if #input.only > 0 then
    local kinds = {}
    for _, kind in ipairs(input.only) do
      handler_of(kind)
      kinds[kind] = true
    end
    list[#list + 1] = function(_, kind)
      return kinds[kind]
    end
  end
  if input.name then
    local pattern = glob(input.name)
    list[#list + 1] = function(object, kind)
      return resources.name(resources.handler(kind), object):find(pattern) ~= nil
    end
  end
  if input.where then
    local chunk, problem = load("local object, kind = ... return " .. input.where, "=--where")
    if not chunk then
      fail { kind = "refused", message = "--where: " .. problem, hint = "an expression over object and kind" }
    end
    list[#list + 1] = chunk
  end
  if input.filter then
    list[#list + 1] = require(input.filter)
  end
  return list
end

local function passes(list, object, kind)
  for _, test in ipairs(list) do
    if not test(object, kind) then
      return false
    end
  end
  return true
end

--- One object by name or id. Two of one name are told apart by the id (projects also by --domain), never by chance.
local function one_object(ctx, kind, name, scope)
  local ok, found = pcall(handler_of(kind).get, ctx.source, name, scope, ctx.at_source)
  if ok then
    return found
  end
  if found.kind == "ambiguous" then
    fail {
      kind = "refused",
      message = ("the name '%s' means several %ss of %s"):format(name, kind, ctx.source.name),
      hint = (kind == "project" and "name its domain with --domain, or " or "") .. "give the id instead of the name",
    }
  elseif found.kind == "not_found" then
    fail {
      kind = "refused",
      message = ("%s has no %s '%s'"):format(ctx.source.name, kind, name),
      hint = ("names match in case; `moonferry discover %s` lists what there is"):format(ctx.source.name),
    }
  end
  error(found, 0)
end

local function project(ctx, name)
  local domain = ctx.input.domain and one_object(ctx, "domain", ctx.input.domain, {}).id
  return one_object(ctx, "project", name, { domain = domain })
end

local function everything_of(ctx, projects, add)
  local lists = {}
  for _, handler in ipairs(resources.in_project(ctx.input.kinds)) do
    for _, found in ipairs(projects) do
      -- What the source does not offer, it has nothing of.
      if ctx.source:has(handler.service) then
        lists[#lists + 1] = { kind = handler.kind, project = found.id }
      end
    end
  end
  parallel(lists, { limit = 16 }, function(list)
    list.objects = ctx.at_source:list(list.kind, { project = list.project })
  end)
  for _, list in ipairs(lists) do
    for _, object in ipairs(list.objects) do
      add(list.kind, object)
    end
  end
end

--- The objects named one by one; a --project given with them narrows where their names are looked up.
local function one_by_one(ctx, projects, add)
  local asked = {}
  for _, name in ipairs(ctx.input.server) do
    asked[#asked + 1] = { kind = "server", name = name }
  end
  for _, text in ipairs(ctx.input.select) do
    local kind, name = text:match "^([%w_]+)=(.+)$"
    if not kind then
      fail { kind = "refused", message = ("--select takes KIND=NAME_OR_ID, not '%s'"):format(text) }
    end
    handler_of(kind)
    asked[#asked + 1] = { kind = kind, name = name }
  end
  parallel(asked, { limit = 16 }, function(one)
    local scope = { project = projects[1] and projects[1].id }
    one.object = one_object(ctx, one.kind, one.name, scope)
  end)
  for _, one in ipairs(asked) do
    add(one.kind, one.object)
  end
end

--- Everything the inputs ask for, each object once.
function wanted.wanted(ctx)
  local input = ctx.input
  local named = #input.server > 0 or #input.select > 0
  if not named and #input.project == 0 and #input.host == 0 then
    fail {
      kind = "refused",
      message = "nothing is selected",
      hint = "say what to migrate: --project NAME, --server NAME, --host NAME or --select KIND=NAME",
    }
  end
  local list, seen, filters = {}, {}, tests(input)
  local function add(kind, object)
    local key = ctx.key(kind, resources.id(resources.handler(kind), object))
    if not seen[key] and passes(filters, object, kind) then
      seen[key] = true
      list[#list + 1] = { kind = kind, object = object }
    end
  end
  local projects = parallel(input.project, function(name)
    return project(ctx, name)
  end)
  if named then
    one_by_one(ctx, projects, add)
  elseif #projects > 0 and #input.host == 0 then
    everything_of(ctx, projects, add)
  end
  for _, host in ipairs(input.host) do
    for _, server in ipairs(ctx.at_source:list("server", { host = host, project = projects[1] and projects[1].id })) do
      add("server", server)
    end
  end
  return list
end

return wanted
