//! Plans of a day: loads from wherever they are, the page and the table of a plan.
pub mod load;
pub mod page;
pub mod table;
