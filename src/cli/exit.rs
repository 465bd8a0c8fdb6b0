//! What the shell is told.

use std::process::ExitCode;

use crate::journal::RunStatus;
use crate::lua::fault::{Fault, Kind};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for is done.
    Done = 0,
    /// Something failed; where there is a run, it can be resumed.
    Failed = 1,
    /// The arguments, the site or a script make no sense; nothing was begun.
    Usage = 2,
    /// A check said no before anything changed.
    Refused = 3,
    /// The run was taken back.
    Undone = 4,
    /// The operator stopped it.
    Interrupted = 130,
}

impl Exit {
    /// The exit of a fault that came before any run began.
    pub fn of(fault: &Fault) -> Self {
        match fault.kind {
            Kind::Refused => Self::Refused,
            Kind::Cancelled => Self::Interrupted,
            Kind::Invalid | Kind::NotFound | Kind::Ambiguous | Kind::Script => Self::Usage,
            _ => Self::Failed,
        }
    }

    /// True where a run ended at bad input or at a check, with nothing done that could be resumed or undone.
    pub fn is_idle(self) -> bool {
        matches!(self, Self::Usage | Self::Refused)
    }

    /// The exit of a run by where it stands. A precheck's refusal is one although the run is called failed, and so is bad
    /// input that was found before anything was done.
    pub fn of_run(status: RunStatus, fault: Option<&Fault>, untouched: bool) -> Self {
        match status {
            RunStatus::Done => Self::Done,
            RunStatus::Undone => Self::Undone,
            RunStatus::Interrupted => Self::Interrupted,
            RunStatus::Failed | RunStatus::Running | RunStatus::Unwinding => match fault.map(|fault| fault.kind) {
                Some(Kind::Refused) => Self::Refused,
                Some(Kind::Cancelled) => Self::Interrupted,
                Some(Kind::Invalid | Kind::NotFound | Kind::Ambiguous) if untouched => Self::Usage,
                _ => Self::Failed,
            },
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_before_a_run_are_usage_unless_a_cloud_failed() {
        let exit = |kind| Exit::of(&Fault::new(kind, ""));
        assert_eq!(exit(Kind::Script), Exit::Usage);
        assert_eq!(exit(Kind::Refused), Exit::Refused);
        assert_eq!(exit(Kind::Transport), Exit::Failed);
    }

    #[test]
    fn a_run_ends_as_it_stands() {
        let refused = Fault::new(Kind::Refused, "");
        assert_eq!(Exit::of_run(RunStatus::Failed, Some(&refused), false), Exit::Refused);
        let unknown = Fault::new(Kind::NotFound, "");
        assert_eq!(Exit::of_run(RunStatus::Failed, Some(&unknown), true), Exit::Usage);
        assert_eq!(Exit::of_run(RunStatus::Failed, Some(&unknown), false), Exit::Failed);
        assert_eq!(Exit::of_run(RunStatus::Failed, None, true), Exit::Failed);
        assert_eq!(Exit::of_run(RunStatus::Undone, None, false), Exit::Undone);
    }
}
