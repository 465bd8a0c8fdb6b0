//! Many parts of a run at once: each begins when what it needs is done, and a failure stops only what depends on it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use mlua::{Function, Lua, MultiValue, Table, Value as LuaValue};

use crate::api::observer::Event;
use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};
use crate::lua::scope as lua_scope;

use super::handle::Workflow;
use super::scope;

/// One item of a graph: its key, its group for the limits, what it needs.
struct Node {
    key: String,
    group: String,
    needs: Vec<String>,
    item: LuaValue,
}

/// How many run at once, in all and per group.
struct Limits {
    total: usize,
    groups: HashMap<String, usize>,
}

/// What became of the nodes.
#[derive(Default)]
struct Outcome {
    done: BTreeMap<String, LuaValue>,
    failed: BTreeMap<String, Fault>,
    skipped: BTreeMap<String, String>,
    unwinding: Option<Fault>,
    cancelled: Option<Fault>,
}

/// Runs `body(w, item)` for items that name their `key`, `needs` and `kind`; returns done, failed and skipped by key.
pub async fn run(
    lua: &Lua,
    w: &Workflow,
    items: &Table,
    options: &Table,
    body: &Function,
) -> Result<MultiValue, Fault> {
    bind::options(options, &["limit", "limits"], "graph")?;
    let nodes = read_nodes(items)?;
    w.engine.observer.event(Event::Expected { objects: &labels(w, items)? });
    let outcome = walk(w, nodes, &read_limits(options)?, body).await;
    if let Some(fault) = outcome.cancelled.or(outcome.unwinding) {
        return Err(fault);
    }
    let failed = lua.create_table()?;
    for (key, fault) in outcome.failed {
        failed.set(key, fault.into_lua())?;
    }
    let done = lua.create_table_from(outcome.done)?;
    let skipped = lua.create_table_from(outcome.skipped)?;
    Ok(MultiValue::from_vec(vec![LuaValue::Table(done), LuaValue::Table(failed), LuaValue::Table(skipped)]))
}

/// Runs `body(w, item, index)` for every item of a list; returns the results in order or raises the first failure after
/// all have settled.
pub async fn parallel(
    lua: &Lua,
    w: &Workflow,
    name: &str,
    items: &Table,
    options: &Table,
    body: &Function,
) -> Result<Table, Fault> {
    bind::options(options, &["limit"], "parallel")?;
    let items: Vec<LuaValue> = items.sequence_values().collect::<mlua::Result<_>>()?;
    let keys: Vec<String> = (1..=items.len()).map(|index| format!("{name}[{index}]")).collect();
    let nodes = keys.iter().zip(items).map(|(key, item)| Node {
        key: key.clone(),
        group: String::new(),
        needs: Vec::new(),
        item,
    });
    let mut outcome = walk(w, nodes.collect(), &read_limits(options)?, body).await;
    if let Some(fault) = outcome.cancelled.or(outcome.unwinding).or(outcome.failed.into_values().next()) {
        return Err(fault);
    }
    lua.create_sequence_from(keys.iter().map(|key| outcome.done.remove(key).unwrap_or(LuaValue::Nil)))
        .map_err(Fault::from)
}

/// What the operator reads in place of each item's path: its `label`, where it has one.
fn labels(w: &Workflow, items: &Table) -> Result<Vec<(String, String)>, Fault> {
    let mut labels = Vec::new();
    for item in items.sequence_values::<Table>() {
        let item = item?;
        let key: String = item.get("key")?;
        let label = item.get::<Option<String>>("label")?.unwrap_or_else(|| key.clone());
        let path = if w.path.is_empty() { key } else { format!("{}/{key}", w.path) };
        labels.push((path, label));
    }
    Ok(labels)
}

fn read_nodes(items: &Table) -> Result<Vec<Node>, Fault> {
    let mut nodes = Vec::new();
    for item in items.sequence_values::<Table>() {
        let item = item?;
        nodes.push(Node {
            key: item.get("key")?,
            group: item.get::<Option<String>>("kind")?.unwrap_or_default(),
            needs: item.get::<Option<Vec<String>>>("needs")?.unwrap_or_default(),
            item: LuaValue::Table(item),
        });
    }
    check(&nodes)?;
    Ok(nodes)
}

/// Refuses doubled keys, needs that nobody meets, and circles, each by name and before anything runs.
fn check(nodes: &[Node]) -> Result<(), Fault> {
    let mut keys = HashSet::new();
    for node in nodes {
        if !keys.insert(node.key.as_str()) {
            return Err(Fault::new(Kind::Invalid, format!("graph: two items have the key '{}'", node.key)));
        }
    }
    for node in nodes {
        if let Some(missing) = node.needs.iter().find(|need| !keys.contains(need.as_str())) {
            return Err(Fault::new(
                Kind::Invalid,
                format!("graph: '{}' needs '{missing}', which is not in it", node.key),
            ));
        }
    }
    let mut open: Vec<&Node> = nodes.iter().collect();
    let mut met: HashSet<&str> = HashSet::new();
    loop {
        let before = open.len();
        let (ready, rest): (Vec<&Node>, Vec<&Node>) =
            open.into_iter().partition(|node| node.needs.iter().all(|need| met.contains(need.as_str())));
        met.extend(ready.iter().map(|node| node.key.as_str()));
        if rest.is_empty() {
            return Ok(());
        }
        if rest.len() == before {
            let names: Vec<&str> = rest.iter().take(5).map(|node| node.key.as_str()).collect();
            return Err(Fault::new(
                Kind::Invalid,
                format!("graph: these need each other in a circle: {}", names.join(", ")),
            ));
        }
        open = rest;
    }
}

fn read_limits(options: &Table) -> Result<Limits, Fault> {
    Ok(Limits {
        total: options.get::<Option<usize>>("limit")?.unwrap_or(8).max(1),
        groups: options.get::<Option<HashMap<String, usize>>>("limits")?.unwrap_or_default(),
    })
}

/// The nodes that wait, counted by what they still need.
struct Waiting {
    open: HashMap<String, (Node, usize)>,
    dependents: HashMap<String, Vec<String>>,
    ready: VecDeque<Node>,
}

impl Waiting {
    fn new(nodes: Vec<Node>) -> Self {
        let mut waiting = Self { open: HashMap::new(), dependents: HashMap::new(), ready: VecDeque::new() };
        for node in nodes {
            for need in &node.needs {
                waiting.dependents.entry(need.clone()).or_default().push(node.key.clone());
            }
            match node.needs.len() {
                0 => waiting.ready.push_back(node),
                count => drop(waiting.open.insert(node.key.clone(), (node, count))),
            }
        }
        waiting
    }

    fn met(&mut self, key: &str) {
        for dependent in self.dependents.remove(key).unwrap_or_default() {
            let Some((_, count)) = self.open.get_mut(&dependent) else { continue };
            *count -= 1;
            if *count == 0
                && let Some((node, _)) = self.open.remove(&dependent)
            {
                self.ready.push_back(node);
            }
        }
    }

    /// Drops everything that depends on a node, and names it.
    fn unmet(&mut self, key: &str, skipped: &mut BTreeMap<String, String>) {
        let mut causes = vec![key.to_owned()];
        while let Some(cause) = causes.pop() {
            for dependent in self.dependents.remove(&cause).unwrap_or_default() {
                if self.open.remove(&dependent).is_some() {
                    skipped.insert(dependent.clone(), key.to_owned());
                    causes.push(dependent);
                }
            }
        }
    }

    /// The next node whose group has room.
    fn next(&mut self, running: &HashMap<String, usize>, limits: &Limits) -> Option<Node> {
        let room = |node: &Node| {
            limits
                .groups
                .get(&node.group)
                .is_none_or(|limit| running.get(&node.group).copied().unwrap_or(0) < (*limit).max(1))
        };
        let place = self.ready.iter().position(room)?;
        self.ready.remove(place)
    }
}

type Running<'a> = FuturesUnordered<BoxFuture<'a, (String, String, Result<LuaValue, Fault>)>>;

async fn walk(w: &Workflow, nodes: Vec<Node>, limits: &Limits, body: &Function) -> Outcome {
    let mut waiting = Waiting::new(nodes);
    let mut running = Running::new();
    let mut groups: HashMap<String, usize> = HashMap::new();
    let mut outcome = Outcome::default();
    loop {
        let stopping = outcome.cancelled.is_some() || lua_scope::current().cancel.is_cancelled();
        while !stopping && running.len() < limits.total {
            let Some(node) = waiting.next(&groups, limits) else { break };
            *groups.entry(node.group.clone()).or_default() += 1;
            running.push(Box::pin(part(w, node, body)));
        }
        let Some((key, group, result)) = running.next().await else { break };
        groups.entry(group).and_modify(|count| *count -= 1);
        match result {
            Ok(value) => {
                waiting.met(&key);
                outcome.done.insert(key, value);
            }
            Err(fault) if fault.kind == Kind::Cancelled => outcome.cancelled = Some(fault),
            Err(fault) => {
                waiting.unmet(&key, &mut outcome.skipped);
                if fault.kind == Kind::Unwinding {
                    outcome.unwinding = Some(fault);
                } else {
                    outcome.failed.insert(key, fault);
                }
            }
        }
    }
    outcome
}

async fn part(w: &Workflow, node: Node, body: &Function) -> (String, String, Result<LuaValue, Fault>) {
    let child = w.child(&node.key);
    let scope = scope::body(&w.engine, &child.path);
    let result = w.engine.vm.call(scope, body, (child, node.item)).await;
    (node.key, node.group, result.map(|values| values.into_iter().next().unwrap_or(LuaValue::Nil)))
}
