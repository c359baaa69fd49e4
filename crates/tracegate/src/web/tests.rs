//! The desk through its front door: a listening service, a browser without JavaScript.

mod browser;
mod casework;
mod damaged;
mod emergency;
mod evidence;
mod journey;
mod pages;
mod parts;
mod refusals;
mod site;
mod suspension;
mod templates;
