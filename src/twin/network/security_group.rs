//! Security groups: every project has one called `default`, made when first needed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::attribute::{Attr, Fill};
use super::rest::{self, Document, Kind, Standard, Who, find_mut, overlay, render};
use super::security_group_rule::Rule;
use super::{State, error, value};
use crate::twin::http::Refusal;

const DEFAULT: &str = "default";

/// A security group; its rules are kept apart.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Id, owner and dates.
    #[serde(flatten)]
    pub standard: Standard,
    /// The name.
    pub name: String,
    /// Whether connections are tracked.
    pub stateful: bool,
    /// Ids of its rules, in the order made.
    #[serde(skip)]
    pub rules: Vec<String>,
}

impl Kind for Group {
    const ONE: &'static str = "security_group";
    const MANY: &'static str = "security_groups";
    const ATTRS: &'static [Attr] = &[
        Attr::both("name", value::text255, Fill::Text("")),
        Attr::both("stateful", value::boolean, Fill::Flag(true)),
        Attr::read("security_group_rules").plain(),
        Attr::read("shared"),
    ];

    fn standard(&self) -> &Standard {
        &self.standard
    }

    fn standard_mut(&mut self) -> &mut Standard {
        &mut self.standard
    }

    fn table(state: &State) -> &BTreeMap<String, Self> {
        &state.groups
    }

    fn table_mut(state: &mut State) -> &mut BTreeMap<String, Self> {
        &mut state.groups
    }

    fn missing(id: &str) -> Refusal {
        error::new(404, "SecurityGroupNotFound", format!("Security group {id} does not exist"))
    }

    fn text(&self, name: &str) -> Option<&str> {
        match name {
            "id" => Some(&self.standard.id),
            "name" => Some(&self.name),
            "project_id" | "tenant_id" => Some(&self.standard.project_id),
            _ => None,
        }
    }

    fn complete(&self, state: &State, document: &mut Document) {
        let who = Who { admin: true, ..Who::default() };
        let rules = self.rules.iter().filter_map(|id| state.rules.get(id)).map(|rule| render(state, &who, rule));
        document.insert("security_group_rules".into(), rules.map(Value::Object).collect::<Vec<_>>().into());
        document.insert("shared".into(), false.into());
    }

    /// The group is made for whose groups are asked for, as Neutron does, not only for who asks.
    fn before_list(state: &mut State, who: &Who, project: Option<&str>) {
        let project = project.unwrap_or(&who.project);
        if !project.is_empty() {
            ensure_default(state, project, who);
        }
    }

    fn create(state: &mut State, who: &Who, project: &str, body: Document) -> Result<String, Refusal> {
        let mut group: Self = rest::read(body)?;
        if group.name == DEFAULT {
            let what = "Default security group already exists.";
            return Err(error::new(409, "SecurityGroupDefaultAlreadyExists", what));
        }
        ensure_default(state, project, who);
        group.standard = Standard::new(state.new_id(), project, &group.standard.description, who);
        Ok(insert(state, group, who))
    }

    fn update(state: &mut State, who: &Who, id: &str, changes: Document) -> Result<(), Refusal> {
        let group = find_mut::<Self>(state, id)?;
        let renames = changes.get("name").and_then(Value::as_str).is_some_and(|name| name != group.name);
        if group.name == DEFAULT && renames {
            let what = "Updating default security group not allowed.";
            return Err(error::new(409, "SecurityGroupCannotUpdateDefault", what));
        }
        if renames && changes.get("name") == Some(&json!(DEFAULT)) {
            let what = "Default security group already exists.";
            return Err(error::new(409, "SecurityGroupDefaultAlreadyExists", what));
        }
        let rules = std::mem::take(&mut group.rules);
        let changed = overlay(group, who, changes);
        group.rules = rules;
        changed
    }

    fn delete(state: &mut State, who: &Who, id: &str) -> Result<(), Refusal> {
        let group = rest::find::<Self>(state, who, id)?;
        if group.name == DEFAULT && !who.admin {
            let what = "Removing default security group not allowed.";
            return Err(error::new(409, "SecurityGroupCannotRemoveDefault", what));
        }
        if state.ports.values().any(|port| port.security_groups.iter().any(|other| other == id)) {
            return Err(error::new(409, "SecurityGroupInUse", format!("Security Group {id} in use.")));
        }
        if let Some(group) = state.groups.remove(id) {
            state.rules.retain(|_, rule| {
                rule.remote_group_id.as_deref() != Some(id) && !group.rules.contains(&rule.standard.id)
            });
            for other in state.groups.values_mut() {
                other.rules.retain(|rule| state.rules.contains_key(rule));
            }
            if group.name == DEFAULT {
                state.default_groups.remove(&group.standard.project_id);
            }
        }
        Ok(())
    }
}

/// Keeps a new group with the two rules that let everything out.
pub fn insert(state: &mut State, mut group: Group, who: &Who) -> String {
    let id = group.standard.id.clone();
    group.standard.revision_number = 1;
    let project = group.standard.project_id.clone();
    state.groups.insert(id.clone(), group);
    for ethertype in ["IPv4", "IPv6"] {
        Rule::add(state, who, &project, Rule { direction: "egress".into(), ..Rule::open(&id, ethertype) });
    }
    id
}

/// Returns the id of the project's group `default`, after making it where it is not there yet.
pub fn ensure_default(state: &mut State, project: &str, who: &Who) -> String {
    if let Some(id) = state.default_groups.get(project) {
        return id.clone();
    }
    let standard = Standard::new(state.dice.uuid(), project, "Default security group", who);
    let group = Group { standard, name: DEFAULT.into(), stateful: true, rules: Vec::new() };
    let id = insert(state, group, who);
    for ethertype in ["IPv4", "IPv6"] {
        let rule = Rule { remote_group_id: Some(id.clone()), ..Rule::open(&id, ethertype) };
        Rule::add(state, who, project, Rule { direction: "ingress".into(), ..rule });
    }
    state.default_groups.insert(project.into(), id.clone());
    id
}

/// Refuses groups that do not exist or are not the caller's.
pub fn check(state: &State, who: &Who, project: &str, groups: &[String]) -> Result<(), Refusal> {
    for id in groups {
        let known = state.groups.get(id);
        if !known.is_some_and(|group| who.admin || group.standard.project_id == project) {
            return Err(Group::missing(id));
        }
    }
    Ok(())
}
