//! Read-only sources of rows.
