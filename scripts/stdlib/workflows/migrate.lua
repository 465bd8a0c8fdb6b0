--- Migrate: moves objects from one OpenStack to another, with everything they need, by API.
---
--- What happens, in this order:
---   1. select what was asked for, and close over what it needs (select.lua, closure.lua)
---   2. match every object at the target, decide what becomes of it (match.lua, planner.lua)
---   3. show the plan; refuse it if anything stands in the way, before anything changes (precheck.lua)
---   4. create object after object, as parallel as their dependencies allow, and verify each (move.lua, resources/*.lua)
---   5. say what became of everything; delete at the source only if told to, and only what was verified
---
--- Nothing at the source is deleted and no server stays stopped there before its copy is verified. A killed run goes on
--- with `resume`; `undo` brings both clouds back to where they were.
---
--- @since 0.1

local context = require "context"
local move = require "move"
local planner = require "planner"
local precheck = require "precheck"
local resources = require "resources"

local input = {
  source = { type = "string", doc = "The cloud to move from: an entry of clouds.yaml." },
  target = { type = "string", doc = "The cloud to move to." },

  project = { type = "string[]", doc = "Everything in this project; with --server, --host or --select only their project." },
  domain = { type = "string?", doc = "The domain of the project, where its name is not unique." },
  server = { type = "string[]", doc = "This server with all it needs." },
  host = { type = "string[]", doc = "All servers on this hypervisor host." },
  select = { type = "string[]", doc = "Any object: KIND=NAME_OR_ID." },
  only = { type = "string[]", doc = "Of what is selected, only this kind." },
  name = { type = "string?", doc = "Of what is selected, only names like this: web-*." },
  where = { type = "string?", doc = "Of what is selected, only where this Lua expression over object and kind holds." },
  filter = { type = "string?", doc = "Of what is selected, only what this module of the site lets through." },
  deps = { type = "boolean", default = true, doc = "Take along what is needed; --no-deps fails on what is missing." },
  kinds = { type = "string[]", doc = "Kinds of the site's own resources/ that --project takes too." },

  on_conflict = { type = "map", doc = "What to do with an object that is there but differs: KIND=fail|adopt|skip." },
  map_project = { type = "map", doc = "SOURCE=TARGET: move into the project of another name." },
  map_domain = { type = "map", doc = "SOURCE=TARGET." },
  map_network = { type = "map", doc = "SOURCE=TARGET: external networks above all." },
  map_flavor = { type = "map", doc = "SOURCE=TARGET." },
  map_image = { type = "map", doc = "SOURCE=TARGET." },
  map_user = { type = "map", doc = "SOURCE=TARGET." },
  map_role = { type = "map", doc = "SOURCE=TARGET." },
  map_volume_type = { type = "map", doc = "SOURCE=TARGET." },
  map_availability_zone = { type = "map", doc = "SOURCE=TARGET; an empty target lets the cloud choose." },

  same_address = {
    type = "string",
    default = "prefer",
    one_of = { "require", "prefer", "any" },
    doc = "Whether floating IPs and gateways must, should or need not keep their address.",
  },
  users = {
    type = "string",
    default = "no-password",
    one_of = { "no-password", "disabled" },
    doc = "How users arrive; passwords cannot be read by API.",
  },
  keep_provider = { type = "boolean", doc = "Keep VLAN and tunnel numbers, physical networks and MTU." },
  allow_overlap = { type = "boolean", doc = "Create a subnet although another of the project overlaps it." },
  drop_ephemeral = { type = "boolean", doc = "Move servers although their ephemeral disks stay empty." },
  volume_format = {
    type = "string",
    default = "qcow2",
    one_of = { "qcow2", "raw" },
    doc = "How volumes travel: without their empty parts, or as they are.",
  },

  admin_role = { type = "string", default = "admin", doc = "The role that administrators have." },
  limit = { type = "integer", default = 16, doc = "How many objects move at once." },
  limits = { type = "map", doc = "How many of one kind move at once: server=4." },
  assumed_rate = { type = "integer", default = 60, doc = "MiB per second, for estimates of downtime." },
  boot_timeout = { type = "duration", default = "10m", doc = "How long a server may take to boot or stop." },
  copy_timeout = { type = "duration", default = "6h", doc = "How long a cloud may take to read or write one disk." },
  delete_source = { type = "boolean", doc = "Delete at the source what was selected, moved and verified." },
}

--- Servers, volumes and images are heavy: a few at once fill the wire, and every server in work is a server that is down.
local function limits(given)
  local all = { server = 4, volume = 4, image = 4 }
  for kind, count in pairs(given) do
    all[kind] = math.tointeger(tonumber(count))
      or fail { kind = "refused", message = ("--limits %s=%s: that is no number"):format(kind, count) }
  end
  return all
end

local function check(given)
  local policies = { fail = true, adopt = true, skip = true }
  for kind, policy in pairs(given.on_conflict) do
    if not policies[policy] then
      fail { kind = "refused", message = ("--on-conflict %s=%s: fail, adopt or skip"):format(kind, policy) }
    end
  end
end

--- What takes part in the graph: what is created, and what is there already and only has to be known.
local function nodes(plan)
  local list, known = {}, {}
  for _, item in ipairs(plan.items) do
    if (item.action == "create" or item.action == "adopt") and not item.carried_by then
      known[item.key] = true
      local label = item.kind .. " " .. item.name
      list[#list + 1] = { key = item.key, kind = item.kind, label = label, item = item, needs = item.before }
    end
  end
  return list
end

--- What was decided against in the plan is recorded like the rest, so that the final table leaves nothing out.
local function record_skips(w, ctx, plan, skipped)
  for _, item in ipairs(plan.items) do
    if item.action == "skip" then
      move.record(w, ctx, item, "skipped", item.why)
    elseif skipped[item.key] then
      local cause = ctx.items[skipped[item.key]]
      move.record(w, ctx, item, "skipped", ("%s '%s' failed"):format(cause.kind, cause.name))
    end
  end
end

--- Gives back the roles that our user took in the target projects.
local function leave_projects(w, ctx, plan)
  local entered = {}
  for _, item in ipairs(plan.items) do
    if item.kind == "access" and item.action == "create" then
      entered[#entered + 1] = item
    end
  end
  w:parallel("leave", entered, { limit = 8 }, function(inner, item)
    resources.handler("access").leave(inner, item.object, ctx)
  end)
end

--- Deletes at the source what was selected, moved in this run and verified; what depends on others goes first. What does
--- not go (a volume with snapshots) is named at the end and keeps nothing else from going.
local function delete_source(w, ctx, plan)
  w:commit "delete-source" -- from here on there is no way back
  local order, left = { table.unpack(ctx.input.kinds) }, {}
  for i = #resources.KINDS, 1, -1 do
    order[#order + 1] = resources.KINDS[i]
  end
  for _, kind in ipairs(order) do
    local handler = resources.handler(kind)
    local going = {}
    for _, item in ipairs(plan.items) do
      if item.kind == kind and item.selected and item.action == "create" and handler.remove then
        going[#going + 1] = item
      end
    end
    w:parallel("delete " .. kind, going, { limit = 8 }, function(inner, item)
      local target_id = ctx.ids[item.key]
      local ok, problem = pcall(function()
        inner:hook("source.delete", { kind = kind, name = item.name, source_id = item.id, target_id = target_id })
        inner:step("delete", {
          retry = 2,
          run = function()
            handler.remove(item.object, ctx)
          end,
        })
      end)
      if not ok then
        left[#left + 1] = ("%s '%s': %s"):format(kind, item.name, problem.message or tostring(problem))
      end
    end)
  end
  if #left > 0 then
    table.sort(left)
    fail {
      kind = "conflict",
      message = ("%d objects could not be deleted at %s:\n%s"):format(#left, ctx.source.name, table.concat(left, "\n")),
      hint = "all of them are at the target; remove what holds them and `resume`",
    }
  end
end

local function count(map)
  local n = 0
  for _ in pairs(map) do
    n = n + 1
  end
  return n
end

local function show(w, plan)
  w:show("Plan", planner.rows(plan))
  local rows = {}
  for _, item in ipairs(plan.items) do
    for _, note in ipairs(item.notes or {}) do
      rows[#rows + 1] = { kind = item.kind, name = item.name, note = note }
    end
  end
  if #rows > 0 then
    w:show("What will not be the same", rows)
  end
end

local function run(w, given)
  check(given)
  local at_once = limits(given.limits)
  local ctx = context.new(w, given)
  local plan = w:step("plan", function()
    local made = planner.make(ctx)
    show(w, made)
    precheck.refuse(w, made.findings) -- in the step, so that a `resume` after mending plans anew
    return made
  end)
  planner.use(ctx, plan)
  if w.planning then
    return { plan = planner.rows(plan) }
  end
  w:hook("plan.ready", { rows = planner.rows(plan) })

  local done, failed, skipped = w:graph(nodes(plan), { limit = given.limit, limits = at_once }, function(inner, node)
    return move.one(inner, node.item, ctx)
  end)
  record_skips(w, ctx, plan, skipped)
  local summary = { done = count(done), failed = count(failed), skipped = count(skipped) }
  if summary.failed > 0 then
    local causes = {}
    for key, problem in pairs(failed) do
      local item = ctx.items[key]
      causes[#causes + 1] = ("%s '%s': %s"):format(item.kind, item.name, problem.message or tostring(problem))
    end
    table.sort(causes)
    fail {
      kind = "unavailable",
      message = ("%d failed and %d were skipped for it, %d are done:\n%s"):format(
        summary.failed,
        summary.skipped,
        summary.done,
        table.concat(causes, "\n")
      ),
      hint = "mend the cause and `resume`: what is done stays done; or `undo`",
    }
  end
  leave_projects(w, ctx, plan)
  if given.delete_source then
    delete_source(w, ctx, plan)
  end
  return summary
end

return workflow.define {
  name = "migrate",
  summary = "Moves a project, servers or any other objects to another cloud, with all they need.",
  input = input,
  examples = {
    "moonferry plan migrate --source old --target new --project web",
    "moonferry run migrate --source old --target new --project web --map-network public=ext-net",
    "moonferry run migrate --source old --target new --server web-1 --on-conflict flavor=adopt",
    "moonferry run migrate --source old --target new --select image=debian-12 --only image",
    "moonferry run migrate --source old --target new --project web --where 'kind ~= \"server\" or object.status == \"SHUTOFF\"'",
  },
  run = run,
}
