//! What a host provides: object-safe traits, called on slow paths only.

pub mod pages;
