//! The help of a workflow, made of the inputs it declares.

use crate::api::run::Description;
use crate::api::workflow::input::{Input, Type};
use crate::ui::{Style, Table, rows};

/// Renders what `moonferry run WORKFLOW --help` shows.
pub fn help(description: &Description, verb: &str, width: Option<u16>, style: Style) -> String {
    let name = &description.name;
    let mut text = format!("{}\n\n{} moonferry {verb} {name}", description.summary, style.bold("Usage:"));
    if description.inputs.is_empty() {
        return text + "\n";
    }
    text += " [inputs]\n";
    let (required, optional): (Vec<&Input>, Vec<&Input>) = description.inputs.iter().partition(|input| input.required);
    for (heading, inputs) in [("Needed:", required), ("Inputs:", optional)] {
        if !inputs.is_empty() {
            text += &format!("\n{}\n{}\n", style.bold(heading), table(&inputs, width));
        }
    }
    if !description.examples.is_empty() {
        let examples: Vec<String> = description.examples.iter().map(|line| format!("  {line}")).collect();
        text += &format!("\n{}\n{}\n", style.bold("Examples:"), examples.join("\n"));
    }
    text + "\nsite.lua may set any of these; a flag is stronger. Global options: moonferry --help"
}

fn table(inputs: &[&Input], width: Option<u16>) -> String {
    let mut table = Table::new(["", ""]).firm("");
    for input in inputs {
        table.row([format!("{}{}", input.flag(), input.ty.placeholder()), about(input)]);
    }
    // Without the line of headings; two columns to the right, as clap has it.
    let text = table.render(width.map(|width| width.saturating_sub(2)), Style::PLAIN);
    text.lines().skip(2).map(|line| format!("  {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn about(input: &Input) -> String {
    let mut parts = vec![input.doc.trim_end_matches('.').to_owned()];
    if !input.one_of.is_empty() {
        parts.push(format!("[one of: {}]", input.one_of.join(", ")));
    }
    if let Some(default) = &input.default {
        let shown = rows::cell(default);
        if !shown.is_empty() && shown != "false" {
            parts.push(format!("[default: {shown}]"));
        }
    }
    if matches!(input.ty, Type::Strings | Type::Map) {
        parts.push("(repeat for more)".into());
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str, ty: Type, required: bool, doc: &str) -> Input {
        Input { name: name.into(), ty, required, default: None, one_of: Vec::new(), doc: doc.into() }
    }

    #[test]
    fn help_reads_like_the_programs_own() {
        let mut conflict = input("on_conflict", Type::String, false, "What to do where the target has another.");
        conflict.one_of = vec!["fail".into(), "adopt".into(), "skip".into()];
        conflict.default = Some("fail".into());
        let description = Description {
            name: "migrate".into(),
            summary: "Moves a project.".into(),
            inputs: vec![
                input("source", Type::String, true, "The cloud to move from."),
                conflict,
                input(
                    "select",
                    Type::Strings,
                    false,
                    "Objects as KIND=NAME, together with everything that each of them needs.",
                ),
            ],
            examples: vec!["moonferry run migrate --source old --target new --project web".into()],
        };
        insta::assert_snapshot!(help(&description, "run", Some(80), Style::PLAIN), @r"
        Moves a project.

        Usage: moonferry run migrate [inputs]

        Needed:
          --source VALUE  The cloud to move from

        Inputs:
          --on-conflict VALUE  What to do where the target has another [one of: fail,
                               adopt, skip] [default: fail]
          --select VALUE       Objects as KIND=NAME, together with everything that each
                               of them needs (repeat for more)

        Examples:
          moonferry run migrate --source old --target new --project web

        site.lua may set any of these; a flag is stronger. Global options: moonferry --help
        ");
    }
}
