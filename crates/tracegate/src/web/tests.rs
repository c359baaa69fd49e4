//! The desk through its front door: a listening service, a browser without JavaScript.

mod browser;
mod casework;
mod damaged;
mod door_samples;
mod emergency;
mod evidence;
mod fixtures;
mod interface;
mod journey;
mod matrix;
mod metrics;
mod one_answer;
mod oversight;
mod pages;
mod parts;
mod provider;
mod refusals;
mod sessions;
mod site;
mod statistics;
mod subject_access;
mod suspension;
mod templates;
mod told_samples;
mod visibility;
