//! Rendering: templates embedded in the program, every value escaped.

use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use serde::Serialize;

use super::{static_files, words};

/// Embeds templates by name.
macro_rules! embed {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $name)))),*]
    };
}

/// Every template, by name.
pub const TEMPLATES: &[(&str, &str)] = &embed![
    "base.html",
    "nhsuk.html",
    "nhsuk_fields.html",
    "parts.html",
    "forms.html",
    "error.html",
    "sign_in.html",
    "sign_in/done.html",
    "sign_in/unsent.html",
    "sign_in/account.html",
    "sign_in/enrolment.html",
    "sign_in/key.html",
    "sign_in/confirm.html",
    "people.html",
    "sessions.html",
    "public/start.html",
    "public/statistics.html",
    "public/challenge.html",
    "public/log.html",
    "public/evidence.html",
    "public/back_cast.html",
    "alone.html",
    "agreements/list.html",
    "agreements/show.html",
    "agreements/diff.html",
    "agreements/replay.html",
    "agreements/suspend.html",
    "agreements/suspend_check.html",
    "agreements/reopen.html",
    "requests/list.html",
    "requests/start.html",
    "requests/tasks.html",
    "requests/section.html",
    "requests/section_you.html",
    "requests/section_person.html",
    "requests/section_grounds.html",
    "requests/section_why.html",
    "requests/section_tried.html",
    "requests/section_data.html",
    "requests/section_urgency.html",
    "requests/check.html",
    "requests/signature.html",
    "requests/show.html",
    "requests/record.html",
    "cases/queue.html",
    "cases/case.html",
    "cases/facts.html",
    "cases/exchanges.html",
    "cases/reviewed.html",
    "cases/hands.html",
    "cases/print.html",
    "cases/letter.html",
    "cases/checks.html",
    "cases/candidates.html",
    "cases/protected.html",
    "decision/form.html",
    "decision/preview.html",
    "emergency.html",
    "second_review/own_view.html",
    "second_review/decide.html",
    "subject_access.html",
    "subject_entries.html",
    "yours/parts.html",
    "yours/home.html",
    "yours/log.html",
    "yours/details.html",
    "yours/choices.html",
    "yours/helpers.html",
    "corrections/list.html",
    "corrections/show.html",
    "cases/objection.html",
    "deferrals.html",
    "refusals.html",
    "oversight.html",
    "erasure/list.html",
    "erasure/check.html",
    "cases/deferral.html",
];

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // Whatever a template is called, what people typed is text and never markup.
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for &(name, source) in TEMPLATES {
        if let Err(error) = environment.add_template(name, source) {
            tracing::error!(%error, name, "a template is not readable");
        }
    }
    environment.add_filter("label", |code: &str| words::label(code));
    environment.add_filter("field", |code: &str| words::field(code));
    environment.add_filter("organization", |code: &str| words::organization(code));
    environment.add_filter("gateway", |code: &str| words::gateway_named(code));
    environment.add_filter("tone", |code: &str| words::tone(code));
    environment.add_filter("time", |at: &str| words::time(at));
    environment.add_filter("day", |at: &str| words::day(at));
    environment.add_filter("hour", |at: &str| words::hour(at));
    environment.add_filter("exact", |at: &str| words::exact(at));
    environment.add_global("script", static_files::SCRIPT_NAME.as_str());
    environment
}

/// The text of a page.
pub fn text(template: &str, context: Value) -> Result<String, minijinja::Error> {
    ENVIRONMENT.get_template(template)?.render(context)
}

/// The text of a few lines of template, which may import every other.
#[cfg(test)]
pub fn snippet(source: &str, context: Value) -> Result<String, minijinja::Error> {
    ENVIRONMENT.render_str(source, context)
}

/// The text of a page that stands alone in a file, with its styles inside it.
pub fn alone(template: &str, title: &str, content: Value) -> Result<String, minijinja::Error> {
    let styles = [static_files::NHSUK, static_files::DESK].concat();
    text(
        template,
        context! { frame => "alone.html", title, styles, ..content },
    )
}

/// A page with this status.
pub fn render(status: StatusCode, template: &str, context: Value) -> Response {
    match text(template, context) {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            // The message names the template and the line, never a value.
            tracing::error!(kind = ?error.kind(), template, line = error.line(), "a page failed");
            let message = "The page could not be shown. Nothing was changed.";
            (StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        }
    }
}

/// A value for a template.
pub fn value(of: impl Serialize) -> Value {
    Value::from(Serde(of))
}

/// `page` with `content` beside it.
pub fn with_page(page: Value, content: Value) -> Value {
    context! { page, ..content }
}
