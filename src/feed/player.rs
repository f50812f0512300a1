//! Plays rows that another module reads: a journal's recording, or a saved run that is simulated again.
//!
//! The same handle, clock and updates as a CSV file that is played ([`super::csv_tail`]); what is played has minima,
//! maxima and events too. It only reads.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crossbeam_channel::{Sender, TrySendError};

use super::csv_tail::breakers::view;
use super::csv_tail::clock::Clock;
use super::csv_tail::thread::PUBLISH;
use super::csv_tail::{Shared, State};
use super::{Trouble, empty_update};
use crate::acts::{Block, Event, Plate};
use crate::plant::signals::{SignalIdx, SignalTable};
use crate::worker::{Speed, Update};

/// Rows an update takes at most, so that a long recording shows progress.
const ROWS: usize = 4_000;

/// What a source says when it is opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Signals of its rows.
    pub table: Arc<SignalTable>,
    /// What stays the same.
    pub plate: Arc<Plate>,
    /// Ids that the table has.
    pub mapped: Vec<String>,
    /// Ids that it has not.
    pub unknown: Vec<String>,
}

/// The next rows and events, each rising in time.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// Rows as wide as the table.
    pub block: Block,
    /// Events.
    pub events: Vec<Event>,
}

/// Gives pieces, on the thread of the player.
pub trait Source: Send + 'static {
    /// Opens it.
    ///
    /// # Errors
    /// If there is nothing to play.
    fn begin(&mut self) -> Result<Opened, Trouble>;
    /// The next piece; none at the end.
    ///
    /// # Errors
    /// If it cannot go on.
    fn next(&mut self) -> Result<Option<Piece>, Trouble>;
}

pub(super) struct Player {
    pub(super) shared: Arc<Shared>,
    pub(super) source: Box<dyn Source>,
    pub(super) out: Sender<Update>,
    pub(super) wake: Arc<dyn Fn() + Send + Sync>,
}

/// A piece that is played, up to row `row` and event `event`.
#[derive(Default)]
struct Ahead {
    piece: Piece,
    row: usize,
    event: usize,
}

impl Ahead {
    /// Time of what comes next; none when the piece is done.
    fn next_s(&self) -> Option<f64> {
        let row = self.piece.block.t_s.get(self.row).copied();
        let event = self.piece.events.get(self.event).map(|e| e.t_s);
        match (row, event) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Moves what is due until `until_s` to an update.
    fn give(&mut self, until_s: f64, p: &mut Update) {
        let Piece { block, events } = &self.piece;
        while let Some(t) = block.t_s.get(self.row).filter(|t| **t <= until_s && p.block.rows() < ROWS) {
            let at = self.row * block.width..(self.row + 1) * block.width;
            p.t_s = *t;
            p.block.t_s.push(*t);
            p.block.min.extend_from_slice(&block.min[at.clone()]);
            p.block.max.extend_from_slice(&block.max[at.clone()]);
            p.block.last.extend_from_slice(&block.last[at.clone()]);
            p.latest.clear();
            p.latest.extend_from_slice(&block.last[at]);
            self.row += 1;
        }
        while let Some(e) = events.get(self.event).filter(|e| e.t_s <= until_s) {
            p.events.push(e.clone());
            self.event += 1;
        }
    }
}

impl Player {
    pub(super) fn run(mut self) {
        if let Err(trouble) = self.play() {
            self.shared.info().state = State::Failed(trouble);
            (self.wake)();
        }
    }

    fn play(&mut self) -> Result<(), Trouble> {
        let opened = self.source.begin()?;
        {
            let mut info = self.shared.info();
            info.missing = opened.table.len() - opened.mapped.len().min(opened.table.len());
            (info.mapped, info.unknown) = (opened.mapped.clone(), opened.unknown.clone());
            info.lent_limits = opened.table.signals().iter().any(|s| !s.limits.is_empty());
            info.period_s = crate::acts::BLOCK_ROW_S;
            info.state = State::Running;
        }
        let fresh = |latest: Vec<f64>, t_s: f64| {
            let empty = empty_update(0, Arc::clone(&opened.table), Arc::clone(&opened.plate));
            Update { latest, t_s, ..empty }
        };
        let mut pending = fresh(vec![f64::NAN; opened.table.len()], 0.0);
        let mut ahead = Ahead::default();
        let (mut ended, mut first) = (false, true);
        let mut clock = Clock::start(f64::NAN);
        let mut told = State::Opening;
        while !self.shared.stop.load(Ordering::Relaxed) {
            let running = self.shared.running.load(Ordering::Relaxed);
            let mut until_s = clock.at(running, self.shared.speed());
            if running {
                loop {
                    if ahead.next_s().is_none() && !ended {
                        match self.source.next()? {
                            Some(piece) => ahead = Ahead { piece, ..Ahead::default() },
                            None => ended = true,
                        }
                        if let (true, Some(t)) = (until_s == f64::NEG_INFINITY, ahead.next_s()) {
                            clock.restart(t);
                            until_s = t;
                        }
                    }
                    let before = pending.block.rows() + pending.events.len();
                    ahead.give(until_s, &mut pending);
                    let moved = pending.block.rows() + pending.events.len() > before;
                    if !moved || pending.block.rows() >= ROWS || self.shared.stop.load(Ordering::Relaxed) {
                        break;
                    }
                }
            }
            let state = match (ended && ahead.next_s().is_none(), running) {
                (true, _) => State::Ended,
                (_, true) => State::Running,
                (_, false) => State::Frozen,
            };
            pending.running = state == State::Running;
            pending.speed = Speed::Times(self.shared.speed());
            pending.achieved_speed = if pending.running { self.shared.speed() } else { 0.0 };
            if first || pending.block.rows() > 0 || !pending.events.is_empty() || state != told {
                let row = &pending.latest;
                let has = |i: SignalIdx| row.get(i.at()).is_some_and(|v| v.is_finite());
                pending.view = view(&opened.table, &opened.plate, row, &has);
                let rows = pending.block.rows() as u64;
                let next = fresh(pending.latest.clone(), pending.t_s);
                match self.out.try_send(std::mem::replace(&mut pending, next)) {
                    Ok(()) => {
                        first = false;
                        told = state.clone();
                        let mut info = self.shared.info();
                        info.rows += rows;
                        info.state = state.clone();
                        drop(info);
                        (self.wake)();
                    }
                    Err(TrySendError::Full(back)) => pending = back,
                    Err(TrySendError::Disconnected(_)) => return Ok(()),
                }
            }
            // Frozen or at the end it waits for a nudge; a look now and then costs nothing.
            std::thread::park_timeout(if state == State::Running { PUBLISH } else { PUBLISH * 4 });
        }
        Ok(())
    }
}
