//! Read-only sources: recordings and growing files as rows, and the devices of a site as tags.
//!
//! ```text
//! csv_tail, player ─▶ rows for the console
//! map ─▶ link (a thread each) ─▶ wire ─▶ devices          link ─▶ readings ─▶ tags ─▶ row, qualities
//!          modbus · mqtt, sparkplug · prom · cgminer: bytes in, numbers out
//! intake (links or a recording) ─▶ site ─▶ hub ─▶ rows for the console
//!                                           └──▶ record: every reading on disk       rows ─▶ comtrade
//! ```
//!
//! A source has no way to act on a plant: nothing here takes a command. It speaks the twin's [`Update`], so that charts
//! and gauges cannot tell the difference; what it does not know (the schedule, limits, interlocks) is left neutral.
//!
//! # It cannot write
//!
//! What can be asked is spelled out by closed types, and this compiles:
//!
//! ```
//! use ballast::feed::{link::Links, modbus::{ReadReq, Table}, mqtt::Packet, wire::{Http, Modbus, Mqtt, Sent}};
//! fn ask(device: &mut Modbus, page: &Http, broker: &mut Mqtt, sent: &Sent, _: &Links) {
//!     let wait = std::time::Duration::from_secs(1);
//!     if let Some(request) = ReadReq::new(1, Table::Holding, 0, 2) {
//!         drop(device.read(&request, wait, sent));
//!     }
//!     drop((page.get(), broker.ping(wait), Packet::Ping.encode()));
//! }
//! ```
//!
//! There is no function code for a write, no request with other bytes, and no method that would send one:
//!
//! ```compile_fail,E0599
//! let _ = ballast::feed::modbus::Table::WriteSingleRegister;
//! ```
//! ```compile_fail,E0451
//! use ballast::feed::modbus::{ReadReq, Table};
//! let _ = ReadReq { unit: 1, table: Table::Holding, address: 0, quantity: 1 };
//! ```
//! ```compile_fail,E0599
//! fn write(device: &mut ballast::feed::wire::Modbus) { device.write(&[0, 6]); }
//! ```
//! ```compile_fail,E0616
//! fn write(device: &mut ballast::feed::wire::Modbus) { drop(&device.line); }
//! ```
//!
//! No MQTT packet that publishes, no verb of HTTP but GET, no report of a miner that changes it:
//!
//! ```compile_fail,E0599
//! let _ = ballast::feed::mqtt::Packet::Publish;
//! ```
//! ```compile_fail,E0624
//! fn publish(broker: &mut ballast::feed::wire::Mqtt, packet: &ballast::feed::mqtt::Packet) { broker.send(packet); }
//! ```
//! ```compile_fail,E0599
//! fn post(page: &ballast::feed::wire::Http) { page.post(); }
//! ```
//! ```compile_fail,E0599
//! let _ = ballast::feed::map::Ask::Restart;
//! ```
//!
//! And a live site has nowhere to put a command of the twin; what it takes are acts on alarms, which stay in the console:
//!
//! ```compile_fail,E0599
//! fn act(links: &ballast::feed::link::Links, to: ballast::worker::Command) { links.send(to); }
//! ```
//! ```compile_fail,E0599
//! fn act(site: &ballast::feed::hub::Hub, to: ballast::worker::Command) { site.send(to); }
//! ```
//! ```compile_fail,E0308
//! fn act(site: &ballast::feed::hub::Hub, to: ballast::acts::Operate) { drop(site.act(to)); }
//! ```

pub mod cgminer;
pub mod columns;
pub mod comtrade;
pub mod comtrade_file;
pub mod csv_tail;
pub mod draft;
pub mod hub;
pub mod intake;
pub mod json;
pub mod link;
pub mod map;
pub mod mapping;
pub mod modbus;
pub mod mqtt;
pub mod number;
pub mod orders;
mod parts;
pub mod player;
pub mod prom;
pub mod record;
pub mod site;
pub mod sparkplug;
pub mod stamp;
pub mod table;
pub mod tags;
pub mod unit;
pub mod wire;

use std::sync::Arc;

use crate::acts::Plate;
use crate::control::Status;
use crate::plant::signals::SignalTable;
use crate::worker::{Speed, Update};

pub use columns::{Columns, Trouble};
pub use csv_tail::{Feed, Info, State, Way};
pub use hub::{Hub, SiteView};
pub use intake::Intake;
pub use player::{Opened, Piece, Source};

/// Table and plate of the scenario that the console has loaded; lends a recording of the same plant its limits.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Signal table.
    pub table: Arc<SignalTable>,
    /// Plate.
    pub plate: Arc<Plate>,
}

/// What a console tells a source that it reads. It stays in the program: none of it goes to a plant.
#[derive(Clone, Debug)]
pub enum Told {
    /// Something is done to an alarm of this console.
    Alarm(crate::alarm::Act),
    /// A line for the sequence of events.
    Note {
        /// What it is about.
        object: String,
        /// The line.
        text: String,
    },
}

/// Hears each update on the reading thread before the console does, as a journal does that is kept of a plant. Told
/// nothing, it says whether it has room for more; while it has none, reading waits.
pub type Ear = Box<dyn FnMut(Option<&Update>) -> bool + Send>;

/// An update without rows yet.
#[must_use]
pub fn empty_update(epoch: u32, table: Arc<SignalTable>, plate: Arc<Plate>) -> Update {
    let width = table.len();
    Update {
        epoch,
        block: crate::acts::Block { width, ..Default::default() },
        latest: vec![f64::NAN; width],
        table,
        plate,
        t_s: 0.0,
        status: Status::default(),
        view: crate::acts::PlantView::default(),
        events: Vec::new(),
        acked: 0,
        running: true,
        speed: Speed::Times(1.0),
        achieved_speed: 1.0,
        coalesced: 0,
        stalled: false,
        state_hash: 0,
        forecast: None,
        desk: None,
        rewound_s: None,
        quality: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_source_without_control_claims_nothing() {
        let s = crate::control::Status::default();
        assert!(s.limits.is_empty() && s.binding.is_none() && s.step_now_kw[0].is_nan());
    }
}
