//! Conformance suites: what the kit demands of a port, as tests a port can run.
//!
//! A suite is a function over a contract; a port calls it from a test of its own:
//!
//! ```
//! use kit_std::platform::pages::OsPages;
//!
//! kit_suite::pages::suite(&OsPages);
//! ```

pub mod pages;
