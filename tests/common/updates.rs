//! What the worker would send: the rows, events and state since the last one.
#![allow(dead_code)]

use std::sync::Arc;

use ballast::acts::Block;
use ballast::engine::run::Engine;
use ballast::feed::empty_update;
use ballast::training::Desk;
use ballast::worker::Update;

/// Of an engine without a desk.
pub fn of_engine(engine: &mut Engine) -> Update {
    let mut u = empty_update(0, Arc::clone(engine.table()), Arc::clone(engine.plate()));
    u.block = Block { width: engine.table().len(), ..Block::default() };
    engine.take_block(&mut u.block);
    engine.take_events(&mut u.events);
    state(&mut u, engine);
    u
}

/// Of a desk, with its view.
pub fn of_desk(desk: &mut Desk) -> Update {
    let mut u = empty_update(0, Arc::clone(desk.engine().table()), Arc::clone(desk.engine().plate()));
    u.block = Block { width: desk.engine().table().len(), ..Block::default() };
    desk.take_block(&mut u.block);
    desk.take_events(&mut u.events);
    state(&mut u, desk.engine());
    u.desk = desk.take_view();
    u
}

fn state(u: &mut Update, engine: &Engine) {
    engine.latest(&mut u.latest);
    u.t_s = engine.t_s();
    u.status = engine.status();
    u.view = engine.view();
}
