--- Prechecks: everything that would make the run fail later is said now, all of it at once, each with a remedy.
---
--- Nothing has changed when a precheck refuses; the program ends with exit code 3.
---
--- @since 0.1
---
--- Example:
---   precheck.refuse(plan.findings)

local cidr = require "cidr"
local quota = require "quota"
local resources = require "resources"

local precheck = {}

--- Whoever moves a project of others must be allowed to read it and to create in their name.
function precheck.credentials(ctx)
  for _, side in ipairs { ctx.source, ctx.target } do
    local roles = side:whoami().roles or {}
    local admin = false
    for _, role in ipairs(roles) do
      admin = admin or role == ctx.input.admin_role
    end
    if not admin then
      fail {
        kind = "refused",
        message = ("the credentials of %s are not those of an administrator: they have %s"):format(
          side.name,
          #roles > 0 and "the roles " .. table.concat(roles, ", ") or "no role"
        ),
        hint = ("use credentials with the role '%s' (or name yours with --admin-role)"):format(ctx.input.admin_role),
      }
    end
  end
end

local function missing_services(ctx, items, findings)
  local asked = {}
  for _, item in ipairs(items) do
    local service = resources.handler(item.kind).service
    if item.action == "create" and not asked[service] then
      asked[service] = true
      if not ctx.target:has(service) then
        findings[#findings + 1] = {
          about = item.key,
          problem = ("%s has no %s service, which %s '%s' needs"):format(ctx.target.name, service, item.kind, item.name),
          remedy = "install it, correct the catalog's region, or leave those objects out with --only",
        }
      end
    end
  end
end

--- What a handler itself says against moving an object: a server in ERROR, an encrypted volume.
local function refused_by_handlers(ctx, items, findings)
  local moving = {}
  for _, item in ipairs(items) do
    if item.action == "create" and resources.handler(item.kind).refuse then
      moving[#moving + 1] = item
    end
  end
  local problems = parallel(moving, { limit = 16 }, function(item)
    return { resources.handler(item.kind).refuse(item.object, ctx) }
  end)
  for i, found in ipairs(problems) do
    if found[1] then
      local problem = ("%s '%s' %s"):format(moving[i].kind, moving[i].name, found[1])
      findings[#findings + 1] = { about = moving[i].key, problem = problem, remedy = found[2] }
    end
  end
end

local function overlap(ctx, item, other, where)
  return {
    about = item.key,
    problem = ("subnet '%s' (%s) overlaps subnet '%s' (%s), which is %s at %s"):format(
      item.name,
      item.object.cidr,
      other.name ~= "" and other.name or other.id,
      other.cidr,
      where,
      ctx.target.name
    ),
    remedy = "remove that subnet, map the network with --map-network, or --allow-overlap where no router joins them",
  }
end

--- Two overlapping ranges cannot hang on one router, nor in one network.
local function overlapping_subnets(ctx, items, findings)
  for _, item in ipairs(items) do
    if item.kind == "subnet" and item.action == "create" then
      local network = ctx:find_target("network", item.object.network_id)
      for _, other in ipairs(ctx:in_target_project("subnet", item.object.project_id)) do
        if cidr.overlap(item.object.cidr, other.cidr) then
          if other.network_id == network then
            findings[#findings + 1] = overlap(ctx, item, other, "in the same network")
          elseif not ctx.input.allow_overlap then
            findings[#findings + 1] = overlap(ctx, item, other, "in the same project")
          end
        end
      end
    end
  end
end

--- Adds what is wrong with a plan to its findings.
function precheck.plan(ctx, items, findings)
  missing_services(ctx, items, findings)
  refused_by_handlers(ctx, items, findings)
  overlapping_subnets(ctx, items, findings)
  quota.check(ctx, items, findings)
end

--- Ends the run where there are findings.
function precheck.refuse(w, findings)
  if #findings == 0 then
    return
  end
  w:show("What stands in the way", findings)
  local lines = {}
  for i, finding in ipairs(findings) do
    lines[i] = ("%d. %s\n   %s"):format(i, finding.problem, finding.remedy)
  end
  fail {
    kind = "refused",
    message = #findings == 1 and findings[1].problem
      or ("%d things stand in the way:\n%s"):format(#findings, table.concat(lines, "\n")),
    hint = #findings == 1 and findings[1].remedy or "nothing has changed; mend these and run it again",
    data = findings,
  }
end

return precheck
