//! One figure a file.

mod browser;
mod connect;
mod echo;
mod interrupt;
mod launch;
mod memory;
mod throughput;

pub(crate) use browser::browser;
pub(crate) use connect::connect;
pub(crate) use echo::echo;
pub(crate) use interrupt::interrupt;
pub(crate) use launch::launch;
pub(crate) use memory::memory;
pub(crate) use throughput::throughput;
