//! The sample data as a tool host.
