//! Typesetting: a template and its values become one page of accessible PDF (PDF/UA-1, ISO 14289-1).

use anyhow::{Context, anyhow};
use typst::diag::{FileError, FileResult, SourceDiagnostic, Warned};
use typst::foundations::{Bytes, Datetime, Dict, Duration, Smart};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::fonts::Fonts;
use crate::proof;

/// One sheet to set.
struct Job<'a> {
    fonts: &'a Fonts,
    standard: LazyHash<Library>,
    source: Source,
}

impl World for Job<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.standard
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.source.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let known = id == self.source.id();
        known
            .then(|| self.source.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// The PDF of a template with its values, which no markup in them can change.
///
/// # Errors
/// A letter that no font has, text that does not fit on one page, or what PDF/UA-1 forbids.
pub fn pdf(fonts: &Fonts, template: &str, values: Dict) -> anyhow::Result<Vec<u8>> {
    let document = set(fonts, template, values)?;
    proof::read(&document)?;
    let standards =
        PdfStandards::new(&[PdfStandard::Ua_1]).map_err(|error| anyhow!("{}", error.message()))?;
    let options = PdfOptions {
        creator: Smart::Custom(Some("Tracegate".to_owned())),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options)
        .map_err(|errors| said(&errors))
        .context("this is no PDF/UA-1")
}

fn set(fonts: &Fonts, template: &str, values: Dict) -> anyhow::Result<PagedDocument> {
    let job = Job {
        fonts,
        standard: LazyHash::new(Library::builder().with_inputs(values).build()),
        source: Source::detached(template),
    };
    let Warned { output, .. } = typst::compile(&job);
    output.map_err(|errors| said(&errors))
}

fn said(errors: &[SourceDiagnostic]) -> anyhow::Error {
    let messages: Vec<&str> = errors.iter().map(|one| one.message.as_str()).collect();
    anyhow!("{}", messages.join("; "))
}
