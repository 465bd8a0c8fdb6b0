//! What follows `run` and `plan`: the workflow, its inputs, and global options anywhere among them.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::lua::fault::{Fault, Kind};

use super::args::{Format, Global};

/// A workflow as the operator named it, with its raw inputs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The name or path; none lists the workflows.
    pub workflow: Option<String>,
    /// The inputs, as given.
    pub inputs: Vec<String>,
    /// Whether help was asked for.
    pub help: bool,
}

/// Takes the global options out of the words, wherever they stand: no workflow has inputs of these names.
pub fn split(words: &[String], global: &mut Global) -> Result<Words, Fault> {
    let mut split = Words::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let (name, inline) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let mut value =
            || inline.clone().or_else(|| rest.next().cloned()).ok_or_else(|| invalid(format!("{name} needs a value")));
        match name {
            "--site" => global.site = Some(PathBuf::from(value()?)),
            "--journal" => global.journal = Some(value()?),
            "-f" | "--format" => global.format = format(&value()?)?,
            "--no-color" => global.no_color = true,
            "-v" | "--verbose" => global.verbose += 1,
            "-vv" => global.verbose += 2,
            "-h" | "--help" => split.help = true,
            _ if split.workflow.is_none() && !word.starts_with('-') => split.workflow = Some(word.clone()),
            _ if split.workflow.is_none() => {
                return Err(invalid(format!("'{word}' comes before the workflow"))
                    .hint("write: moonferry run WORKFLOW [inputs]; `moonferry run` lists the workflows"));
            }
            _ => split.inputs.push(word.clone()),
        }
    }
    Ok(split)
}

fn format(text: &str) -> Result<Format, Fault> {
    Format::from_str(text, false).map_err(|_| invalid(format!("-f takes table or json, not '{text}'")))
}

fn invalid(message: String) -> Fault {
    Fault::new(Kind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Words, Global) {
        let mut global = Global::default();
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        (split(&words, &mut global).unwrap(), global)
    }

    #[test]
    fn global_options_may_stand_anywhere() {
        let (words, global) = read("migrate --source old -f json --project=web -v --site /s");
        assert_eq!(words.workflow.as_deref(), Some("migrate"));
        assert_eq!(words.inputs, ["--source", "old", "--project=web"]);
        assert_eq!((global.format, global.verbose, global.site), (Format::Json, 1, Some("/s".into())));
    }

    #[test]
    fn help_is_the_workflows() {
        assert!(read("migrate --help").0.help);
        assert_eq!(read("").0, Words::default());
    }

    #[test]
    fn an_option_before_the_workflow_is_named() {
        let fault = split(&["--source".into()], &mut Global::default()).unwrap_err();
        assert!(fault.message.contains("--source"));
    }
}
