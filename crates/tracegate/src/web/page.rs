//! Rendering: templates embedded in the program, every value escaped.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value, context};
use serde::Serialize;
use sheets::messages;

use super::language::{self, ENGLISH, template};
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
    "agreements/interest.html",
    "agreements/interest_proposed.html",
    "agreements/interest_text.html",
    "agreements/narrow.html",
    "agreements/narrow_check.html",
    "agreements/suspend.html",
    "agreements/suspend_check.html",
    "agreements/reopen.html",
    "batches/list.html",
    "batches/show.html",
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
    "practice/start.html",
    "practice/register.html",
    "practice/registration.html",
    "practice/refuse.html",
    "practice/refusal.html",
    "practice/approaches.html",
    "practice/toolkit.html",
    "practice/certificate.html",
    "practice/sheet.html",
    "agreements/travel.html",
    "public/watch.html",
    "cases/deferral.html",
];

/// One for each language, by its code.
static ENVIRONMENTS: LazyLock<BTreeMap<&'static str, Environment<'static>>> = LazyLock::new(|| {
    let others = language::languages().iter();
    let others = others.map(|other| (other.code, environment(|phrase| other.say(phrase))));
    let english = (ENGLISH, environment(|_| None));
    others.chain([english]).collect()
});

/// The templates and their filters, with every phrase as `say` has it.
pub fn environment(
    say: impl Fn(&str) -> Option<String> + Copy + Send + Sync + 'static,
) -> Environment<'static> {
    let mut environment = Environment::new();
    // Whatever a template is called, what people typed is text and never markup.
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for &(name, source) in TEMPLATES {
        let source = template::said(source, &mut |phrase| say(phrase));
        if let Err(error) = environment.add_template_owned(name, source) {
            tracing::error!(%error, name, "a template is not readable");
        }
    }
    environment.add_function("t", translated);
    let said = move |words: String| say(&words).unwrap_or(words);
    let dated = move |words: String| {
        let words = words.split(' ').map(|word| said(word.to_owned()));
        words.collect::<Vec<_>>().join(" ")
    };
    environment.add_filter("said", move |words: Value| {
        // What was markup stays markup.
        let other = words
            .as_str()
            .and_then(say)
            .map(|other| match words.is_safe() {
                true => Value::from_safe_string(other),
                false => Value::from(other),
            });
        other.unwrap_or(words)
    });
    environment.add_filter("label", move |code: &str| said(words::label(code)));
    environment.add_filter("field", move |code: &str| said(words::field(code)));
    environment.add_filter("organization", |code: &str| words::organization(code));
    environment.add_filter("gateway", move |code: &str| {
        format!("{code}: {}", said(words::gateway(code).to_owned()))
    });
    environment.add_filter("tone", |code: &str| words::tone(code));
    environment.add_filter("time", move |at: &str| dated(words::time(at)));
    environment.add_filter("day", move |at: &str| dated(words::day(at)));
    environment.add_filter("hour", move |at: &str| dated(words::hour(at)));
    environment.add_filter("exact", move |at: &str| dated(words::exact(at)));
    environment.add_global("script", static_files::SCRIPT_NAME.as_str());
    environment
}

/// `t("ar", "letter.dear", name=name)`: a text of the catalogue. Values are escaped with it.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the template engine hands arguments over"
)]
fn translated(language: &str, key: &str, values: Kwargs) -> Result<String, minijinja::Error> {
    let mut given = Vec::new();
    for name in values.args() {
        given.push((name, values.get::<String>(name)?));
    }
    let given: Vec<(&str, &str)> = given
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    Ok(messages::say(language, key, &given))
}

/// The text of a page, in the language that `page.language` names.
pub fn text(template: &str, context: Value) -> Result<String, minijinja::Error> {
    environment_of(&context)?
        .get_template(template)?
        .render(context)
}

fn environment_of(context: &Value) -> Result<&'static Environment<'static>, minijinja::Error> {
    let language = context
        .get_attr("page")
        .and_then(|page| page.get_attr("language"));
    let language = language.ok();
    let language = language.as_ref().and_then(Value::as_str).unwrap_or(ENGLISH);
    ENVIRONMENTS.get(language).ok_or_else(|| {
        minijinja::Error::new(ErrorKind::TemplateNotFound, "no templates in this language")
    })
}

/// The text of a few lines of template, which may import every other.
#[cfg(test)]
pub fn snippet(source: &str, context: Value) -> Result<String, minijinja::Error> {
    environment_of(&context)?.render_str(source, context)
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
