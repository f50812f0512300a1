//! Windows of rehearsals: each a console of its own on a twin that starts as the plant was, frozen. The window of the plant
//! goes on beside them; between the two nothing passes.

use egui::{Context, Ui, ViewportBuilder, ViewportClass, ViewportCommand, ViewportId};

use super::ConsoleApp;
use super::frame::source_name;
use crate::console::action::RehearseAct;
use crate::console::model::{Mode, Model};
use crate::console::outlook::Outlook;
use crate::console::rehearse;
use crate::console::session::Session;
use crate::console::views::live::LiveState;
use crate::console::views::operate;
use crate::scenario::Scenario;
use crate::shadow::rehearse::Rehearsal;
use crate::training::{Desk, DeskConfig};
use crate::worker;

/// Rehearsals that may be open at once: each is a twin with a window.
const MOST: usize = 4;

/// What is open beside a plant, and the forecast of the plant itself.
#[derive(Default)]
pub(super) struct Rehearsals {
    open: Vec<Open>,
    made: u32,
    pub(super) outlook: Outlook,
}

/// A rehearsal in its window.
struct Open {
    number: u32,
    of: String,
    /// Doubtful values that it started from.
    doubtful: usize,
    app: Box<ConsoleApp>,
    /// To be brought to the front.
    raise: bool,
    closed: bool,
}

/// One that is open, for the list.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenRehearsal {
    /// Its number.
    pub number: u32,
    /// Which plant and when.
    pub of: String,
    /// How it stands, in words.
    pub stands: String,
    /// Doubtful values that it started from.
    pub doubtful: usize,
}

impl Rehearsals {
    /// Those that are open, oldest first.
    pub(super) fn list(&self) -> Vec<OpenRehearsal> {
        let one = |o: &Open| OpenRehearsal {
            number: o.number,
            of: o.of.clone(),
            stands: o.app.model().map_or_else(|| "starting".to_owned(), stands),
            doubtful: o.doubtful,
        };
        self.open.iter().map(one).collect()
    }
}

fn stands(m: &Model) -> String {
    let at = crate::console::fmt::clock(m.t_s);
    let trips = if m.view.trips.is_empty() { "no trip".to_owned() } else { m.view.trips.join(", ") };
    format!("{} at +{at}, {trips}", if m.running { "runs" } else { "frozen" })
}

impl ConsoleApp {
    pub(super) fn rehearse(&mut self, ctx: &Context, act: RehearseAct) {
        match act {
            RehearseAct::FromNow => self.rehearse_from_now(ctx),
            RehearseAct::Suppose(suppose) => self.rehearsals.outlook.suppose = suppose,
            RehearseAct::Show(number) => self.of_rehearsal(number, |o| o.raise = true),
            RehearseAct::Close(number) => self.of_rehearsal(number, |o| o.closed = true),
        }
    }

    fn of_rehearsal(&mut self, number: u32, act: impl FnOnce(&mut Open)) {
        if let Some(open) = self.rehearsals.open.iter_mut().find(|o| o.number == number) {
            act(open);
        }
    }

    fn rehearse_from_now(&mut self, ctx: &Context) {
        let full = self.rehearsals.open.len() >= MOST;
        let found = if full { Err(format!("{MOST} are open: close one first")) } else { self.rehearsal() };
        match found {
            Ok((scenario, made)) => self.open_rehearsal(ctx, scenario, &made),
            Err(why) => self.complain(format!("not rehearsed: {why}")),
        }
    }

    /// The scenario of this moment.
    fn rehearsal(&mut self) -> Result<(Scenario, Rehearsal), String> {
        let fit = self.views.of::<LiveState>().is_some_and(|l| l.rehearse.fit);
        let model = self.rows.model.as_deref().ok_or("no row has come yet")?;
        let shadow = self.rows.shadow.as_ref();
        if let Some(why) = rehearse::why_not(model, shadow) {
            return Err(why);
        }
        let shadow = shadow.ok_or("there is no shadow")?;
        let source = source_name(&self.rows);
        let (base, made) = rehearse::from_now(model, shadow, &source, fit)?;
        let name = format!("R{}", self.rehearsals.made + 1);
        Ok((rehearse::read(&base, &name, &made)?, made))
    }

    fn open_rehearsal(&mut self, ctx: &Context, scenario: Scenario, made: &Rehearsal) {
        let tick_s = scenario.plant.tick_s;
        let desk = Desk::new(std::sync::Arc::new(scenario), DeskConfig::default());
        let twin = worker::spawn(desk, self.rows.wake.clone());
        let (settings, built_in) = (self.settings.clone(), self.files.built_in().to_vec());
        let loader = self.files.loader();
        let mut app = Self::bare(ctx, Session::Twin(twin), settings, built_in, loader).with_tick_s(tick_s);
        app.views.show(operate::ID);
        self.rehearsals.made += 1;
        let (number, doubtful) = (self.rehearsals.made, made.doubtful());
        let app = Box::new(app);
        self.note_rehearsal(number, made);
        self.rehearsals.open.push(Open { number, of: made.of.clone(), doubtful, app, raise: false, closed: false });
        self.say(format!("R{number}: rehearsal of {}, frozen", made.of));
    }

    /// A line in the plant's sequence of events, and so in its journal: who began a rehearsal, from what, and what was not
    /// measured.
    fn note_rehearsal(&mut self, number: u32, made: &Rehearsal) {
        let who = match self.settings.operator.trim() {
            "" => "an operator without a name",
            name => name,
        };
        let line = rehearse::note(who, number, made);
        let taken = self.rows.sources.session.live().is_none_or(|live| live.note("rehearsal".to_owned(), line));
        if !taken {
            self.complain("the rehearsal could not be noted in the sequence of events");
        }
    }

    /// The rehearsals that are open.
    #[must_use]
    pub fn rehearsals(&self) -> Vec<OpenRehearsal> {
        self.rehearsals.list()
    }

    /// What a rehearsal shows, by its place in the list.
    #[must_use]
    pub fn rehearsed(&self, i: usize) -> Option<&Model> {
        self.rehearsals.open.get(i).and_then(|o| o.app.model())
    }

    /// The forecast of a plant that is read: begun when it is due, shown with its rows.
    pub(super) fn look_ahead(&mut self) {
        if self.rows.mode() == Mode::Twin {
            return;
        }
        let news = self.rehearsals.outlook.poll();
        if self.rehearsals.outlook.is_due() {
            let made = self.rehearsal().map(|(scenario, _)| scenario);
            let t_s = self.rows.model.as_ref().map_or(0.0, |m| m.t_s);
            let wake = self.rows.wake.clone();
            self.rehearsals.outlook.begin(made, t_s, &wake);
        }
        let (outlook, Some(model)) = (&self.rehearsals.outlook, &mut self.rows.model) else { return };
        if news || model.forecast.is_some() != outlook.forecast().is_some() {
            model.forecast = outlook.forecast().cloned();
            model.supposed = Some(outlook.suppose);
        }
    }

    /// Shows the windows; what was closed ends with its twin.
    pub(super) fn show_rehearsals(&mut self, ctx: &Context) {
        for open in &mut self.rehearsals.open {
            let title = format!("ballast: TWIN R{}, rehearsal of {}", open.number, open.of);
            let builder = ViewportBuilder::default().with_title(title).with_inner_size([1440.0, 900.0]);
            let id = ViewportId::from_hash_of(("rehearsal", open.number));
            ctx.show_viewport_immediate(id, builder, |ui, class| {
                if std::mem::take(&mut open.raise) {
                    ui.ctx().send_viewport_cmd(ViewportCommand::Focus);
                }
                open.app.in_window(ui, class);
                open.closed |=
                    ui.ctx().input(|i| i.viewport().close_requested()) && class != ViewportClass::EmbeddedWindow;
            });
        }
        self.rehearsals.open.retain(|o| !o.closed);
    }

    /// A frame of a console in a window of its own. Where there are no second windows its twin runs, and only its state shows.
    fn in_window(&mut self, ui: &mut Ui, class: ViewportClass) {
        let ctx = ui.ctx().clone();
        self.look(&ctx);
        if class == ViewportClass::EmbeddedWindow {
            ui.label(self.model().map_or_else(|| "starting".to_owned(), stands));
        } else {
            self.compose(ui);
        }
    }
}
