//! Closed-loop and property tests of control on a toy plant.
