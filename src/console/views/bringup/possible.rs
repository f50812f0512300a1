//! Which commands make sense now, in the words of a refusal; the same rules as control applies.

use crate::control::{LimitId, LimitUse, Refusal, RunState, Status};
use crate::plant::signals::SCHEDULE_STATES;

/// A command to the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Start the bring-up.
    Start,
    /// No further batch.
    Hold,
    /// Go on after a hold.
    Resume,
    /// One batch by hand.
    NextBatch,
    /// Stop adds, follow the abort policy.
    Abort,
    /// Down under the same limits.
    RampDown,
}

impl Command {
    fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::NextBatch => "next batch",
            Self::Abort => "abort",
            Self::RampDown => "ramp-down",
        }
    }
}

/// Why `command` is not possible; `None` when it is.
pub(crate) fn refusal(status: &Status, command: Command) -> Option<Refusal> {
    use RunState as S;
    let s = status.state;
    let fits = match command {
        Command::Start => matches!(s, S::Idle | S::Aborted | S::Down | S::Lost),
        Command::Hold => matches!(s, S::Running | S::RampDown) || (s == S::Complete && status.restore_eta_s > 0.0),
        Command::Resume => s == S::Hold,
        Command::NextBatch => matches!(s, S::Hold | S::Idle | S::Aborted),
        Command::Abort => !matches!(s, S::Idle | S::Aborted | S::Down | S::Lost),
        Command::RampDown => !matches!(s, S::RampDown | S::Down),
    };
    if !fits {
        let state = SCHEDULE_STATES.get(s.code()).copied().unwrap_or("unknown");
        return Some(Refusal::WrongState { command: command.word(), state });
    }
    if matches!(command, Command::Start | Command::Resume | Command::NextBatch)
        && let Some(words) = status.interlocks.first()
    {
        return Some(Refusal::Interlock(words.clone()));
    }
    if command == Command::NextBatch
        && let Some(u) = worst(status.limits.iter().filter(|u| u.blocks && u.id != LimitId::Interval))
    {
        return Some(Refusal::Limit(u.id.name(), u.now, u.limit, u.unit));
    }
    None
}

/// The one with the largest use.
fn worst<'a>(uses: impl Iterator<Item = &'a LimitUse>) -> Option<&'a LimitUse> {
    uses.max_by(|a, b| share(a).total_cmp(&share(b)))
}

/// Use of a limit; the reserve is a floor.
pub(crate) fn share(u: &LimitUse) -> f64 {
    let (now, limit) = if u.id == LimitId::Headroom { (u.limit, u.now) } else { (u.now, u.limit) };
    if limit > 0.0 {
        now / limit
    } else if now > 0.0 {
        f64::MAX
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(state: RunState) -> Status {
        crate::console::views::sample::status(state)
    }

    #[test]
    fn commands_by_state() {
        use Command as C;
        use RunState as S;
        let table: [(S, &[C]); 8] = [
            (S::Idle, &[C::Start, C::NextBatch, C::RampDown]),
            (S::Running, &[C::Hold, C::Abort, C::RampDown]),
            (S::Hold, &[C::Resume, C::NextBatch, C::Abort, C::RampDown]),
            (S::Complete, &[C::Abort, C::RampDown]),
            (S::Aborted, &[C::Start, C::NextBatch, C::RampDown]),
            (S::Lost, &[C::Start, C::RampDown]),
            (S::RampDown, &[C::Hold, C::Abort]),
            (S::Down, &[C::Start]),
        ];
        for (state, possible) in table {
            for c in [C::Start, C::Hold, C::Resume, C::NextBatch, C::Abort, C::RampDown] {
                assert_eq!(refusal(&status(state), c).is_none(), possible.contains(&c), "{state:?} {c:?}");
            }
        }
    }

    #[test]
    fn reasons_are_sentences() {
        let why = refusal(&status(RunState::Running), Command::Resume).map(|r| r.to_string());
        assert_eq!(why.as_deref(), Some("resume is not possible while the schedule is running"));
        let mut s = status(RunState::Hold);
        s.limits = vec![LimitUse { id: LimitId::Window1s, now: 21.0, limit: 20.0, unit: "kW", blocks: true }];
        assert_eq!(
            refusal(&s, Command::NextBatch).map(|r| r.to_string()).as_deref(),
            Some("1 s window 21.0 of 20.0 kW")
        );
        s.interlocks = vec!["52C open".into()];
        assert_eq!(refusal(&s, Command::Resume).map(|r| r.to_string()).as_deref(), Some("interlock: 52C open"));
    }
}
