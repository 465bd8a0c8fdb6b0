--- Handlers: one Lua module per kind of resource, `resources/<kind>.lua`; `migrate` itself knows no kind.
---
--- A site adds `resources/my_kind.lua` to its directory and names it in site.lua, `inputs = { migrate = { kinds =
--- { "my_kind" } } }`; a file of the same name as one of ours replaces ours (which `require "std.resources.server"`
--- still reaches). A handler returns a table:
---
---   kind       = "network"             its name, as in `--select network=NAME`
---   service    = "network"             the service that keeps it; a cloud without it is refused before the run
---   in_project = true                  `--project` takes it
---   scoped     = true                  it can only be created by someone inside the project (Nova, Cinder)
---   list(cloud, scope, inventory)      the objects in a scope: { project = id }, { host = name }, or {}
---   get(cloud, name, scope, inventory) one object by id or name; raises not_found or ambiguous
---   id(object), name(object)           where `object.id` and `object.name` are not it
---   project(object)                    the id of the project it belongs to, or nil
---   detail(object, ctx)                data about the object that the plan shall remember: ctx:detail(kind, object)
---   needs(object, ctx)                 what must be at the target before it: { { kind =, id = }, … }
---   parts(object, ctx)                 what goes with it though it could do without: { { kind =, id = }, … }
---   after(object, ctx)                 what goes before it where both move, though neither needs the other
---   match(object, ctx)                 is it at the target? same, missing, conflict: see match.lua
---   reference(object, ctx)             true where it is only ever looked up at the target, never created
---   refuse(object, ctx)                why it cannot be moved, and the remedy; nil where it can
---   notes(object, ctx)                 what of it will not be the same at the target
---   bytes(object, ctx)                 how many bytes go over the wire
---   demand(object, ctx)                what it takes of the quotas: { instances = 1, cores = 4, … }
---   create(w, object, ctx)             makes it at the target, in steps; returns the new object
---   verify(object, made, ctx)          the differences that ought not to be, in words; {} where it is as it should be
---   finish(w, object, made, ctx)       what is left to do once it is verified
---   remove(object, ctx)                deletes it at the source (for --delete-source); kinds without it stay
---
--- Only kind, list, get, match and create are needed. Steps in `create` follow one pattern, so that a killed run finds
--- what it made and `undo` takes it back:
---
---   return w:step("create", {
---     retry = 2,                       how often a fault of the wire is met by trying again, after `find`
---     find = function(s) … end,        looks for what an interrupted attempt made, by the mark s.tag; never writes
---     run  = function(s) … end,        makes it, marked with s.tag
---     undo = function(made) … end,     removes it; it may be gone already
---   })
---
--- References between objects always go through ids: ctx:target_id("network", port.network_id), never through names.
---
--- @since 0.1

local resources = {}

--- The kinds this program knows, in the order in which they depend on each other.
resources.KINDS = {
  "domain", "project", "access", "role", "user", "group", "role_assignment", "quota", "flavor", "keypair", "image",
  "security_group", "security_group_rules", "network", "subnet", "router", "port", "floating_ip", "server_group",
  "volume", "server",
}

--- The handler of a kind: the site's, or ours.
function resources.handler(kind)
  return require("resources." .. kind)
end

--- The handlers that `--project` selects by, those of the site last.
function resources.in_project(more)
  local found = {}
  for _, list in ipairs { resources.KINDS, more or {} } do
    for _, kind in ipairs(list) do
      local handler = resources.handler(kind)
      if handler.in_project then
        found[#found + 1] = handler
      end
    end
  end
  return found
end

function resources.id(handler, object)
  if handler.id then
    return handler.id(object)
  end
  return object.id
end

function resources.name(handler, object)
  local name
  if handler.name then
    name = handler.name(object)
  else
    name = object.name
  end
  return name ~= "" and name or resources.id(handler, object)
end

function resources.project(handler, object)
  return handler.project and handler.project(object)
end

return resources
