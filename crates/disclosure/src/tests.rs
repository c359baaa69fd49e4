//! The crate's tests, one file for each thing tested.

mod agency;
mod agreement;
mod assignment;
mod audit;
mod code;
mod concern;
mod deferral;
mod emergency;
mod erasure;
mod field;
mod intake;
mod judgement;
mod life_cycle;
mod outward;
mod recall;
mod registration;
mod release;
mod requester;
mod review;
mod sample;
mod statistics;
mod visibility;
mod window;
mod wishes;
