//! The desk through its front door: a listening service, a browser without JavaScript.

mod browser;
mod casework;
mod damaged;
mod emergency;
mod evidence;
mod journey;
mod oversight;
mod pages;
mod parts;
mod refusals;
mod site;
mod subject_access;
mod suspension;
mod templates;
mod told_samples;
